/// The text of a JSON string with its quotes: escapes resolved (RFC 8259 section 7), unknown ones kept as they are.
func plainText(_ quoted: ArraySlice<UInt8>) -> String {
    let inner = quoted.dropFirst().dropLast()
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    // In UTF-16, so that the two halves of a surrogate pair find each other by themselves.
    var units: [UInt16] = []
    var rest = Substring(String(decoding: inner, as: UTF8.self)).utf16
    while let unit = rest.popFirst() {
        guard unit == 0x5c, let escaped = rest.popFirst() else {
            units.append(unit)
            continue
        }
        switch Unicode.Scalar(escaped) {
        case "b": units.append(0x08)
        case "f": units.append(0x0c)
        case "n": units.append(0x0a)
        case "r": units.append(0x0d)
        case "t": units.append(0x09)
        case "u":
            let digits = String(decoding: rest.prefix(4), as: UTF16.self)
            rest = rest.dropFirst(4)
            units.append(UInt16(digits, radix: 16) ?? 0xfffd)
        default: units.append(escaped)
        }
    }
    return String(decoding: units, as: UTF16.self)
}

/// `text` as a JSON string, with its quotes.
func quotedText(_ text: some StringProtocol) -> [UInt8] {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
        case 0..<0x20: result += Array("\\u00".utf8) + [hexDigit(byte >> 4), hexDigit(byte & 15)]
        default: result.append(byte)
        }
    }
    result.append(UInt8(ascii: "\""))
    return result
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// Whether `text` is a number as JSON writes it (RFC 8259 section 6): no plus, no leading zero, digits around the point.
func isJSONNumber(_ text: String) -> Bool {
    text.wholeMatch(of: #/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/#) != nil
}
