import Testing

@testable import Metrics

@Suite struct OutcomeCountsTests {
    /// The labels that would be printed, `route/outcome`, with all answers added up.
    private func labels(_ counts: OutcomeCounts) -> [String: UInt64] {
        let sums = counts.totals.map { totals in
            ("\(totals.route)/\(totals.outcome)", OutcomeAnswer.allCases.reduce(0) { $0 + totals[$1] })
        }
        return Dictionary(uniqueKeysWithValues: sums.filter { $0.1 != 0 })
    }

    @Test("names that no plan declared never become labels, and none of their answers is lost")
    func strangers() {
        var counts = OutcomeCounts()
        counts.declare(route: "films", outcomes: ["correct", "revenue"])
        var generator = SystemRandomNumberGenerator()
        for number in 0..<1_000 {
            let answer = OutcomeAnswer.allCases.randomElement(using: &generator) ?? .forged
            counts.count(answer, route: number.isMultiple(of: 2) ? "films" : "r\(number)", outcome: "o\"\n\(number)")
        }
        #expect(labels(counts) == ["films/": 500, "/": 500])
    }

    @Test("an outcome of one route is none of another's")
    func perRoute() {
        var counts = OutcomeCounts()
        counts.declare(route: "films", outcomes: ["correct"])
        counts.declare(route: "songs", outcomes: ["skipped"])
        counts.count(.late, route: "songs", outcome: "correct")
        counts.count(.late, route: "songs", outcome: "skipped")
        #expect(labels(counts) == ["songs/": 1, "songs/skipped": 1])
    }

    @Test("declaring again keeps the counts, and what a newer plan leaves out too")
    func again() {
        var counts = OutcomeCounts()
        counts.declare(route: "films", outcomes: ["correct", "revenue"])
        counts.count(.recorded, route: "films", outcome: "correct", times: 3)
        counts.declare(route: "films", outcomes: ["revenue"])
        #expect(labels(counts) == ["films/correct": 3])
    }

    @Test("past the limit names are lost, numbers are not")
    func limit() {
        var counts = OutcomeCounts(limit: 2)
        counts.declare(route: "a", outcomes: ["one", "two"])
        counts.declare(route: "b", outcomes: ["one"])
        for (route, outcome) in [("a", "one"), ("a", "two"), ("b", "one")] {
            counts.count(.recorded, route: route, outcome: outcome)
        }
        #expect(labels(counts) == ["a/one": 1, "a/": 1, "/": 1])
    }
}
