/// The fields the gateway reads; everything else is `other`.
@frozen
public enum FieldName: Int32, Sendable {
    case other = 0
    case method, path, authority, scheme
    case authorization, contentType, contentLength, contentEncoding, expect, cookie, traceparent
    case weirVariant, weirTimeout, host
    case ifMatch, accept, weirFault

    /// The name of `count` lower-case bytes: by length, then by bytes.
    @inlinable @inline(__always) public static func of(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> FieldName {
        switch count {
        case 4: ByteScan.spells(bytes, "host") ? .host : .other
        case 5: ByteScan.spells(bytes, ":path") ? .path : .other
        case 6: ofSix(bytes)
        case 7: ByteScan.spells(bytes, ":method") ? .method : ByteScan.spells(bytes, ":scheme") ? .scheme : .other
        case 8: ByteScan.spells(bytes, "if-match") ? .ifMatch : .other
        case 10: ByteScan.spells(bytes, ":authority") ? .authority : .other
        case 11: ByteScan.spells(bytes, "traceparent") ? .traceparent : .other
        case 12: ofTwelve(bytes)
        case 13: ByteScan.spells(bytes, "authorization") ? .authorization : .other
        case 14: ofFourteen(bytes)
        case 16: ByteScan.spells(bytes, "content-encoding") ? .contentEncoding : .other
        case 17: ofSeventeen(bytes)
        default: .other
        }
    }

    /// `content-length` and the field of ours that is as long.
    @inlinable @inline(__always)
    static func ofFourteen(_ bytes: UnsafePointer<UInt8>) -> FieldName {
        if ByteScan.spells(bytes, "content-length") { return .contentLength }
        return ByteScan.spells(bytes, "x-weir-variant") ? .weirVariant : .other
    }

    /// `content-type` and the field of ours that is as long.
    @inlinable @inline(__always)
    static func ofTwelve(_ bytes: UnsafePointer<UInt8>) -> FieldName {
        if ByteScan.spells(bytes, "content-type") { return .contentType }
        return ByteScan.spells(bytes, "x-weir-fault") ? .weirFault : .other
    }

    @inlinable @inline(__always)
    static func ofSix(_ bytes: UnsafePointer<UInt8>) -> FieldName {
        if ByteScan.spells(bytes, "cookie") { return .cookie }
        if ByteScan.spells(bytes, "accept") { return .accept }
        return ByteScan.spells(bytes, "expect") ? .expect : .other
    }

    /// A comparison covers 16 bytes at most: the first of these stands alone.
    @inlinable @inline(__always)
    static func ofSeventeen(_ bytes: UnsafePointer<UInt8>) -> FieldName {
        bytes[0] == 0x78 && ByteScan.spells(bytes + 1, "-weir-timeout-ms") ? .weirTimeout : .other
    }
}
