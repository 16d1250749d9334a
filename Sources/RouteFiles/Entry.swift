import Yams

/// One value of the file, under the key that leads to it.
struct Entry {
    /// Dotted path of the key.
    let key: String
    /// Line of the key; for a list's item, of the item.
    let line: Int
    let node: Node

    /// Scalars in quotes are strings whatever they look like.
    var isQuoted: Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.style != .plain
    }

    /// The value as text, as it was written; nil for lists, mappings and nothing.
    var text: String? {
        guard case .scalar(let scalar) = node else { return nil }
        return !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string) ? nil : scalar.string
    }

    /// The value as a finite decimal number, if it is one without quotes.
    var number: Double? {
        guard !isQuoted, let text, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The value as `true` or `false`, if it is one without quotes. YAML 1.1's `yes` and `on` are refused: half of all readers take
    /// them for words.
    var flag: Bool? {
        isQuoted ? nil : text.flatMap(Bool.init)
    }

    /// What stands there, for "expected …, found …".
    var found: String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar:
            text.map { isQuoted ? "the string \"\(Spelling.shown($0))\"" : "`\(Spelling.shown($0))`" } ?? "nothing"
        }
    }
}
