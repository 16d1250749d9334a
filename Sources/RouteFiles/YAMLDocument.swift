import Yams

/// The parsed text of one file: its root, and the keys that stand twice.
///
/// Yams refuses a mapping with a doubled key at once, which would hide every other complaint. So each time the first occurrence gets a
/// mark before its name and the text is parsed again; marks add no line, so all lines stay true.
struct YAMLDocument {
    /// The root, if the file holds anything.
    private(set) var root: Node?
    /// What made the text unreadable; then there is no root.
    private(set) var remarks: [Remark] = []
    /// The keys that were marked, by number.
    private var doubled: [(name: String, line: Int)] = []

    /// A private-use character, which no key of ours contains.
    private static let mark: Unicode.Scalar = "\u{E000}"
    /// What libyaml takes for the end of a line; CR LF counts once.
    private static let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]

    init(_ text: String) {
        guard Self.aliases(in: text) <= Limits.aliases else {
            remarks = [Remark(line: 1, key: "", message: "more than \(Limits.aliases) aliases (`*name`); write the values out")]
            return
        }
        var text = text
        while true {
            do {
                // The encoding is named because the default looks at the environment.
                root = try Parser(yaml: text, encoding: .utf8).singleRoot()
                return
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                guard let name = names.first, doubled.count < Limits.doubledKeys, marked(&text, at: context.mark) else {
                    let message = "the key `\(Spelling.shown(names.first ?? ""))` stands more than once; keep one"
                    remarks = [Remark(line: context.mark.line, key: "", message: message)]
                    return
                }
                doubled.append((Self.name(name), context.mark.line))
            } catch {
                remarks = [Self.remark(on: error, in: text)]
                return
            }
        }
    }

    /// The doubled key that a marked key was, with the line of this occurrence; nil for any other key.
    func doubledKey(_ key: String) -> (name: String, line: Int)? {
        guard key.unicodeScalars.first == Self.mark else { return nil }
        let digits = key.unicodeScalars.dropFirst().prefix { $0 != Self.mark }
        guard let number = Int(String(String.UnicodeScalarView(digits))), doubled.indices.contains(number) else { return nil }
        return doubled[number]
    }

    /// Puts the next mark before the key at a position; false when the position is not in the text.
    private func marked(_ text: inout String, at position: Mark) -> Bool {
        var scalars = text.unicodeScalars
        var line = 1
        var index = scalars.startIndex
        while line < position.line, index < scalars.endIndex {
            let scalar = scalars[index]
            index = scalars.index(after: index)
            let isPair = scalar == "\r" && index < scalars.endIndex && scalars[index] == "\n"
            if Self.breaks.contains(scalar), !isPair { line += 1 }
        }
        guard let key = scalars.index(index, offsetBy: position.column - 1, limitedBy: scalars.endIndex), key < scalars.endIndex else {
            return false
        }
        scalars.insert(contentsOf: "\(Self.mark)\(doubled.count)\(Self.mark)".unicodeScalars, at: key)
        text = String(scalars)
        return true
    }

    /// A key's name without an earlier mark.
    private static func name(_ key: String) -> String {
        key.unicodeScalars.lastIndex(of: mark).map { String(key.unicodeScalars[key.unicodeScalars.index(after: $0)...]) } ?? key
    }

    /// How often `*name` may stand in the text, outside of lines of comment; counts too much (inside quotes), never too little.
    private static func aliases(in text: String) -> Int {
        var count = 0
        for line in text.unicodeScalars.split(whereSeparator: breaks.contains) where line.first(where: { $0 != " " }) != "#" {
            var last: Unicode.Scalar = " "
            var isStar = false
            for scalar in line {
                if isStar, scalar.value > 0x20 { count += 1 }
                isStar = scalar == "*" && (last.value <= 0x20 || !last.isASCII || ",:-?[{!".unicodeScalars.contains(last))
                last = scalar
            }
        }
        return count
    }

    private static func remark(on error: any Error, in text: String) -> Remark {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _):
            let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).dropFirst(mark.line - 1).first ?? ""
            let isTab = line.drop { $0 == " " }.first == "\t"
            let message = isTab ? "the line begins with a tab; YAML is indented by spaces" : "not valid YAML: \(problem)"
            return Remark(line: mark.line, key: "", message: message)
        case YamlError.parser(let context, let problem, let mark, _), YamlError.composer(let context, let problem, let mark, _):
            let detail = context.map { " (\($0.text) from line \($0.mark.line))" } ?? ""
            return Remark(line: mark.line, key: "", message: "not valid YAML: \(problem)\(detail)")
        case YamlError.reader(let problem, let offset, _, _):
            let line = text.prefix(offset ?? 0).count(where: \.isNewline) + 1
            return Remark(line: line, key: "", message: "not valid YAML: \(problem)")
        default:
            return Remark(line: 1, key: "", message: "not valid YAML: \(error)")
        }
    }
}
