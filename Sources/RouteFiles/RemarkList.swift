import Yams

/// Reads values and collects what is wrong with them; every reader answers nil after a remark.
struct RemarkList {
    private(set) var remarks: [Remark] = []

    mutating func add(_ line: Int, _ key: String, _ message: String) {
        remarks.append(Remark(line: line, key: key, message: message))
    }

    mutating func add(_ entry: Entry, _ message: String) {
        add(entry.line, entry.key, message)
    }

    /// Text as written, with or without quotes.
    mutating func text(_ entry: Entry, _ expected: String = "text", atMost bytes: Int = Limits.textBytes) -> String? {
        guard let text = entry.text else {
            add(entry, "expected \(expected), found \(entry.found)")
            return nil
        }
        if text.isEmpty {
            add(entry, "is empty; expected \(expected)")
        } else if text.utf8.count > bytes {
            add(entry, "has \(text.utf8.count) bytes; at most \(bytes) are allowed")
        } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            add(entry, "contains a control character, such as a line break")
        } else {
            return text
        }
        return nil
    }

    /// A name of `[A-Za-z0-9._-]{1,64}`.
    mutating func isName(_ name: String, _ line: Int, _ key: String) -> Bool {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, (1...Limits.nameBytes).contains(name.utf8.count) else {
            let rule = "1 to \(Limits.nameBytes) of the characters A-Z a-z 0-9 . _ -"
            add(line, key, "`\(Spelling.shown(name))` is not a name; a name is \(rule)")
            return false
        }
        return true
    }

    /// A finite number without quotes.
    mutating func number(_ entry: Entry, whole: Bool = false) -> Double? {
        let expected = whole ? "a whole number" : "a number"
        guard let number = entry.number else {
            let hint = entry.isQuoted && Double(entry.text ?? "") != nil ? "; remove the quotes" : ""
            add(entry, "expected \(expected), found \(entry.found)\(hint)")
            return nil
        }
        guard !whole || number == number.rounded() && abs(number) <= Limits.exactInteger else {
            add(entry, "expected \(expected), found \(entry.found)")
            return nil
        }
        return number
    }

    /// A whole number within bounds.
    mutating func count(_ entry: Entry, in bounds: ClosedRange<Int>) -> Int? {
        guard let number = self.number(entry, whole: true) else { return nil }
        guard bounds.contains(Int(number)) else {
            add(entry, "is \(Spelling.shown(number)); allowed are \(bounds.lowerBound) to \(bounds.upperBound)")
            return nil
        }
        return Int(number)
    }

    /// `true` or `false` without quotes.
    mutating func flag(_ entry: Entry) -> Bool? {
        if entry.flag == nil { add(entry, "expected true or false, found \(entry.found)") }
        return entry.flag
    }

    /// One word of a closed set.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ entry: Entry) -> Choice? where Choice.RawValue == String {
        if let text = entry.text, let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        add(entry, "expected \(Spelling.choices(words)), found \(entry.found)\(Spelling.hint(for: entry.text ?? "", in: words))")
        return nil
    }

    /// The items of a list.
    mutating func list(_ entry: Entry, of expected: String, atMost limit: Int) -> [Entry]? {
        guard case .sequence(let items) = entry.node else {
            add(entry, "expected a list of \(expected), found \(entry.found)")
            return nil
        }
        guard items.count <= limit else {
            add(entry, "has \(items.count) items; at most \(limit) are allowed")
            return nil
        }
        return items.enumerated().map { index, node in
            Entry(key: "\(entry.key)[\(index)]", line: node.mark?.line ?? entry.line, node: node)
        }
    }

    /// A list of different texts.
    mutating func texts(_ entry: Entry, of expected: String, atMost limit: Int) -> [String]? {
        guard let items = list(entry, of: expected, atMost: limit) else { return nil }
        var seen: Set<String> = []
        let texts = items.compactMap { item -> String? in
            guard let text = self.text(item) else { return nil }
            guard seen.insert(text).inserted else {
                add(item, "`\(Spelling.shown(text))` stands in the list already")
                return nil
            }
            return text
        }
        if items.isEmpty { add(entry, "is an empty list; write at least one, or leave the key out") }
        return texts.count == items.count && !items.isEmpty ? texts : nil
    }
}
