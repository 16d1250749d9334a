import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway
@testable import weir

@Suite struct ShadowTextTests {
    /// The figures of a shadow, some of them of every kind.
    private func figures(
        _ compared: UInt64, labels: [String] = ["Drama", "Comedy"], agreed: UInt64? = nil, dropped: [String: UInt64] = [:]
    ) -> PairFigures {
        func timing(_ median: Double) -> VariantFigures.Timing {
            var timing = VariantFigures.Timing([])
            (timing.p50, timing.p99) = (median, 4 * median)
            return timing
        }
        let difference = OutputDifference.Distribution(
            p50: 0.002, p90: 0.02, p99: 0.2, largest: 0.123_456, nonFinite: 0, cells: [OutputDifference.Cell(below: 0.002, count: compared)])
        let counts = labels.indices.map { row in labels.indices.map { UInt64(1_000 * row + $0) } }
        return PairFigures(
            sampled: compared + dropped.values.reduce(0, +), compared: compared, underWay: 0, dropped: dropped, agreed: agreed,
            agreement: agreed.map { Double($0) / Double(compared) }, bitEqual: 7, nonFinite: 0, diverged: 5, divergence: 5 / Double(compared),
            modelTime: PairFigures.ModelTime(primary: timing(0.042), shadow: timing(0.084)),
            timeDifference: PairFigures.MeanDifference(n: compared, mean: 0.04),
            outputs: labels.map { OutputDifference(name: $0, absolute: difference, relative: difference) },
            confusion: agreed == nil ? nil : PairFigures.Confusion(labels: labels, counts: counts),
            outcomes: PairFigures.Outcomes(bothRight: 0, onlyPrimary: 0, onlyShadow: 0, bothWrong: 0, withoutPair: 0))
    }

    private func shadow(_ all: PairFigures, _ primaries: [(String, PairFigures)]) -> ShadowFigures {
        ShadowFigures(
            name: "candidate", model: "0badcafe", all: all, primaries: primaries.map { ShadowFigures.Primary(name: $0.0, figures: $0.1) },
            revisions: [])
    }

    @Test("a shadow has a column for all and one for each primary, then its outputs and labels")
    func table() {
        var all = figures(6_090, agreed: 4_952, dropped: ["queue-full": 3])
        all.outcomes = PairFigures.Outcomes(
            bothRight: 10, onlyPrimary: 3, onlyShadow: 2, bothWrong: 1, withoutPair: 0,
            logLoss: PairFigures.Score(n: 16, primary: 0.5, shadow: 0.625, difference: 0.125, standardDeviation: 0.1))
        let text = ShadowText.text(
            of: shadow(all, [("champion", figures(4_109, agreed: 4_000, dropped: ["queue-full": 3])), ("challenger", figures(1_981, agreed: 952))]))
        let lines = text.words
        #expect(lines.first == ["shadow", "candidate,", "model", "0badcafe,", "beside", "champion", "and", "challenger"])
        for line in [
            ["all", "champion", "challenger"], ["sampled", "6,093", "4,112", "1,981"], ["compared", "6,090", "4,109", "1,981"],
            ["queue-full", "3", "3", "0"],
            ["same", "label", "81.31", "%", "97.35", "%", "48.06", "%"], ["bit-equal", "7", "7", "7"], ["diverged", "5", "5", "5"],
            ["largest", "difference", "0.123", "0.123", "0.123"], ["p50", "0.042", "/", "0.084", "0.042", "/", "0.084", "0.042", "/", "0.084"],
            ["only", "primary", "right", "3", "0", "0"], ["log", "loss", "0.5000", "/", "0.6250", "-", "-"], ["p50", "p90", "p99", "largest"],
            ["Comedy", "0.002", "0.02", "0.2", "0.123"], ["Drama", "Comedy"], ["Comedy", "1,000", "1,001"],
        ] as [[Substring]] {
            #expect(lines.contains(line), "\(line) in\n\(text)")
        }
        #expect(!text.contains("Brier") && !text.contains("under way") && !text.contains("not finite"))
    }

    @Test("beside one variant there is one column; models of values have no labels, and nothing is told of outcomes that are not there")
    func value() {
        let text = ShadowText.text(of: shadow(figures(10, labels: ["value"]), [("champion", figures(10, labels: ["value"]))]))
        let lines = text.words
        #expect(lines.contains(["champion"]) && lines.contains(["sampled", "10"]) && !lines.contains { $0.contains("all") && $0.count == 1 })
        #expect(!text.contains("same label") && !text.contains("labels of all") && !text.contains("true labels"))
        #expect(lines.contains(["value", "0.002", "0.02", "0.2", "0.123"]))
    }

    @Test("before anything is compared, what cannot be said is a dash, and there is no table of outputs")
    func nothing() {
        var none = figures(1)
        (none.compared, none.sampled, none.underWay, none.divergence, none.outputs) = (0, 4, 4, nil, [])
        let text = ShadowText.text(of: shadow(none, [("champion", none)]))
        for line in [["under", "way", "4"], ["divergence", "-"], ["largest", "difference", "-"]] as [[Substring]] { #expect(text.words.contains(line)) }
        #expect(!text.contains("each output"))
    }

    @Test("many primaries and long names stand below each other in lines that fit", arguments: [2, 8, 9])
    func wide(classes: Int) {
        let labels = (0..<classes).map { "\($0) " + String(repeating: "long", count: 20) }
        let names = (0..<7).map { "variant-\($0)-" + String(repeating: "x", count: 54) }
        let one = figures(18_446_744_073_709, labels: labels, agreed: 1)
        let text = ShadowText.text(of: shadow(one, names.map { ($0, one) }))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.count <= ReportText.lineWidth && $0.last != " " }, "\(text)")
        #expect(lines.first?.hasSuffix("beside 7 variants") == true)
        for name in names { #expect(lines.count { $0.contains(name) } == 1) }
        #expect(text.contains("labels of all") == (classes <= 8))
    }

    @Test("weir report shows shadows behind the variants")
    func report() throws {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("champion", 1)])
        let cells = CellRegistry(reactors: 1)
        let shape = ShadowShape(
            shadow: "0badcafe" + String(repeating: "0", count: 56), primary: String(repeating: "a", count: 64), name: "champion", outputs: 1,
            classes: 0)
        let shadow = try #require(cells.shadow(ShadowKey(route: "films", shadow: "candidate", revision: 1, shape: shape)))
        for _ in 0..<1_234 {
            shadow.copies(reactor: 0).sampled()
            let pair = AnswerPair(primaryLabel: -1, shadowLabel: -1, primary: [1], shadow: [1.5])
            _ = shadow.pairs.compare(pair, primaryTime: 0, shadowTime: 0, tolerance: 0.5)
        }
        try Ledger(weir.state, now: .now).foldCells(cells.records().map { CellFold($0, worker: 1) })
        let run = try weir.run("report", "films")
        #expect(run.code == 0 && run.output.contains("shadow candidate, model 0badcafe, beside champion\n"), "\(run)")
        #expect(run.output.words.contains(["sampled", "1,234"]) && run.output.words.contains(["largest", "difference", "0.5"]))
        #expect(try weir.run("report", "films", "--json").output.contains(#""sampled" : 1234"#))
    }

    @Test(
        "differences of any size read in three digits",
        arguments: [(0.0, "0"), (2e-9, "2e-09"), (0.013_123, "0.0131"), (1, "1"), (123.456, "123"), (3_123_456, "3.12e+06")])
    func differences(value: Double, text: String) {
        #expect(Figure.difference(value) == text)
    }
}
