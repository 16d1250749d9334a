import Primitives
import Testing

@testable import Metrics

@Suite("the counters of shadows") struct ShadowRecordTests {
    @Test("the parts of a block lie one after another, and blocks are whole pairs of cache lines")
    func layout() {
        let parts = [
            (PairLayout.census, 8), (PairLayout.drops, 16), (PairLayout.compared, 6), (PairLayout.truths, 4), (PairLayout.unknownPairs, 1),
            (PairLayout.time, 5), (PairLayout.logLoss, 5), (PairLayout.brier, 5), (PairLayout.largest, 32),
            (PairLayout.primaryTime, LatencyHistogram.words), (PairLayout.shadowTime, LatencyHistogram.words), (PairLayout.tail, 0),
        ]
        for (part, next) in zip(parts, parts.dropFirst()) { #expect(part.0 + part.1 <= next.0) }
        #expect(PairLayout.ran == PairLayout.truths - 1 && PairLayout.maxima == 88..<120)
        #expect(PairLayout.words(outputs: 0, classes: 0) == 3_520 && PairLayout.words(outputs: 16, classes: 16) == 5_696)
        #expect(CopyLayout.drops + CopyLayout.dropWords <= CopyLayout.words && CopyLayout.words == 64)
    }

    @Test("a few copies by hand: every number under its name")
    func byHand() throws {
        let rig = Rig(reactors: 2)
        let cells = try #require(rig.registry.shadow(Shadows.key()))
        for reactor in [0, 0, 1, 1, 1] { cells.copies(reactor: reactor).sampled() }
        cells.copies(reactor: 1).dropped(.queueFull)
        cells.pairs.dropped(.expired)
        for time in [2_000, 4_000] as [Nanoseconds] { cells.pairs.ran(time: time) }
        // The same label, 0.25 apart; another label, 0.75 apart.
        let near = cells.pairs.compare(Shadows.pair(0.25, 0.5), primaryTime: 1_000, shadowTime: 2_000, tolerance: 0.1)
        let far = cells.pairs.compare(Shadows.pair(0.125, 0.875), primaryTime: 5_000, shadowTime: 4_000, tolerance: 0.1)
        #expect(!near.isDivergence && far.isDivergence && far.absolute == 0.75)
        cells.pairs.truth(primary: true, shadow: false)
        cells.pairs.truth(primary: true, shadow: true)
        cells.pairs.truth(primary: true, shadow: true, times: -1)
        cells.pairs.truthWithoutPair()
        cells.pairs.scores(
            primary: try #require(ProperScore(probabilities: [0.75, 0.25] as [Float], truth: 0)),
            shadow: try #require(ProperScore(probabilities: [0.25, 0.75] as [Float], truth: 0)))
        let record = try #require(rig.registry.shadowRecords().first)
        #expect(record.route == "films" && record.shadow == "new" && record.revision == 1 && record.shape == Shadows.shape().hash)
        #expect(record.primary == NameHash(of: "old").value && record.model == 0x0BAD_CAFE)
        #expect(record.sampled == 5 && record.compared == 2 && record.underWay == 1 && record.ran == 2)
        #expect(record.dropped == [1, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(record.agreed == 1 && record.diverged == 1 && record.bitEqual == 0 && record.nonFinite == 0)
        #expect(record.confusion == [[1, 1], [0, 0]])
        #expect(record.truths == ShadowRecord.Truths(onlyPrimary: 1, withoutPair: 1))
        #expect(record.time.count == 2 && record.time.mean == 0 && record.time.variance == 2_000_000)
        #expect(record.primaryTime.count == 2 && record.primaryTime.sum == 6_000 && record.shadowTime.sum == 6_000)
        #expect(
            record.logLoss.primary == 287_682 && record.logLoss.shadow == 1_386_294 && record.brier.primary == 125_000
                && record.brier.count == 1)
        #expect(record.outputs.map(\.largestAbsolute) == [0.75, 0.75] && record.outputs[1].largestRelative == 0.75 / 0.875)
        for (difference, cell) in [(0.25, 1), (0.75, 1), (0, 0)] as [(Double, UInt64)] {
            #expect(record.outputs[0].absolute[DifferenceScale.cell(of: difference)] == cell)
        }
    }

    @Test("what is not finite has a cell of its own, moves no maximum, and unknown times count nowhere")
    func notFinite() throws {
        let rig = Rig()
        let cells = try #require(rig.registry.shadow(Shadows.key(outputs: 1, classes: 0)))
        let pair = AnswerPair(primaryLabel: -1, shadowLabel: -1, primary: [1], shadow: [.infinity])
        #expect(cells.pairs.compare(pair, primaryTime: 0, shadowTime: 5_000, tolerance: 0.1).isDivergence)
        let record = try #require(rig.registry.shadowRecords().first)
        #expect(record.nonFinite == 1 && record.diverged == 1 && record.confusion.isEmpty && record.outputs.count == 1)
        #expect(record.outputs[0].absolute[DifferenceScale.nonFinite] == 1 && record.outputs[0].relative.reduce(0, +) == 1)
        #expect(record.outputs[0].largestAbsolute == 0 && record.time.count == 0 && record.primaryTime.count == 0)
    }

    @Test("outputs and classes past the bounds count in what is about all of them, and in the last class")
    func past() throws {
        let rig = Rig()
        let cells = try #require(rig.registry.shadow(Shadows.key(outputs: 40, classes: 40)))
        var scores = [Float](repeating: 0, count: 40)
        scores[39] = 1
        let pair = AnswerPair(primaryLabel: 3, shadowLabel: 39, primary: [Float](repeating: 0, count: 40), shadow: scores)
        #expect(cells.pairs.compare(pair, primaryTime: 1, shadowTime: 1, tolerance: 0.1).absolute == 1)
        let record = try #require(rig.registry.shadowRecords().first)
        #expect(record.outputs.count == Limits.comparedOutputs && record.confusion.count == Limits.comparedClasses)
        #expect(record.confusion[3][15] == 1 && record.outputs.allSatisfy { $0.absolute[0] == 1 && $0.largestAbsolute == 0 })
        #expect(Shadows.shape(outputs: 40).hash != Shadows.shape(outputs: 41).hash, "the true number tells shapes apart")
    }

    @Test(
        "blocks of several starts add up in any order; of the largest differences the larger one counts",
        arguments: [nil, 1, 2] as [UInt64?])
    func merged(shuffle: UInt64?) throws {
        let rigs = (0..<3).map { _ in Rig(reactors: 2) }
        let whole = Rig(reactors: 1)
        let sum = try #require(whole.registry.shadow(Shadows.key()))
        var (generator, again) = (SeededGenerator(state: 9), SeededGenerator(state: 9))
        for number in 0..<300 {
            let cells = try #require(rigs[number % 3].registry.shadow(Shadows.key()))
            Shadows.count(cells, reactor: number % 2, &generator)
            Shadows.count(sum, reactor: 0, &again)
        }
        var blocks = rigs.flatMap { rig in (0..<2).flatMap { rig.files.reader($0).blocks } }
        if let shuffle {
            var shuffler = SeededGenerator(state: shuffle)
            blocks.shuffle(using: &shuffler)
        }
        var sums = BlockSums()
        for block in blocks { sums.add(block) }
        #expect(sums.shadows() == whole.registry.shadowRecords())
        let record = try #require(sums.shadows().first)
        #expect(record.sampled == 300 && record.underWay == 0 && record.outputs[0].largestAbsolute > 0.8)
        let pairs = try #require(sums.bodies.first { $0.key.kind == .pairs })
        #expect(pairs.value.prefix(5) == [3, 6, 6, 3 * UInt64(record.primary), 3 * UInt64(record.model)])
    }

    @Test("a census of a sum is read back, and one that is no sum of equal blocks is none")
    func census() throws {
        let one = Shadows.shape(outputs: 3, classes: 4).census(withTail: true)
        let sum = try #require(ShadowCensus(one.map { 5 * $0 }[...]))
        #expect(sum.blocks == 5 && sum.outputs == 3 && sum.classes == 4 && sum.model == 0x0BAD_CAFE)
        #expect(sum.primary == NameHash(of: "old").value)
        for (word, value) in [(0, 0), (0, .max), (0, 2), (1, 17), (2, 17), (3, 1 << 32), (4, 1 << 32)] as [(Int, UInt64)] {
            var words = one
            words[word] = value
            #expect(ShadowCensus(words[...]) == nil, "\(word): \(value)")
        }
        #expect(ShadowCensus([1, 2, 2, 3]) == nil && ShadowCensus([]) == nil)
    }

    @Test("words that are no shadow's are left out: too short, of another census, of maxima that are no differences")
    func foreign() throws {
        let rig = Rig()
        let cells = try #require(rig.registry.shadow(Shadows.key()))
        _ = cells.pairs.compare(Shadows.pair(0.25, 0.75), primaryTime: 0, shadowTime: 0, tolerance: 0.1)
        let sound = rig.registry.records()
        let place = try #require(sound.firstIndex { $0.head.kind == .pairs })
        func read(_ change: (inout [UInt64]) -> Void) -> ShadowRecord? {
            var records = sound
            change(&records[place].body)
            var sums = BlockSums()
            for record in records { sums.add(record) }
            return sums.shadows().first
        }
        #expect(read { _ in } != nil)
        #expect(read { $0 = Array($0.prefix(7)) } == nil && read { $0 = [] } == nil && read { $0.removeLast(200) } == nil)
        #expect(read { $0[0] = 0 } == nil && read { $0[1] = 16 } == nil)
        for bits in [Double.nan.bitPattern, Double.infinity.bitPattern, (-1.0).bitPattern] {
            #expect(read { $0[PairLayout.largest - CellLayout.head] = bits }?.outputs[0].largestAbsolute == 0)
        }
    }

    @Test("records of two primaries add up, by the places of outputs and classes")
    func added() throws {
        let rig = Rig()
        let (first, second) = (try #require(rig.registry.shadow(Shadows.key("a"))), try #require(rig.registry.shadow(Shadows.key("b"))))
        for cells in [first, second, second] {
            cells.copies(reactor: 0).sampled()
            cells.pairs.ran(time: 3_000)
            _ = cells.pairs.compare(Shadows.pair(0.25, 0.75), primaryTime: 2_000, shadowTime: 3_000, tolerance: 0.1)
            cells.pairs.truth(primary: false, shadow: true)
        }
        let records = rig.registry.shadowRecords()
        #expect(records.count == 2)
        var sum = records[0]
        sum.add(records[1])
        #expect(sum.sampled == 3 && sum.compared == 3 && sum.diverged == 3 && sum.ran == 3 && sum.truths.onlyShadow == 3)
        #expect(sum.confusion == [[0, 3], [0, 0]] && sum.time.count == 3 && sum.shadowTime.count == 3 && sum.primaryTime.sum == 6_000)
        #expect(sum.outputs[0].absolute[DifferenceScale.cell(of: 0.5)] == 3 && sum.outputs[0].largestAbsolute == 0.5)
        var wide = records[0]
        wide.outputs = []
        wide.confusion = []
        wide.add(sum)
        #expect(wide.outputs == sum.outputs && wide.confusion == sum.confusion)
    }

    @Test("counts can be arranged by another order of the classes, and by no list that is none")
    func arranged() throws {
        let rig = Rig()
        let cells = try #require(rig.registry.shadow(Shadows.key()))
        _ = cells.pairs.compare(Shadows.pair(0.25, 0.75), primaryTime: 0, shadowTime: 0, tolerance: 0.1)
        let record = try #require(rig.registry.shadowRecords().first)
        let turned = try #require(record.arranged([1, 0]))
        #expect(turned.confusion == [[0, 0], [1, 0]] && turned.outputs == record.outputs.reversed() && turned.compared == 1)
        #expect(turned.arranged([1, 0]) == record && record.arranged([0, 1]) == record)
        for order in [[], [0], [0, 0], [0, 2], [0, 1, 2]] { #expect(record.arranged(order) == nil) }
    }
}
