import Gateway

/// A route's report for a terminal: a column for each variant, in groups that fit a line.
struct ReportText {
    /// Columns of a line at most; see ``SideBySide/lineWidth``.
    static let lineWidth = SideBySide.lineWidth
    /// Revisions listed, from the newest.
    private static let revisionsAtMost = 8

    /// The whole text.
    static func text(of report: RouteReport) -> String {
        let tables = SideBySide.tables(of: report.variants, name: \.name) { rows(of: $0) } + report.shadows.map { ShadowText.text(of: $0) }
        return ([title(of: report)] + tables + [ServingText.text(of: report.serving), history(of: report), notes(of: report)])
            .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private static func title(of report: RouteReport) -> String {
        let revision = report.revision
        var lines = [
            "\(report.route): revision \(revision.number) by \(revision.author), \(revision.at): \(revision.reason)",
            "\(Figure.count(report.exposures)) exposures as of \(report.asOf)"
                + (report.outcomesAsOf.map { ", outcomes as of \($0)" } ?? ""),
        ]
        let refused = report.refusedBeforeAssignment.sorted { $0.key < $1.key }.map { "\(Figure.count($0.value)) with \($0.key)" }
        if !refused.isEmpty { lines.append("Answered before a variant was assigned: \(refused.joined(separator: ", "))") }
        lines += report.faults.map { fault in
            let time = fault.delayMilliseconds.map { " \($0) ms" } ?? ""
            return "Fault on \(fault.variant) until \(fault.ends), by \(fault.author): \(fault.kind)\(time) for \(SplitText.number(fault.percent)) % of units: \(fault.reason)"
        }
        lines += report.held.map { "Held since \($0.since): \($0.variant), signal \($0.signal): \($0.verdict)" }
        return lines.joined(separator: "\n")
    }

    // MARK: - Variants

    private typealias Row = SideBySide.Row

    private static func rows(of variants: [VariantFigures]) -> [Row] {
        func row(_ label: String, isHead: Bool = false, _ cell: (VariantFigures) -> String) -> Row {
            Row(label: label, cells: variants.map(cell), isHead: isHead)
        }
        var rows = [
            row("split", isHead: true) { SplitText.percent($0.share) },
            row("weight") { SplitText.number($0.weight) },
            row("exposures", isHead: true) { Figure.count($0.exposures) },
            row("expected") { Figure.decimal($0.expectedExposures, places: 1) },
            row("share") { $0.observedShare.map(SplitText.percent) ?? "-" },
            row("expected share") { $0.expectedShare.map(SplitText.percent) ?? "-" },
            row("rows") { Figure.count($0.rows) },
        ]
        rows += classes.filter { name, value in name == "ok" || variants.contains { value($0.classes) > 0 } }.map { name, value in
            row(name) { "\(Figure.count(value($0.classes)))" }
        }
        let reasons = Set(variants.flatMap(\.served.keys)).sorted()
        rows.append(Row(label: "answered", cells: [], isHead: true))
        rows += (reasons.isEmpty ? ["assigned"] : reasons).map { reason in row(reason) { Figure.count($0.served[reason] ?? 0) } }
        rows.append(row("served share") { $0.servedShare.map(SplitText.percent) ?? "-" })
        if variants.contains(where: { $0.overrides > 0 }) { rows.append(row("override") { Figure.count($0.overrides) }) }
        rows.append(Row(label: "latency in ms", cells: [], isHead: true))
        rows += timing("", variants, \.latency) + timing("queue ", variants, \.queue) + timing("model ", variants, \.model)
        return rows + outcomes(of: variants) + events(of: variants)
    }

    private static let classes: [(String, @Sendable (VariantFigures.Classes) -> UInt64)] = [
        ("ok", { $0.ok }), ("caller's fault", { $0.callerFault }), ("model failure", { $0.modelFailure }), ("timeout", { $0.timeout }),
        ("refused", { $0.refused }), ("cancelled", { $0.cancelled }),
    ]

    /// All of the whole time; of its parts the median and the tail.
    private static func timing(_ label: String, _ variants: [VariantFigures], _ timing: (VariantFigures) -> VariantFigures.Timing) -> [Row] {
        func row(_ name: String, _ value: (VariantFigures.Timing) -> Double?) -> Row {
            Row(label: label + name, cells: variants.map { value(timing($0)).map(Figure.milliseconds) ?? "-" }, isHead: false)
        }
        let all = [row("mean", \.mean), row("p50", \.p50), row("p90", \.p90), row("p95", \.p95), row("p99", \.p99)]
        return label.isEmpty ? all : [all[1], all[4]]
    }

    private static func events(of variants: [VariantFigures]) -> [Row] {
        let kinds = Set(variants.flatMap { $0.events.filter { $0.key != "exposure" && $0.value.count > 0 }.keys }).sorted()
        guard !kinds.isEmpty else { return [] }
        return [Row(label: "events", cells: [], isHead: true)]
            + kinds.map { kind in
                Row(
                    label: kind.replacing("_", with: " "), cells: variants.map { Figure.count($0.events[kind]?.count ?? 0) }, isHead: false)
            }
    }

    // MARK: - Outcomes

    private static func outcomes(of variants: [VariantFigures]) -> [Row] {
        (variants.first?.outcomes.indices ?? 0..<0).flatMap { outcome(variants.map(\.outcomes), at: $0) }
    }

    /// The rows of one outcome; every variant has it at the same place.
    private static func outcome(_ outcomes: [[OutcomeFigures]], at place: Int) -> [Row] {
        let figures = outcomes.map { $0[place] }
        let first = figures[0]
        func row(_ label: String, isHead: Bool = false, _ cell: (OutcomeFigures) -> String) -> Row {
            Row(label: label, cells: figures.map(cell), isHead: isHead)
        }
        var rows = [
            Row(label: "\(first.name): \(description(of: first))", cells: [], isHead: true),
            row(first.kind == "label" ? "accuracy" : first.kind) { $0.mean.map { value($0, first.kind) } ?? "-" },
        ]
        if first.cap != nil, figures.contains(where: { $0.rawMean != $0.mean }) {
            rows.append(row("without the cap") { $0.rawMean.map { value($0, first.kind) } ?? "-" })
        }
        rows.append(row("n") { Figure.count($0.n) })
        rows.append(first.absence == "zero" ? row("outcomes") { Figure.count($0.outcomes) } : row("matured exposures") { Figure.count($0.maturedExposures) })
        for (label, score) in [("log loss", \OutcomeFigures.logLoss), ("Brier score", \.brier)] where figures.contains(where: { $0[keyPath: score] != nil }) {
            rows.append(row("\(label) (n)") { $0[keyPath: score].map { "\(Figure.significant($0.mean)) (\(Figure.count($0.n)))" } ?? "-" })
        }
        let rest: [(String, (OutcomeFigures) -> UInt64)] = [
            ("maturing", { $0.maturing }), ("late", { $0.late }), ("uncounted", { $0.uncounted }), ("of overrides", { $0.overridden }),
        ]
        return rows + rest.filter { _, value in figures.contains { value($0) > 0 } }.map { label, value in row(label) { Figure.count(value($0)) } }
    }

    /// `higher is better, within 7 d, none counts as 0`
    private static func description(of figures: OutcomeFigures) -> String {
        var parts = ["\(figures.better) is better", "within \(Figure.duration(seconds: figures.windowSeconds))"]
        if let cap = figures.cap { parts.append("capped at \(SplitText.number(cap))") }
        if figures.absence == "zero" { parts.append("none counts as 0") }
        return parts.joined(separator: ", ")
    }

    private static func value(_ mean: Double, _ kind: String) -> String {
        kind == "mean" ? Figure.significant(mean) : SplitText.percent(mean)
    }

    // MARK: - Revisions and notes

    private static func history(of report: RouteReport) -> String {
        guard report.revisions.count > 1 else { return "" }
        let shown = report.revisions.prefix(revisionsAtMost)
        let rows = shown.map { revision in
            let parts = revision.variants.map { part in
                "\(part.name) \(Figure.count(part.exposures)) = \(part.observedShare.map(SplitText.percent) ?? "-") of \(SplitText.percent(part.share))"
            }
            return ["\(revision.number)", revision.at, revision.author, Figure.count(revision.exposures), parts.joined(separator: ", ")]
        }
        let rest = report.revisions.count - shown.count
        return TextTable.text(header: ["revision", "when", "who", "exposures", "observed of the share"], rows: rows)
            + (rest > 0 ? "\nand \(rest) older with exposures; --json has all" : "")
    }

    private static func notes(of report: RouteReport) -> String {
        report.notes.map { "- \($0)" }.joined(separator: "\n")
    }
}
