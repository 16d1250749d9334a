import Primitives

/// Reading a `Cookie` header (RFC 6265 section 4.2.1) without making a dictionary of it.
package enum Cookie {
    /// The bytes of the first cookie with this name.
    ///
    /// Pairs are what stands between semicolons; spaces and tabs around names and values do not count, and one pair of quotes around a
    /// value is taken off. A piece without `=` is no cookie. Names are compared byte by byte. Allocates nothing.
    ///
    /// - Parameter name: at least one byte.
    /// - Parameter header: the value of one `Cookie` field. HTTP/2 may send several: ask each in turn.
    /// - Returns: the place of the value in `header`, empty for an empty value; nil when no cookie has the name.
    package static func value(named name: RawSpan, in header: RawSpan) -> Range<Int>? {
        var start = 0
        while start < header.byteCount {
            let end = find(semicolon, in: header, start..<header.byteCount)
            let equals = find(equalsSign, in: header, start..<end)
            let key = trimmed(start..<equals, of: header)
            if equals < end && header.extracting(key).hasSameBytes(as: name) {
                return unquoted(trimmed(equals + 1..<end, of: header), of: header)
            }
            start = end + 1
        }
        return nil
    }

    private static let semicolon = UInt8(ascii: ";")
    private static let equalsSign = UInt8(ascii: "=")
    private static let quote = UInt8(ascii: "\"")

    /// The first place of a byte in the range; the range's end when it is not there.
    private static func find(_ byte: UInt8, in header: RawSpan, _ range: Range<Int>) -> Int {
        for offset in range where header.byte(at: offset) == byte { return offset }
        return range.upperBound
    }

    private static func trimmed(_ range: Range<Int>, of header: RawSpan) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end && isSpace(header.byte(at: start)) { start += 1 }
        while start < end && isSpace(header.byte(at: end - 1)) { end -= 1 }
        return start..<end
    }

    private static func unquoted(_ range: Range<Int>, of header: RawSpan) -> Range<Int> {
        guard range.count >= 2 else { return range }
        let (first, last) = (range.lowerBound, range.upperBound - 1)
        return header.byte(at: first) == quote && header.byte(at: last) == quote ? first + 1..<last : range
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
