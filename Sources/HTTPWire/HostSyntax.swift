/// `uri-host [":" port]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2), not empty and without user information.
enum HostSyntax {
    /// `readable`: the end of the bytes that may be looked at, so that a short host can be searched as a block.
    @inline(__always)
    static func accepts(_ bytes: UnsafePointer<UInt8>, _ host: Slice, readable: Int) -> Bool {
        let end = host.start &+ host.count
        let stop = min(ByteScan.plainEnd(bytes, from: host.start, to: readable), end)
        if stop == end { return host.count > 0 }
        if bytes[stop] == Byte.colon, stop > host.start { return isPort(bytes, from: stop + 1, to: end) }
        return acceptsRare(bytes, host)
    }

    /// `*DIGIT`.
    @inline(__always)
    private static func isPort(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Bool {
        var index = start
        while index < end {
            guard ByteScan.isDigit(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    @inline(never)
    private static func acceptsRare(_ bytes: UnsafePointer<UInt8>, _ host: Slice) -> Bool {
        let end = host.start + host.count
        guard host.count > 0 else { return false }
        let nameEnd =
            bytes[host.start] == Byte.openBracket
            ? addressEnd(bytes, from: host.start + 1, to: end) : registeredNameEnd(bytes, from: host.start, to: end)
        guard let nameEnd, nameEnd > host.start else { return false }
        return nameEnd == end || (bytes[nameEnd] == Byte.colon && isPort(bytes, from: nameEnd + 1, to: end))
    }

    /// Past the bracket that closes an IPv6 address; nil when there is none or something else is in it. Which addresses are well formed is
    /// left to whoever compares them; only the alphabet matters for where the host ends.
    private static func addressEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end, bytes[index] != Byte.closeBracket {
            guard ByteScan.hexadecimal(bytes[index]) != nil || bytes[index] == Byte.colon || bytes[index] == 0x2E else { return nil }
            index += 1
        }
        return index < end && index - start >= 2 ? index + 1 : nil
    }

    /// The end of `*( unreserved / pct-encoded / sub-delims )`; nil for a broken percent escape.
    private static func registeredNameEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end, bytes[index] != Byte.colon {
            let byte = bytes[index]
            if byte == Byte.percent {
                guard index + 2 < end, ByteScan.hexadecimal(bytes[index + 1]) != nil, ByteScan.hexadecimal(bytes[index + 2]) != nil
                else { return nil }
                index += 3
            } else {
                guard isNameByte(byte) else { return nil }
                index += 1
            }
        }
        return index
    }

    /// `unreserved / sub-delims` of RFC 3986 section 2.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="): true
        default: false
        }
    }
}
