/// Finds what somebody may have meant.
enum Spelling {
    /// The known word nearest to `word`, when it is near enough to be meant: one slip for each three letters, at least one.
    static func nearest(to word: String, in known: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased())
        let allowed = max(1, letters.count / 3)
        return known.map { ($0, distance(letters, Array($0.lowercased()), atMost: allowed)) }
            .filter { $0.1 <= allowed }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// ` Did you mean …?` with the nearest known word, or nothing.
    static func hint(for word: String, in known: some Sequence<String>) -> String {
        nearest(to: word, in: known).map { "; did you mean `\($0)`?" } ?? ""
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other (Damerau-Levenshtein in its
    /// restricted form, optimal string alignment). Anything above the bound may be returned as bound + 1.
    static func distance(_ left: [Character], _ right: [Character], atMost bound: Int) -> Int {
        guard abs(left.count - right.count) <= bound else { return bound + 1 }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let differs = left[row] == right[column] ? 0 : 1
                var best = min(current[column] + 1, last[column + 1] + 1, last[column] + differs)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }

    /// Somebody's text as it may stand in a message: on one line, not endless.
    static func shown(_ text: String) -> String {
        let printable = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }
        return printable.count > 80 ? String(printable.prefix(77)) + "..." : String(printable)
    }

    /// A number as a person writes it: without the fraction when it is whole.
    static func shown(_ number: Double) -> String {
        abs(number) < 1e15 && number == number.rounded() ? "\(Int64(number))" : "\(number)"
    }

    /// Words as a list in a sentence: `a`, `b` or `c`.
    static func choices(_ words: [String], joined by: String = "or") -> String {
        let quoted = words.map { "`\($0)`" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " \(by) " + last
    }
}
