/// Finds functions, initialisers and subscripts with bodies by matching braces, and counts their lines.
struct FunctionScanner {
    struct Function: Equatable {
        let name: String
        let line: Int
        let length: Int
    }

    private let lines: [[Character]]

    init(_ text: String) {
        lines = SwiftCode(text).lines.map(Array.init)
    }

    func functions() -> [Function] {
        lines.indices.compactMap { row in
            guard let match = String(lines[row]).firstMatch(of: declaration) else { return nil }
            let column = String(lines[row]).distance(from: String(lines[row]).startIndex, to: match.range.upperBound)
            guard let end = lastRow(row: row, column: column) else { return nil }
            return Function(name: String(match.2 ?? match.1), line: row + 1, length: end - row + 1)
        }
    }

    /// The row of the brace that closes the body of a declaration whose name ends at the place given; nil without a body.
    private func lastRow(row start: Int, column: Int) -> Int? {
        var brackets = 0
        var braces = 0
        for row in start..<lines.count {
            for character in lines[row].dropFirst(row == start ? column : 0) {
                switch character {
                case "(", "[": brackets += 1
                case ")", "]": brackets -= 1
                case "{" where brackets == 0: braces += 1
                case "}" where brackets == 0:
                    braces -= 1
                    if braces == 0 { return row }
                    if braces < 0 { return nil }
                default: break
                }
            }
            if braces == 0, brackets == 0, !continues(after: row) { return nil }
        }
        return nil
    }

    /// True if the head of a declaration goes on in the next row.
    private func continues(after row: Int) -> Bool {
        row + 1 < lines.count && String(lines[row + 1]).contains(continuation)
    }
}

nonisolated(unsafe) private let declaration = #/\b(func\s+([^\s(<]+|<)|init\b|deinit\b|subscript\b)(?=[\s(<?!{]|$)/#
nonisolated(unsafe) private let continuation = #/^\s*(?:\{|where\b|->|throws\b|rethrows\b|async\b)/#
