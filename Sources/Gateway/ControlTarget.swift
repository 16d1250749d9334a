import Primitives

/// The target of a control request, taken apart: RFC 3986 sections 2.1 and 3.3, and a query as HTML forms write it.
enum ControlTarget {
    /// The path's segments, decoded; none when one does not decode or the path does not begin with a slash.
    static func segments(of path: Substring) -> [String] {
        guard path.first == "/" else { return [] }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let decoded = parts.compactMap { decode($0, plusIsBlank: false) }
        return decoded.count == parts.count ? decoded : []
    }

    /// The parameters of a query, in order; nil when one does not decode.
    static func parameters(of query: Substring) -> [ControlRequest.Parameter]? {
        var parameters: [ControlRequest.Parameter] = []
        for part in query.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(sides[0], plusIsBlank: true), let value = decode(sides.count > 1 ? sides[1] : "", plusIsBlank: true)
            else { return nil }
            parameters.append((name, value))
        }
        return parameters
    }

    /// The text behind percent-encoding; nil for an escape that is none, and for bytes that are not UTF-8.
    private static func decode(_ text: Substring, plusIsBlank: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let high = digit(rest.removeFirst()), let low = digit(rest.removeFirst()) else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
