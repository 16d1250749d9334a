import Testing

@testable import Metrics

@Suite("feature bins") struct FeatureBinsTests {
    /// A number's word by definition: the cell whose edges hold it.
    private func word(of value: Double, _ edges: [Double]) -> Int {
        if value.isNaN { return 22 }
        guard let first = edges.first, let last = edges.last, value >= first else { return 0 }
        if value > last { return 21 }
        if value == last { return 20 }
        return 1 + ((0..<20).last { edges[$0] <= value } ?? 0)
    }

    private static let references: [[Double]] = [
        (0..<1_000).map { Double($0 * $0) }, [5, 5, 5], [1], [], [.nan, -1, 2, .infinity, 7.5], (0..<19).map { Double($0 % 3) },
        [-0.0, 0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude],
    ]

    @Test("a number counts in the cell that a search by hand finds", arguments: references)
    func numbers(reference: [Double]) {
        let bins = FeatureBins([.number(reference)])
        let slot = bins.slots[0]
        var generator = SeededGenerator(state: 8)
        let edges = bins.features[0].edges
        let near = edges.flatMap { [$0, $0.nextUp, $0.nextDown] }.filter(\.isFinite)
        let random = (0..<2_000).map { _ in Double.random(in: -100...1_000_100, using: &generator) }
        for value in reference.filter({ !$0.isInfinite }) + near + random + [.nan] {
            #expect(slot.word(of: value) == word(of: value, edges), "\(value)")
        }
        #expect(slot.word(of: .infinity) <= 21)
        #expect(bins.features[0].reference.reduce(0, +) == UInt64(reference.count { !$0.isInfinite }))
    }

    @Test("each of the twenty cells holds a twentieth of the reference")
    func even() {
        let bins = FeatureBins([.number((0..<2_000).shuffled().map { Double($0) })])
        #expect(bins.features[0].reference == [0] + Array(repeating: 100, count: 20) + Array(repeating: 0, count: 35))
    }

    @Test("texts count by rank: the fifty most frequent, the others, new ones, empty ones")
    func texts() {
        // Text number n occurs 100 - n times.
        let reference = (0..<80).flatMap { number in Array(repeating: Array("text-\(number)".utf8), count: 100 - number) }
        let bins = FeatureBins([.text(reference.shuffled() + [[]])])
        let slot = bins.slots[0]
        for number in 0..<80 { #expect(slot.word(of: Array("text-\(number)".utf8).span.bytes) == min(number, 50)) }
        for text in ["text-80", "x", "text-1 "] { #expect(slot.word(of: Array(text.utf8).span.bytes) == 51) }
        #expect(slot.word(of: [UInt8]().span.bytes) == 52)
        #expect(bins.features[0].texts.first == Array("text-0".utf8) && bins.features[0].texts.count == 50)
        #expect(bins.features[0].reference[52] == 1 && bins.features[0].reference[0] == 100)
    }

    @Test("booleans have a word each for false, true and missing")
    func booleans() {
        let bins = FeatureBins([.boolean([0, 0, 1, .nan])])
        #expect([0, 1, .nan].map { bins.slots[0].word(of: $0) } == [0, 1, 22])
        #expect(bins.features[0].reference[0] == 2 && bins.features[0].reference[22] == 1)
    }

    @Test("the shape is the same for the same bins, and another for others")
    func shapes() {
        let columns: [FeatureColumn] = [.number([1, 2, 3]), .boolean([0, 1]), .text(["a", "b"].map { Array($0.utf8) })]
        let others: [[FeatureColumn]] = [
            [], [columns[0]], [columns[1], columns[0], columns[2]], [.number([1, 2, 4]), columns[1], columns[2]],
            [columns[0], columns[1], .text(["a", "c"].map { Array($0.utf8) })], [columns[0], columns[1], .text([Array("ab".utf8)])],
        ]
        #expect(FeatureBins(columns).shape == FeatureBins(columns).shape)
        #expect(Set(([columns] + others).map { FeatureBins($0).shape }).count == 7)
        #expect(FeatureBins(columns).shape == 2_821_472_504_050_591_502, "frozen: a ledger keeps it")
    }

    @Test("the wrong kind of value, an index out of range, and a feature past the limit do no harm")
    func misuse() {
        let registry = CellRegistry(reactors: 1)
        let meter = registry.variant(route: "r", variant: "v", shape: Shapes.full, bins: Shapes.bins).meter(reactor: 0)
        meter.exposed(status: .s200, rows: 1)
        for index in [-1, 3, 1 << 40, .min, .max] { meter.feature(index, 1) }
        for output in [-1, 4, 1 << 40, .min, .max] { meter.score(output: output, value: 1) }
        meter.feature(2, 1)
        meter.feature(0, text: [1].span.bytes)
        let plain = registry.variant(route: "r", variant: "w").meter(reactor: 0)
        plain.feature(0, 1)
        plain.score(output: 0, value: 1)
        var sums = BlockSums()
        for record in registry.records() { sums.add(record) }
        #expect(sums.variants().map { $0.features.joined().reduce(0, +) } == [2])
        #expect(FeatureBins(Array(repeating: .boolean([]), count: 300)).count == Limits.binnedFeatures)
    }
}

@Suite("score sketches") struct ScoreSketchTests {
    @Test("probabilities have 64 even cells; what is outside or not finite has its own")
    func probabilities() {
        for number in 0..<64 {
            #expect(ScoreCells.cell(ofProbability: Double(number) / 64) == number)
            #expect(ScoreCells.cell(ofProbability: (Double(number + 1) / 64).nextDown) == number)
        }
        #expect(
            [1, -0.0, -0.1, 1.1, .nan, .infinity, -.infinity].map { ScoreCells.cell(ofProbability: $0) } == [63, 0, 64, 65, 66, 66, 66])
    }

    @Test("values keep 6.25 % and their sign; cells past the ends, zero and what is not finite are apart")
    func values() {
        #expect([0, -0.0, .nan, .infinity, -.infinity].map { ScoreCells.cell(ofValue: $0) } == [1_024, 1_024, 1_025, 1_025, 1_025])
        #expect([1e-300, 1e300, -1e-300, -1e300].map { ScoreCells.cell(ofValue: $0) } == [0, 511, 512, 1_023])
        var generator = SeededGenerator(state: 12)
        var counts = [UInt64](repeating: 0, count: ScoreCells.valueWords)
        var values: [Double] = []
        for _ in 0..<4_001 {
            let magnitude = Double(
                sign: .plus, exponent: .random(in: -32...31, using: &generator), significand: .random(in: 1..<2, using: &generator))
            let value = Bool.random(using: &generator) ? magnitude : -magnitude
            counts[ScoreCells.cell(ofValue: value)] += 1
            values.append(value)
        }
        let sketch = ScoreSketch(kind: .value, counts: counts)
        #expect(sketch.count == 4_001 && sketch.nonFinite == 0)
        values.sort()
        for q in [0, 0.1, 0.25, 0.5, 0.9, 1] {
            let exact = values[max(1, Int((q * 4_001).rounded(.up))) - 1]
            #expect(abs((sketch.quantile(q) ?? 0) - exact) <= 0.0625 * abs(exact), "q = \(q)")
        }
        #expect(zip(sketch.ordered, sketch.ordered.dropFirst()).allSatisfy { $0.middle < $1.middle })
    }
}
