/// What one variant did, over all reactors, revisions and shapes.
package struct VariantTotals: Equatable, Sendable {
    package var route: String
    package var variant: String
    /// Answers by ``StatusCode``'s raw value, for whatever reason the variant gave them.
    package var answers = [UInt64](repeating: 0, count: StatusCode.allCases.count)
    /// Rows that requests asked for.
    package var rows: UInt64 = 0
    /// From a request's first byte to its answer's last; without overrides.
    package var latency = LatencyHistogram()
    /// Before the model's call.
    package var queue = LatencyHistogram()
    /// Time inside the model.
    package var model = LatencyHistogram()
    /// Answers by the raw values of `ServedReason` (8 rows) and ``StatusCode``.
    package var answersByReason = Array(
        repeating: [UInt64](repeating: 0, count: StatusCode.allCases.count), count: VariantLayout.reasons)
    /// Requests that were assigned to it, by the raw value of the ``StatusCode`` they ended in.
    package var exposures = [UInt64](repeating: 0, count: StatusCode.allCases.count)
    /// Rows of the requests that were assigned to it.
    package var exposedRows: UInt64 = 0

    /// Answers of one class.
    package func answers(_ answerClass: AnswerClass) -> UInt64 {
        StatusCode.allCases.reduce(0) { $1.answerClass == answerClass ? $0 &+ answers[Int($1.rawValue)] : $0 }
    }

    /// Adds what the same variant did elsewhere; order and grouping do not matter.
    package mutating func merge(_ other: VariantTotals) {
        for index in answers.indices {
            answers[index] &+= other.answers[index]
            exposures[index] &+= other.exposures[index]
            for reason in answersByReason.indices { answersByReason[reason][index] &+= other.answersByReason[reason][index] }
        }
        rows &+= other.rows
        exposedRows &+= other.exposedRows
        latency.merge(other.latency)
        queue.merge(other.queue)
        model.merge(other.model)
    }

    /// Sets the numbers to those of a variant's words after the head.
    mutating func take(_ body: [UInt64]) {
        func words(_ start: Int, _ count: Int = StatusCode.allCases.count) -> ArraySlice<UInt64> {
            body[(start - CellLayout.head)..<(start - CellLayout.head + count)]
        }
        func histogram(_ start: Int) -> LatencyHistogram {
            let counts = words(start + 1, LatencyHistogram.bucketCount)
            guard counts.contains(where: { $0 != 0 }) else { return LatencyHistogram() }
            return LatencyHistogram(counts: Array(counts), sum: body[start - CellLayout.head])
        }
        answersByReason = (0..<VariantLayout.reasons).map { Array(words(VariantLayout.answers + $0 * CellLayout.statusWords)) }
        answers = answers.indices.map { index in answersByReason.reduce(0) { $0 &+ $1[index] } }
        rows = words(VariantLayout.rows, VariantLayout.reasons).reduce(0, &+)
        exposures = Array(words(VariantLayout.exposures))
        exposedRows = words(VariantLayout.exposedRows, 1).reduce(0, &+)
        latency = histogram(VariantLayout.latency)
        queue = histogram(VariantLayout.queue)
        model = histogram(VariantLayout.model)
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

/// Every number at about one moment, merged over reactors: of blocks that count, and of those that finished since the process began.
///
/// Words are read one by one while reactors go on counting: each is exact, and never less than in an earlier snapshot; two of them
/// may be some requests apart.
package struct Snapshot: Equatable, Sendable {
    /// Ordered by route, then variant.
    package var variants: [VariantTotals]
    /// Ordered by route.
    package var routes: [RouteTotals]
    package var reactors: ReactorTotals
    /// Ordered by route, then shadow.
    package var shadows: [ShadowTotals] = []
}
