import Gateway

/// A comparison without a server, for a terminal.
enum ComparisonText {
    /// A title, what was found as of a shadow, and notes on rows and labels that are left out.
    static func text(of report: ComparisonReport) -> String {
        let title = "\(report.route): \(report.model) (\(report.sha256.prefix(12))…) on \(rows(report.rows))"
        let found = report.comparison.map { ShadowText.text(of: $0, as: "candidate") } ?? ""
        return [title, found, notes(of: report)].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private static func notes(of report: ComparisonReport) -> String {
        var notes = ComparisonReport.Skip.allCases.compactMap { reason in
            report.skipped[reason.rawValue].map { "\(rows($0)) left out: \(words(of: reason))" }
        }
        if let first = report.firstSkipped { notes.append("the first of them, \(first)") }
        if report.unknownLabels > 0 {
            notes.append("\(rows(report.unknownLabels)) with a label that is no class: compared, and not scored")
        }
        return notes.map { "- \($0)" }.joined(separator: "\n")
    }

    private static func words(of reason: ComparisonReport.Skip) -> String {
        switch reason {
        case .misfit: "the route's contract refuses them"
        case .incomplete: "they were logged without private fields, or cut off"
        case .otherAnswer: "they were answered with other classes, or in another kind, than the new model's"
        }
    }

    private static func rows(_ count: Int) -> String { "\(Figure.count(UInt64(count))) \(count == 1 ? "row" : "rows")" }
}
