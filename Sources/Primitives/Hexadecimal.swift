/// Bytes as pairs of hexadecimal digits, high half first.
public enum Hexadecimal {
    /// Writes `bytes` as lower-case digits to the front of `text`, which has room for twice as many bytes.
    public static func encode(_ bytes: RawSpan, into text: inout MutableSpan<UInt8>) {
        precondition(text.count >= 2 * bytes.byteCount, "the text has no room for two digits a byte")
        for offset in 0..<bytes.byteCount {
            let byte = bytes.byte(at: offset)
            text[2 * offset] = digit(byte >> 4)
            text[2 * offset + 1] = digit(byte & 15)
        }
    }

    /// `bytes` as a string of lower-case digits. For messages and files, not for requests.
    public static func text(of bytes: RawSpan) -> String {
        var digits = [UInt8](repeating: 0, count: 2 * bytes.byteCount)
        var span = digits.mutableSpan
        encode(bytes, into: &span)
        return String(decoding: digits, as: UTF8.self)
    }

    /// Writes the bytes that `text` names to the front of `bytes`, which has room for half as many. Takes digits of both cases.
    ///
    /// - Returns: false for an odd number of digits or any other character; the bytes are then partly written.
    public static func decode(_ text: RawSpan, into bytes: inout MutableSpan<UInt8>) -> Bool {
        guard text.byteCount % 2 == 0 else { return false }
        precondition(bytes.count >= text.byteCount / 2, "the bytes have no room for the text")
        for offset in 0..<text.byteCount / 2 {
            guard let high = value(of: text.byte(at: 2 * offset)), let low = value(of: text.byte(at: 2 * offset + 1)) else { return false }
            bytes[offset] = high << 4 | low
        }
        return true
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
