/// What a reported outcome was answered. The raw value is that of the label `result`.
package enum OutcomeAnswer: String, CaseIterable, Sendable {
    case recorded, duplicate, replaced, late, forged
    case unknownName = "unknown-name"
    case badValue = "bad-value"
}

/// The answers for one outcome of one route.
package struct OutcomeTotals: Equatable, Sendable {
    /// Empty: no route that a plan declared.
    package let route: String
    /// Empty: no outcome that the route declared.
    package let outcome: String
    fileprivate var counts: [OutcomeAnswer: UInt64] = [:]

    /// How often that was the answer.
    package subscript(answer: OutcomeAnswer) -> UInt64 { counts[answer] ?? 0 }
}

/// How often reported outcomes were answered what, under names that a plan declared and under no others.
///
/// A report names its outcome itself, so its names are a stranger's: whatever was not declared counts under an empty label. Not thread-safe;
/// it belongs to the thread that records outcomes, which hands out copies.
package struct OutcomeCounts: Equatable, Sendable {
    private var known: [String: [String: OutcomeTotals]] = ["": ["": OutcomeTotals(route: "", outcome: "")]]
    private var room: Int

    /// - Parameter limit: names that are counted apart. Past it, a new name of a known route counts under an empty outcome, and a new
    ///   route's under an empty route: nothing is lost from the sums, only the name.
    package init(limit: Int = Limits.namedCells) {
        room = limit
    }

    /// Makes a route and its outcomes countable by name. Names that were declared before keep their counts, also those that are not in the
    /// plan any more: a counter never falls.
    package mutating func declare(route: String, outcomes: [String]) {
        for outcome in [""] + outcomes where known[route]?[outcome] == nil && room > 0 {
            known[route, default: [:]][outcome] = OutcomeTotals(route: route, outcome: outcome)
            room -= 1
        }
    }

    /// Counts answers to reports about an outcome, as the report or its prediction id names it.
    package mutating func count(_ answer: OutcomeAnswer, route: String, outcome: String, times: UInt64 = 1) {
        let route = known[route] == nil ? "" : route
        let outcome = known[route]?[outcome] == nil ? "" : outcome
        known[route]?[outcome]?.counts[answer, default: 0] &+= times
    }

    /// What was counted, by route, then outcome.
    package var totals: [OutcomeTotals] {
        known.values.flatMap(\.values).sorted { ($0.route, $0.outcome) < ($1.route, $1.outcome) }
    }
}
