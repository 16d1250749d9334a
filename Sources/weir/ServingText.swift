import Gateway

/// Where breakers stand, models run and how shadows are, for a terminal.
enum ServingText {
    /// Moves of breakers listed, the newest.
    private static let transitionsAtMost = 8

    /// Tables of breakers, of models, of shadows where there are some, and of the last moves of breakers if there were any; empty when no
    /// server runs.
    static func text(of serving: RouteServing?) -> String {
        guard let serving else { return "" }
        let (variants, shadows) = (serving.variants, serving.shadows ?? [])
        guard !variants.isEmpty || !shadows.isEmpty else { return "" }
        let parts = variants.isEmpty ? [] : [breakers(variants), models(variants)]
        let moves = transitions(variants.map { ($0.name, $0.breaker) } + shadows.map { ($0.name, $0.breaker) })
        return (["Serving as of \(serving.asOf)"] + parts + [self.shadows(shadows), moves]).filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private static func breakers(_ variants: [VariantServing]) -> String {
        TextTable.text(
            header: ["variant", "breaker", "since", "serves", "calls", "failed", "trips", "last trip"],
            rows: variants.map { variant in
                let breaker = variant.breaker
                return [
                    variant.name, state(of: breaker), breaker.since, SplitText.percent(breaker.share),
                    Figure.count(breaker.calls.values.reduce(0, +)), Figure.count(failures(of: breaker)),
                    Figure.count(breaker.trips + breaker.observedTrips), breaker.lastTrip?.replacing("_", with: " ") ?? "",
                ]
            })
            + variants.compactMap { variant in
                variant.breaker.nextProbe.map { "\n\(variant.name) may be probed from \($0) on" }
            }.joined()
    }

    /// The state, unless a trip would have no effect.
    private static func state(of breaker: BreakerAnswer) -> String {
        breaker.mode == "enforce" || breaker.state == "held" ? breaker.state : breaker.mode == "observe" ? "observes" : "off"
    }

    /// Calls that count as failures: slow ones do not.
    private static func failures(of breaker: BreakerAnswer) -> UInt64 {
        breaker.calls.filter { $0.key != "ok" && $0.key != "slow" }.values.reduce(0, +)
    }

    private static func models(_ variants: [VariantServing]) -> String {
        TextTable.text(
            header: ["variant", "runs", "as", "a row alone", "threads", "rows waiting", "ended calls"],
            rows: variants.map { variant in
                let model = variant.model
                return [
                    variant.name, model.runs, model.reason, model.rowMicroseconds.map { "\(Figure.milliseconds($0)) us" } ?? "-",
                    model.workers > 0 ? "\(model.workers)" : "-", model.workers > 0 ? "\(model.waitingRows)" : "-",
                    Figure.count(model.endedCalls),
                ]
            })
    }

    private static func shadows(_ shadows: [ShadowServing]) -> String {
        guard !shadows.isEmpty else { return "" }
        return TextTable.text(
            header: ["shadow", "process", "breaker", "waiting", "restarts"],
            rows: shadows.map { shadow in
                [
                    shadow.name, shadow.process + (shadow.pid.map { " (pid \($0))" } ?? ""), state(of: shadow.breaker), "\(shadow.waiting)",
                    Figure.count(shadow.restarts),
                ]
            })
    }

    /// The newest moves of all breakers, oldest first.
    private static func transitions(_ breakers: [(name: String, breaker: BreakerAnswer)]) -> String {
        let all = breakers.flatMap { name, breaker in breaker.transitions.map { (name, $0) } }.sorted { $0.1.at < $1.1.at }
        guard !all.isEmpty else { return "" }
        let shown = all.suffix(transitionsAtMost)
        let table = TextTable.text(
            header: ["moved at", "variant", "from", "to", "reason"],
            rows: shown.map { name, move in [move.at, name, move.from, move.to, move.reason.replacing("_", with: " ")] })
        return table + (all.count > shown.count ? "\nand \(all.count - shown.count) earlier; --json has the last 32 of each variant" : "")
    }
}
