import Ledgers

/// Faults for practice in words and tables.
enum FaultText {
    /// `delay 30 ms for 50 % of units`
    static func kind(of entry: FaultEntry) -> String {
        let time = entry.kind.milliseconds.map { " \($0) ms" } ?? ""
        return "\(entry.kind.name)\(time) for \(SplitText.number(entry.percent)) % of units"
    }

    /// `films: fault 3 on champion: abort for 50 % of units until 2026-11-22T17:50:12Z, by ana: drill`
    static func sentence(of entry: FaultEntry) -> String {
        "\(entry.route): fault \(entry.id) on \(entry.variant): \(kind(of: entry)) until \(entry.ends), by \(entry.author): \(entry.reason)"
    }

    static func table(of faults: [FaultEntry]) -> String {
        TextTable.text(
            header: ["id", "route", "variant", "fault", "until", "who", "why"],
            rows: faults.map { ["\($0.id)", $0.route, $0.variant, kind(of: $0), $0.ends.description, $0.author, $0.reason] })
    }
}
