private import Glibc

extension ReplayReport {
    /// The report for a person: a line of totals, a table of variants, the errors if there are any, and what became of outcomes. Ends with a line feed.
    package func table() -> String {
        let rate = seconds > 0 ? Double(requests) / seconds : 0
        var text = "\(requests) requests in \(decimal(seconds, 2)) s (\(decimal(rate, 0))/s) over \(version)"
        text += ", \(connections) connection\(connections == 1 ? "" : "s"), \(errors) error\(errors == 1 ? "" : "s")\n\n"
        text += aligned(
            [["variant", "requests", "share", "accuracy", "p50", "p90", "p99", "longest", "errors"]] + variants.map(cells),
            textColumns: 1)
        if !failures.isEmpty {
            let lines = failures.map { [$0.status.map(String.init) ?? "-", $0.variant ?? "-", "\($0.count)", $0.example] }
            text += "\n" + aligned([["status", "variant", "count", "first answer"]] + lines, textColumns: 2, lastIsText: true)
        }
        return text + (outcomes.map(table) ?? "")
    }

    private func table(_ outcomes: Outcomes) -> String {
        if outcomes.answers.isEmpty && outcomes.failures.isEmpty { return "\nno answer that an outcome could be about\n" }
        var text = ""
        if !outcomes.answers.isEmpty {
            let lines = outcomes.answers.map { [$0.name, $0.answer, "\($0.count)"] }
            text += "\n" + aligned([["outcome", "answer", "count"]] + lines, textColumns: 2)
        }
        if !outcomes.failures.isEmpty {
            let lines = outcomes.failures.map { [$0.status.map(String.init) ?? "-", "\($0.count)", $0.example] }
            text += "\n" + aligned([["status", "outcomes not taken", "first answer"]] + lines, textColumns: 1, lastIsText: true)
        }
        return text
    }

    private func cells(_ variant: Variant) -> [String] {
        let latency = variant.latency
        return [
            variant.name ?? "(none)",
            "\(variant.requests)",
            variant.share.map { decimal($0 * 100, 2) + " %" } ?? "-",
            variant.accuracy.map { decimal($0, 4) } ?? "-",
            duration(latency?.p50), duration(latency?.p90), duration(latency?.p99), duration(latency?.longest),
            "\(variant.errors)",
        ]
    }
}

/// Microseconds as a person reads them: three to four digits and a unit.
func duration(_ microseconds: Int?) -> String {
    guard let microseconds else { return "-" }
    return switch microseconds {
    case ..<10_000: "\(microseconds) us"
    case ..<10_000_000: decimal(Double(microseconds) / 1e3, 1) + " ms"
    default: decimal(Double(microseconds) / 1e6, 1) + " s"
    }
}

/// `value` with `places` digits behind the point, rounded to nearest, away from zero on ties.
func decimal(_ value: Double, _ places: Int) -> String {
    let scaled = (value * pow(10, Double(places))).rounded()
    guard scaled.magnitude < 1e18 else { return "\(value)" }
    let digits = String(Int(scaled.magnitude))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// Rows of cells under each other: the first `textColumns` (and the last, if it is text) flush left, numbers flush right.
private func aligned(_ rows: [[String]], textColumns: Int, lastIsText: Bool = false) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let cells = zip(row, widths).enumerated().map { column, pair in
            let space = String(repeating: " ", count: pair.1 - pair.0.count)
            if lastIsText && column == row.count - 1 { return pair.0 }
            return column < textColumns ? pair.0 + space : space + pair.0
        }
        return cells.joined(separator: "  ") + "\n"
    }.joined()
}
