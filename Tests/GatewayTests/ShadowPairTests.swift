import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("label outcomes score a shadow beside its primary") struct ShadowPairTests {
    private let rig: ShadowRig
    private let labels: [String]

    init() throws {
        rig = try ShadowRig(more: ["outcomes:", "  truth: { kind: label, window: 1h }"])
        labels = try rig.set.variants[0].shape.labels
        rig.open()
    }

    private func truth(_ sequence: UInt64, _ label: String, replaces: Bool = false) -> ShadowTruth {
        let hash = NameHash(of: "trees")
        let id = PredictionID(
            route: hash, assigned: NameHash(of: "champion"), served: NameHash(of: "champion"), revision: 1, reason: .assigned,
            flags: PredictionID.Flags(rawValue: 0), label: 0, time: 1_000, unit: 1, nonce: 7, reactor: 0, sequence: sequence)
        return ShadowTruth(route: "trees", name: "truth", id: id, assigned: "champion", truth: label, isReplacement: replaces)
    }

    /// One pair: the champion says its first class by half, the shadow its second by all.
    private func pair() throws {
        try rig.copy(1, answer: (0, [0.5, 0.25, 0.25]))
        rig.turn()
        let model = try rig.set.shadows[0].model
        let second = try #require(model.labels.firstIndex(of: labels[1]))
        try rig.answer(Int32(second), model.labels.map { $0 == labels[1] ? 1 : 0 })
    }

    /// Both right, only the primary, only the shadow, both wrong, without a pair.
    private var truths: [UInt64] {
        get throws {
            let truths = try rig.record.truths
            return [truths.bothRight, truths.onlyPrimary, truths.onlyShadow, truths.bothWrong, truths.withoutPair]
        }
    }

    @Test("whoever was right is counted, and both scores")
    func counts() throws {
        try pair()
        rig.work.take([truth(0, labels[0])], now: rig.now)
        #expect(try truths == [0, 1, 0, 0, 0])
        let record = try rig.record
        #expect(record.logLoss.count == 1 && record.logLoss.primary == 693_147 && record.logLoss.shadow == 34_538_776)
        // (1/2)^2 + 2 (1/4)^2, and 1 + 1.
        #expect(record.brier.primary == 375_000 && record.brier.shadow == 2_000_000)
    }

    @Test("the same outcome twice counts once, one that replaces it takes its place")
    func replaced() throws {
        try pair()
        rig.work.take([truth(0, labels[0]), truth(0, labels[0])], now: rig.now)
        rig.work.take([truth(0, labels[1], replaces: true)], now: rig.now)
        #expect(try truths == [0, 0, 1, 0, 0])
        #expect(try rig.record.logLoss.count == 1 && rig.record.logLoss.shadow == 0)
    }

    @Test("an outcome may come before its pair; one whose pair never comes is counted as such")
    func early() throws {
        rig.work.take([truth(0, labels[2]), truth(9, labels[2])], now: rig.now)
        try pair()
        #expect(try truths == [0, 0, 0, 1, 0])
        rig.turn(after: 20_000)
        #expect(try truths == [0, 0, 0, 1, 1])
    }

    @Test("an outcome is held against the pair as it was made, whatever a newer plan says of classes and of what is followed")
    func newerPlan() throws {
        try pair()
        let set = try rig.set
        let (old, shape) = (set.shadows[0], set.variants[0].shape)
        let shadow = ShadowSet.Shadow(
            model: old.model, share: old.share, follows: 0, cells: old.cells, classes: old.classes, policy: old.policy, tolerance: old.tolerance, faults: [])
        let reversed = PredictionShape(route: shape.route, variant: shape.variant, fields: shape.fields, labels: shape.labels.reversed())
        let variants = [ShadowSet.Variant(shape: reversed), set.variants[1]]
        let lease = ShadowLease(ShadowSet(number: 99, route: "trees", variants: variants, shadows: [shadow], truth: set.truth))
        rig.work.follow([lease], now: rig.now)
        rig.work.take([truth(0, labels[0]), truth(9, labels[0])], now: rig.now)
        rig.turn(after: 20_000)
        #expect(try truths == [0, 1, 0, 0, 0])
    }

    @Test("other outcomes, other routes and unknown classes say nothing")
    func foreign() throws {
        try pair()
        var other = truth(0, "maple")
        rig.work.take([other], now: rig.now)
        other = ShadowTruth(route: "trees", name: "clicked", id: other.id, assigned: "champion", truth: labels[0], isReplacement: false)
        rig.work.take([other], now: rig.now)
        rig.turn(after: 20_000)
        #expect(try truths == [0, 0, 0, 0, 0])
    }

    @Test("examples are the rows that differ most, with both answers")
    func examples() throws {
        try pair()
        rig.turn(after: 2_000)
        let examples = rig.judge.takeExamples()
        #expect(examples.count == 1)
        let example = try #require(examples.first)
        #expect(example.variant == "champion" && example.shadow == "new" && example.divergence == 1.75)
        #expect(example.answer.contains("\"label\":\"\(labels[0])\"") && example.shadowAnswer.contains("\"label\":\"\(labels[1])\""))
        #expect(example.input == #"{"a":0,"b":1,"c":2,"d":3}"#)
    }
}
