import Gateway

/// What one shadow answered beside the variants, for a terminal.
enum ShadowText {
    /// Classes of which the table of labels is shown at most; with more it is unreadable, and only in JSON.
    private static let classesAtMost = 8
    /// Rows that differ most, and are shown.
    private static let examplesAtMost = 2
    /// Characters of a class's name that are shown.
    private static let labelLength = 24

    /// A title, a column for all and for each primary, the differences of each output, and the table of labels. Lines fit
    /// ``SideBySide/lineWidth``.
    ///
    /// - Parameter kind: what to call it.
    static func text(of shadow: ShadowFigures, as kind: String = "shadow") -> String {
        let beside = SideBySide.tables(of: columns(of: shadow), name: \.name) { rows(of: $0) }
        return (["\(title(of: shadow, kind))\n" + beside.joined(separator: "\n\n")] + differences(shadow.all.outputs) + labels(shadow.all.confusion)
            + examples(shadow.examples))
            .joined(separator: "\n\n")
    }

    /// The first rows on which the two differ most.
    private static func examples(_ examples: [ExampleAnswer]) -> [String] {
        guard !examples.isEmpty else { return [] }
        let shown = examples.prefix(examplesAtMost).flatMap { $0.lines.map { "  " + $0 } }
        return [(["rows that differ most; --json and the control plane have more"] + shown).joined(separator: "\n")]
    }

