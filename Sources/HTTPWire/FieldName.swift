/// The fields the gateway reads; everything else is `other`.
@frozen
public enum FieldName: Int32, Sendable {
    case other = 0
    case method, path, authority, scheme
    case authorization, contentType, contentLength, contentEncoding, expect, cookie, traceparent
    case weirVariant, weirTimeout, host

    /// The name of `count` lower-case bytes: by length, then by bytes.
    @inlinable @inline(__always) public static func of(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> FieldName {
        switch count {
        case 4: ByteScan.spells(bytes, "host") ? .host : .other
        case 5: ByteScan.spells(bytes, ":path") ? .path : .other
        case 6: ByteScan.spells(bytes, "cookie") ? .cookie : ByteScan.spells(bytes, "expect") ? .expect : .other
        case 7: ByteScan.spells(bytes, ":method") ? .method : ByteScan.spells(bytes, ":scheme") ? .scheme : .other
        case 10: ByteScan.spells(bytes, ":authority") ? .authority : .other
        case 11: ByteScan.spells(bytes, "traceparent") ? .traceparent : .other
        case 12: ByteScan.spells(bytes, "content-type") ? .contentType : .other
        case 13: ByteScan.spells(bytes, "authorization") ? .authorization : .other
        case 14: ofFourteen(bytes)
        case 16: ByteScan.spells(bytes, "content-encoding") ? .contentEncoding : .other
        default: .other
        }
    }

    /// `content-length` and the fields of ours that are as long.
    @inlinable @inline(__always)
    static func ofFourteen(_ bytes: UnsafePointer<UInt8>) -> FieldName {
        if ByteScan.spells(bytes, "content-length") { return .contentLength }
        if ByteScan.spells(bytes, "x-weir-variant") { return .weirVariant }
        return ByteScan.spells(bytes, "x-weir-timeout") ? .weirTimeout : .other
    }
}
