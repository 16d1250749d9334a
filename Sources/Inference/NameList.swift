/// A JSON array of strings and integers, as metadata hold names: `["oak", "pine"]` or `[0, 1]`. RFC 8259, this one shape only.
struct NameList {
    private var rest: Substring.UnicodeScalarView

    /// The names; nil when `text` is anything else.
    static func parse(_ text: String) -> [String]? {
        var list = NameList(rest: text[...].unicodeScalars)
        guard list.takes("["), let names = list.names() else { return nil }
        list.skipSpace()
        guard list.rest.isEmpty else { return nil }
        return names
    }

    /// The items up to the closing bracket.
    private mutating func names() -> [String]? {
        var names: [String] = []
        if takes("]") { return names }
        while let name = takes("\"") ? quoted() : integer() {
            names.append(name)
            if takes("]") { return names }
            guard takes(",") else { return nil }
        }
        return nil
    }

    private mutating func skipSpace() {
        while let first = rest.first, " \t\r\n".unicodeScalars.contains(first) { rest.removeFirst() }
    }

    private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func integer() -> String? {
        let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "-" }
        rest.removeFirst(digits.count)
        return Int64(String(digits)).map(String.init)
    }

    /// The text up to the closing quote, its escapes resolved.
    private mutating func quoted() -> String? {
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return String(text)
            case "\\":
                guard let resolved = escape() else { return nil }
                text.append(resolved)
            case ..<" ": return nil
            default: text.append(scalar)
            }
        }
        return nil
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
    ]

    private mutating func escape() -> Unicode.Scalar? {
        guard let kind = rest.popFirst() else { return nil }
        guard kind == "u" else { return Self.escapes[kind] }
        guard let unit = hexadecimalUnit() else { return nil }
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
        guard rest.popFirst() == "\\", rest.popFirst() == "u", let trail = hexadecimalUnit(), UTF16.isTrailSurrogate(trail) else {
            return nil
        }
        return Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00))
    }

    private mutating func hexadecimalUnit() -> UInt16? {
        let digits = String(rest.prefix(4))
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit) else { return nil }
        rest.removeFirst(4)
        return UInt16(digits, radix: 16)
    }
}
