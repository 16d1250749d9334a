/// Things side by side, for a terminal: a column for each, in groups that fit a line.
enum SideBySide {
    /// Columns of a line at most, so that a terminal of that width wraps nothing but sentences.
    static let lineWidth = 100
    /// Of a column of numbers at least.
    private static let columnWidth = 13

    /// One line of a table.
    struct Row {
        let label: String
        let cells: [String]
        /// Begins a group of rows.
        let isHead: Bool
    }

    /// A table for as many things as fit a line, then one for those that follow.
    ///
    /// - Parameters:
    ///   - columnWidth: of a column of numbers at least.
    ///   - rows: those of the things that stand beside each other.
    static func tables<Thing>(
        of things: [Thing], columnWidth: Int = columnWidth, name: (Thing) -> String, rows: ([Thing]) -> [Row]
    ) -> [String] {
        var groups: [[Thing]] = []
        for thing in things {
            if let last = groups.last, width(of: rows(last + [thing]), names: (last + [thing]).map(name), columnWidth) <= lineWidth {
                groups[groups.count - 1].append(thing)
            } else {
                groups.append([thing])
            }
        }
        return groups.map { table(of: rows($0), names: $0.map(name), columnWidth) }
    }

    private static func width(of rows: [Row], names: [String], _ columnWidth: Int) -> Int {
        columns(rows, names: names, columnWidth).reduce(0) { $0 + $1 + 2 } - 2
    }

    private static func table(of rows: [Row], names: [String], _ columnWidth: Int) -> String {
        let widths = columns(rows, names: names, columnWidth)
        var lines = [line("", names, widths)]
        for row in rows {
            if row.isHead { lines.append("") }
            lines.append(line(row.isHead ? row.label : "  " + row.label, row.cells, widths))
        }
        return lines.joined(separator: "\n")
    }

    /// Width of each column, that of the labels first.
    private static func columns(_ rows: [Row], names: [String], _ columnWidth: Int) -> [Int] {
        // A label without numbers beside it may be longer.
        let labels = rows.filter { !$0.cells.isEmpty }.map { $0.label.count + 2 }.max() ?? 0
        return [labels]
            + names.indices.map { index in
                max(columnWidth, names[index].count, rows.filter { $0.cells.count > index }.map { $0.cells[index].count }.max() ?? 0)
            }
    }

    /// A label at the left, numbers at the right of their columns, no blanks at the end.
    private static func line(_ label: String, _ cells: [String], _ widths: [Int]) -> String {
        var line = label + String(repeating: " ", count: max(0, widths[0] - label.count))
        for (cell, width) in zip(cells, widths.dropFirst()) where !cells.isEmpty {
            line += "  " + String(repeating: " ", count: max(0, width - cell.count)) + cell
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
