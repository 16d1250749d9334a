/// The fields the gateway reads; everything else is `other`.
@frozen
public enum FieldName: Int32, Sendable {
    case other = 0, method, path, authority, scheme, authorization, contentType, contentLength, contentEncoding, expect, cookie, traceparent
    case weirVariant, weirTimeout, host

    /// The name of `count` lower-case bytes: by length, then by bytes.
    @inlinable public static func of(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> FieldName {
        switch count {
        case 4: spells(bytes, "host") ? .host : .other
        case 5: spells(bytes, ":path") ? .path : .other
        case 6: spells(bytes, "cookie") ? .cookie : spells(bytes, "expect") ? .expect : .other
        case 7: spells(bytes, ":method") ? .method : spells(bytes, ":scheme") ? .scheme : .other
        case 10: spells(bytes, ":authority") ? .authority : .other
        case 11: spells(bytes, "traceparent") ? .traceparent : .other
        case 12: spells(bytes, "content-type") ? .contentType : .other
        case 13: spells(bytes, "authorization") ? .authorization : .other
        case 14:
            spells(bytes, "content-length")
                ? .contentLength : spells(bytes, "x-weir-variant") ? .weirVariant : spells(bytes, "x-weir-timeout") ? .weirTimeout : .other
        case 16: spells(bytes, "content-encoding") ? .contentEncoding : .other
        default: .other
        }
    }

    /// Whether the bytes are `text`, which is 4 to 16 bytes long, as many as the caller found. Two words that overlap in the middle
    /// cover any such length; the words of a literal are constants, so this is two loads and two comparisons.
    @inlinable @inline(__always)
    static func spells(_ bytes: UnsafePointer<UInt8>, _ text: StaticString) -> Bool {
        let left = UnsafeRawPointer(bytes)
        let right = UnsafeRawPointer(text.utf8Start)
        let count = text.utf8CodeUnitCount
        if count >= 8 {
            return left.loadUnaligned(as: UInt64.self) == right.loadUnaligned(as: UInt64.self)
                && left.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
                    == right.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        }
        return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
            && left.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
                == right.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
    }
}