    private static func title(of shadow: ShadowFigures, _ kind: String) -> String {
        let start = "\(kind) \(shadow.name), model \(shadow.model), beside "
        let names = shadow.primaries.map(\.name)
        let list = names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "") : names.joined()
        return start + (start.count + list.count > SideBySide.lineWidth ? "\(names.count) variants" : list)
    }

    // MARK: - Figures

    private struct Column {
        let name: String
        let figures: PairFigures
    }

    /// All is what there is of one.
    private static func columns(of shadow: ShadowFigures) -> [Column] {
        let primaries = shadow.primaries.map { Column(name: $0.name, figures: $0.figures) }
        return primaries.count == 1 ? primaries : [Column(name: "all", figures: shadow.all)] + primaries
    }

    private static func rows(of columns: [Column]) -> [SideBySide.Row] {
        copies(columns.map(\.figures)) + pairs(columns.map(\.figures)) + times(columns.map(\.figures)) + outcomes(columns.map(\.figures))
    }

    private static func row(_ label: String, _ columns: [PairFigures], _ cell: (PairFigures) -> String) -> SideBySide.Row {
        SideBySide.Row(label: label, cells: columns.map(cell), isHead: false)
    }

    private static func head(_ label: String) -> SideBySide.Row { SideBySide.Row(label: label, cells: [], isHead: true) }

    /// What became of the copies.
    private static func copies(_ columns: [PairFigures]) -> [SideBySide.Row] {
        var rows = [
            row("sampled", columns) { Figure.count($0.sampled) },
            row("compared", columns) { Figure.count($0.compared) },
        ]
        if columns.contains(where: { $0.underWay > 0 }) { rows.append(row("under way", columns) { Figure.count($0.underWay) }) }
        let reasons = Set(columns.flatMap(\.dropped.keys)).sorted()
        return rows + reasons.map { reason in row(reason, columns) { Figure.count($0.dropped[reason] ?? 0) } }
    }

    /// How far the answers are apart.
    private static func pairs(_ columns: [PairFigures]) -> [SideBySide.Row] {
        var rows = [head("compared with the primary's answer")]
        if columns.contains(where: { $0.agreement != nil }) {
            rows.append(row("same label", columns) { $0.agreement.map(SplitText.percent) ?? "-" })
        }
        rows.append(row("bit-equal", columns) { Figure.count($0.bitEqual) })
        rows.append(row("diverged", columns) { Figure.count($0.diverged) })
        rows.append(row("divergence", columns) { $0.divergence.map(SplitText.percent) ?? "-" })
        if columns.contains(where: { $0.nonFinite > 0 }) { rows.append(row("not finite", columns) { Figure.count($0.nonFinite) }) }
        rows.append(row("largest difference", columns) { largest($0, \.absolute) })
        rows.append(row("largest relative", columns) { largest($0, \.relative) })
        return rows
    }

    private static func largest(_ figures: PairFigures, _ kind: (OutputDifference) -> OutputDifference.Distribution) -> String {
        figures.outputs.compactMap { kind($0).largest }.max().map(Figure.difference) ?? "-"
    }

    private static func times(_ columns: [PairFigures]) -> [SideBySide.Row] {
        func beside(_ label: String, _ time: (VariantFigures.Timing) -> Double?) -> SideBySide.Row {
            row(label, columns) { figures in
                [figures.modelTime.primary, figures.modelTime.shadow].map { time($0).map(Figure.milliseconds) ?? "-" }.joined(
                    separator: " / ")
            }
        }
        return [head("model time of a row in ms, primary / shadow"), beside("p50", \.p50), beside("p99", \.p99)]
    }

    /// What label outcomes say; nothing where there are none.
    private static func outcomes(_ columns: [PairFigures]) -> [SideBySide.Row] {
        let counts: [(String, (PairFigures.Outcomes) -> UInt64)] = [
            ("both right", \.bothRight), ("only primary right", \.onlyPrimary), ("only shadow right", \.onlyShadow),
            ("both wrong", \.bothWrong),
            ("without a pair", \.withoutPair),
        ]
        guard columns.contains(where: { figures in counts.contains { $0.1(figures.outcomes) > 0 } }) else { return [] }
        let scores: [(String, (PairFigures.Outcomes) -> PairFigures.Score?)] = [("log loss", \.logLoss), ("Brier score", \.brier)]
        let accuracy = row("accuracy", columns) { figures in
            figures.outcomes.accuracy.map { "\(SplitText.percent($0.primary)) / \(SplitText.percent($0.shadow))" } ?? "-"
        }
        return [head("true labels; accuracy and scores are primary / shadow")]
            + counts.map { label, count in row(label, columns) { Figure.count(count($0.outcomes)) } }
            + (columns.contains { $0.outcomes.accuracy != nil } ? [accuracy] : [])
            + scores.filter { _, score in columns.contains { score($0.outcomes) != nil } }.map { label, score in
                row(label, columns) { figures in
                    score(figures.outcomes).map { "\(Figure.significant($0.primary)) / \(Figure.significant($0.shadow))" } ?? "-"
                }
            }
    }

    // MARK: - Outputs and labels

    private static func differences(_ outputs: [OutputDifference]) -> [String] {
        guard outputs.contains(where: { $0.absolute.largest != nil }) else { return [] }
        let columns: [(name: String, value: (OutputDifference.Distribution) -> Double?)] = [
            ("p50", \.p50), ("p90", \.p90), ("p99", \.p99), ("largest", \.largest),
        ]
        let tables = SideBySide.tables(of: columns, name: \.name) { columns in
            outputs.map { output in
                SideBySide.Row(
                    label: shortened(output.name), cells: columns.map { $0.value(output.absolute).map(Figure.difference) ?? "-" }, isHead: false)
            }
        }
        return ["difference of each output, of all\n" + tables.joined(separator: "\n\n")]
    }

    private static func labels(_ confusion: PairFigures.Confusion?) -> [String] {
        guard let confusion, confusion.labels.count <= classesAtMost else { return [] }
        let tables = SideBySide.tables(of: Array(confusion.labels.indices), columnWidth: 8, name: { shortened(confusion.labels[$0]) }) { places in
            zip(confusion.labels, confusion.counts).map { label, counts in
                SideBySide.Row(label: shortened(label), cells: places.map { Figure.count(counts[$0]) }, isHead: false)
            }
        }
        return ["labels of all: the primary's down, the shadow's across\n" + tables.joined(separator: "\n\n")]
    }

    private static func shortened(_ label: String) -> String {
        label.count > labelLength ? label.prefix(labelLength - 1) + "…" : label
    }
}
