/// One member of an `Accept` field: what a client takes, and how gladly (RFC 9110, section 12.5.1).
struct MediaRange: Equatable {
    /// How closely a range describes a media type; the closest one counts.
    enum Specificity: Comparable {
        case anything, type, subtype, version
    }

    /// In lower case, like the subtype; `*` for any.
    let type: String
    let subtype: String
    /// The parameter `version`. Other parameters (`charset`, `escaping`) are passed over: what they ask for is what is sent anyway, or
    /// does not matter for names of ASCII letters.
    let version: String?
    /// Thousandths, 0 (not at all) to 1000.
    let quality: Int

    /// The members of a field. One that is malformed is left out.
    static func list(_ field: String) -> [MediaRange] {
        split(field[...], at: ",").compactMap { MediaRange($0) }
    }

    /// How closely this range describes a media type; nil when it does not take it.
    func specificity(_ type: String, _ subtype: String, version: String) -> Specificity? {
        if self.version != nil {
            return (self.type, self.subtype, self.version) == (type, subtype, version) ? .version : nil
        }
        if (self.type, self.subtype) == (type, subtype) { return .subtype }
        guard self.subtype == "*" else { return nil }
        return self.type == "*" ? .anything : self.type == type ? .type : nil
    }

    private init?(_ member: Substring) {
        let parts = Self.split(member, at: ";")
        let names = parts[0].lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty }), names[0] != "*" || names[1] == "*" else { return nil }
        var version: String?
        var quality = 1_000
        for parameter in parts.dropFirst() {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            let value = parameter[parameter.index(after: equals)...]
            switch parameter[..<equals].lowercased() {
            case "version": version = Self.unquoted(value)
            case "q":
                guard let thousandths = Self.thousandths(value) else { return nil }
                quality = thousandths
            default: break
            }
        }
        (type, subtype) = (String(names[0]), String(names[1]))
        self.version = version
        self.quality = quality
    }

    /// A weight, "0" to "1" with up to three decimals, in thousandths.
    private static func thousandths(_ text: Substring) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5 else { return nil }
        guard digits.count == 1 || digits[1] == UInt8(ascii: ".") else { return nil }
        var value = Int(first - UInt8(ascii: "0"))
        for place in 2..<5 {
            let digit = place < digits.count ? digits[place] : UInt8(ascii: "0")
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value <= 1_000 ? value : nil
    }

    /// The text inside a quoted string; any other text as it is.
    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        var result = ""
        var isEscaped = false
        for letter in text.dropFirst().dropLast() {
            isEscaped = letter == "\\" && !isEscaped
            if !isEscaped { result.append(letter) }
        }
        return result
    }

    /// The parts between separators that stand outside quoted strings, without the blanks around them. Never empty.
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var isQuoted = false
        var isEscaped = false
        let parts = text.split(omittingEmptySubsequences: false) { letter in
            if isQuoted {
                if !isEscaped, letter == "\"" { isQuoted = false }
                isEscaped = letter == "\\" && !isEscaped
                return false
            }
            isQuoted = letter == "\""
            return letter == separator
        }
        return parts.map(trimmed)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isBlank = { (letter: Character) in letter == " " || letter == "\t" }
        let start = text.drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return start.prefix(0) }
        return start[...last]
    }
}
