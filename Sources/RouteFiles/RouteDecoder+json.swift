import Yams

/// A YAML value as JSON text: constant answers are written in YAML, of which JSON is a part.
extension RouteDecoder {
    /// The JSON (RFC 8259) of a value; nil after a remark. Plain words are what JSON has for them, else strings; decimal numbers stay
    /// as they are written where JSON allows it.
    mutating func jsonText(_ entry: Entry) -> [UInt8]? {
        let before = remarks.remarks.count
        var text: [UInt8] = []
        writeJSON(entry, depth: 1, into: &text)
        return remarks.remarks.count == before ? text : nil
    }

    /// Writes one value. Past a bound it adds the only remark about it and writes nothing more.
    private mutating func writeJSON(_ entry: Entry, depth: Int, into text: inout [UInt8]) {
        guard text.count <= Limits.fallbackBytes else { return }
        guard depth <= Limits.fallbackDepth else {
            return remarks.add(entry, "is nested more than \(Limits.fallbackDepth) deep")
        }
        switch entry.node {
        case .mapping:
            writeObject(entry, depth: depth, into: &text)
        case .sequence:
            writeArray(entry, depth: depth, into: &text)
        case .scalar, .alias:
            writeScalar(entry, into: &text)
        }
        if depth == 1, text.count > Limits.fallbackBytes {
            remarks.add(entry, "has more than \(Limits.fallbackBytes) bytes as JSON")
        }
    }

    private mutating func writeObject(_ entry: Entry, depth: Int, into text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        for (index, member) in (entries(entry) ?? []).enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            Self.appendString(member.0, to: &text)
            text.append(UInt8(ascii: ":"))
            writeJSON(member.1, depth: depth + 1, into: &text)
        }
        text.append(UInt8(ascii: "}"))
    }

    private mutating func writeArray(_ entry: Entry, depth: Int, into text: inout [UInt8]) {
        text.append(UInt8(ascii: "["))
        for (index, item) in (remarks.list(entry, of: "values", atMost: Limits.fallbackBytes) ?? []).enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            writeJSON(item, depth: depth + 1, into: &text)
        }
        text.append(UInt8(ascii: "]"))
    }

    private mutating func writeScalar(_ entry: Entry, into text: inout [UInt8]) {
        guard let value = entry.text else { return text.append(contentsOf: "null".utf8) }
        if entry.isQuoted { return Self.appendString(value, to: &text) }
        if [".inf", "-.inf", "+.inf", ".nan"].contains(value.lowercased()) {
            return remarks.add(entry, "is \(value), which JSON cannot say")
        }
        if entry.flag != nil || Self.isJSONNumber(value) { return text.append(contentsOf: value.utf8) }
        if let number = entry.number { return text.append(contentsOf: Spelling.shown(number).utf8) }
        Self.appendString(value, to: &text)
    }

    /// Whether a text is a number by JSON's grammar (RFC 8259, section 6): no plus sign, no leading zero, digits on both sides of a
    /// point.
    static func isJSONNumber(_ text: String) -> Bool {
        (try? #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/#.asciiOnlyDigits().wholeMatch(in: text)) != nil
    }

    /// A string with the escapes that JSON demands (RFC 8259, section 7).
    private static func appendString(_ string: String, to text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: text += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
