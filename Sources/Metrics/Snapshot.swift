/// What one variant did, over all reactors.
package struct VariantTotals: Equatable, Sendable {
    package var route: String
    package var variant: String
    /// Answers by ``StatusCode``'s raw value.
    package var answers: [UInt64]
    /// Rows that requests asked for.
    package var rows: UInt64
    /// From a request's first byte to its answer's last.
    package var latency: LatencyHistogram
    /// From a row's being ready to the begin of its model call.
    package var queue = LatencyHistogram()
    /// Time inside the model.
    package var model: LatencyHistogram

    /// Answers of one class.
    package func answers(_ answerClass: AnswerClass) -> UInt64 {
        StatusCode.allCases.reduce(0) { $1.answerClass == answerClass ? $0 + answers[Int($1.rawValue)] : $0 }
    }

    /// Adds what the same variant did elsewhere; order and grouping do not matter.
    package mutating func merge(_ other: VariantTotals) {
        for index in answers.indices { answers[index] &+= other.answers[index] }
        rows &+= other.rows
        latency.merge(other.latency)
        queue.merge(other.queue)
        model.merge(other.model)
    }
}

/// The answers of a route that no variant gave, over all reactors.
package struct RouteTotals: Equatable, Sendable {
    package var route: String
    /// Answers by ``StatusCode``'s raw value.
    package var answers: [UInt64]
}

/// What the reactors did, summed.
package struct ReactorTotals: Equatable, Sendable {
    /// Answers that belong to no route, by ``StatusCode``'s raw value.
    package var answers: [UInt64]
    /// By ``Refusal``'s raw value.
    package var refusals: [UInt64]
    /// By ``ReactorCounter``'s raw value.
    package var counters: [UInt64]

    /// A single counter of all reactors.
    package subscript(counter: ReactorCounter) -> UInt64 { counters[Int(counter.rawValue)] }
    /// Refusals for one reason, of all reactors.
    package subscript(refusal: Refusal) -> UInt64 { refusals[Int(refusal.rawValue)] }

    /// Connections open now.
    package var connectionsOpen: UInt64 {
        self[.connectionsOpened] - min(self[.connectionsClosed], self[.connectionsOpened])
    }
}

/// Every number at about one moment, merged over reactors.
///
/// Words are read one by one while reactors go on counting: each is exact, and never less than in an earlier snapshot; two of them
/// may be some requests apart.
package struct Snapshot: Equatable, Sendable {
    /// Ordered by route, then variant.
    package var variants: [VariantTotals]
    /// Ordered by route.
    package var routes: [RouteTotals]
    package var reactors: ReactorTotals
}
