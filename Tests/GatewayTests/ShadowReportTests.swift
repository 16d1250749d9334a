import Foundation
import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("the shadows in a report") struct ShadowReportTests {
    private static let digest = "0badcafe" + String(repeating: "0", count: 56)
    private let rig: ReportRig
    private let recorder: Recorder

    init() throws {
        rig = try ReportRig()
        recorder = try rig.start(nonce: 31)
    }

    /// The cells of a shadow of two classes, or of a value, beside a primary.
    private func cells(
        _ primary: String, revision: UInt32 = 1, classes: Int = 2, shadow: String = "candidate", digest: String = digest, outputs: Int? = nil
    ) throws -> ShadowCells {
        let shape = ShadowShape(
            shadow: digest, primary: String(repeating: "a", count: 64), name: primary, outputs: outputs ?? max(1, classes), classes: classes)
        return try #require(recorder.cells.shadow(ShadowKey(route: ReportRig.route, shadow: shadow, revision: revision, shape: shape)))
    }

    /// Counts a pair of classes by the probability of the second, with times in microseconds.
    private func compare(_ cells: ShadowCells, _ primary: Float, _ shadow: Float, times: (UInt64, UInt64) = (40, 60)) {
        cells.copies(reactor: 0).sampled()
        cells.pairs.ran(time: times.1 * 1_000)
        let pair = AnswerPair(
            primaryLabel: primary > 0.5 ? 1 : 0, shadowLabel: shadow > 0.5 ? 1 : 0, primary: [1 - primary, primary], shadow: [1 - shadow, shadow])
        _ = cells.pairs.compare(pair, primaryTime: times.0 * 1_000, shadowTime: times.1 * 1_000, tolerance: 0.1)
    }

    private func compare(_ cells: ShadowCells, value primary: Float, _ shadow: Float) {
        cells.copies(reactor: 0).sampled()
        let pair = AnswerPair(primaryLabel: -1, shadowLabel: -1, primary: [primary], shadow: [shadow])
        _ = cells.pairs.compare(pair, primaryTime: 0, shadowTime: 0, tolerance: 0.1)
    }

    private func shadows(_ serving: RouteServing? = nil) throws -> [ShadowFigures] {
        RouteReport(try ReportSource(rig.ledger, route: ReportRig.route, now: ReportRig.now), serving: serving, now: ReportRig.now).shadows
    }

    @Test("change no live figure, and none that is not there is told of")
    func live() throws {
        rig.count(recorder, "old", 9)
        rig.count(recorder, "new", 3, status: .s500, reactor: 1)
        let before = try rig.text()
        #expect(before.contains(#""shadows" : ["#) && !before.contains("sampled"))
        compare(try cells("old"), 0.25, 0.75)
        try cells("old").copies(reactor: 1).sampled()
        var report = try rig.report()
        #expect(report.shadows.map(\.all.sampled) == [2])
        let note = report.notes.removeLast()
        #expect(note == "1 copy for the shadow candidate is under way: neither compared nor dropped yet.")
        report.shadows = []
        #expect(try ReportRig.text(of: report) == before)
        try recorder.finish(into: rig.ledger)
    }

    @Test("over two primaries and two revisions, by hand")
    func byHand() throws {
        let (old, new) = (try cells("old"), try cells("new", revision: 2))
        compare(old, 0.25, 0.25, times: (40, 50))
        compare(old, 0.25, 0.5, times: (40, 70))
        compare(new, 0.25, 0.75, times: (100, 60))
        for reason in [ShadowDrop.queueFull, .shed, .shed] {
            new.copies(reactor: 1).sampled()
            new.copies(reactor: 1).dropped(reason)
        }
        old.pairs.truth(primary: true, shadow: true)
        new.pairs.truth(primary: true, shadow: false)
        new.pairs.truthWithoutPair()
        for (cells, primary, shadow) in [(old, Float(0.75), Float(0.5)), (new, 0.75, 0.25)] {
            cells.pairs.scores(
                primary: try #require(ProperScore(probabilities: [primary, 1 - primary], truth: 0)),
                shadow: try #require(ProperScore(probabilities: [shadow, 1 - shadow], truth: 0)))
        }
        try rig.move(50, 50)
        let shadow = try #require(try shadows().first)
        #expect(shadow.name == "candidate" && shadow.model == "0badcafe" && shadow.primaries.map(\.name) == ["new", "old"])
        let all = shadow.all
        #expect(all.sampled == 6 && all.compared == 3 && all.underWay == 0 && all.dropped == ["queue-full": 1, "shed": 2])
        #expect(all.agreed == 2 && all.agreement == 2.0 / 3 && all.diverged == 1 && all.divergence == 1.0 / 3)
        #expect(all.bitEqual == 1 && all.nonFinite == 0)
        #expect(all.modelTime.primary.count == 3 && all.modelTime.primary.mean == 0.06 && all.modelTime.shadow.mean == 0.06)
        // Differences in microseconds: 10, 30 and -40.
        #expect(all.timeDifference.n == 3 && all.timeDifference.mean == 0)
        #expect(abs(try #require(all.timeDifference.standardDeviation) - (1_300.0 / 1e6).squareRoot()) < 1e-12)
        #expect(all.confusion == PairFigures.Confusion(labels: ["class 0", "class 1"], counts: [[2, 1], [0, 0]]))
        #expect(all.outputs.map(\.name) == ["class 0", "class 1"])
        let second = all.outputs[1]
        #expect(second.absolute.cells == [OutputDifference.Cell(below: 0, count: 1), .init(below: 0.5, count: 1), .init(below: 1, count: 1)])
        #expect(second.absolute.p50 == 0.5 && second.absolute.p90 == 0.5 && second.absolute.largest == 0.5 && second.absolute.nonFinite == 0)
        #expect(second.relative.p50 == 2.0 / 3 && second.relative.largest == 2.0 / 3)
        #expect(all.outcomes.bothRight == 1 && all.outcomes.onlyPrimary == 1 && all.outcomes.onlyShadow == 0 && all.outcomes.withoutPair == 1)
        let loss = try #require(all.outcomes.logLoss)
        #expect(loss.n == 2 && loss.primary == 0.287_682 && abs(loss.shadow - (0.693_147 + 1.386_294) / 2) < 1e-9)
        #expect(abs(loss.difference - (0.405_465 + 1.098_612) / 2) < 1e-9)
        #expect(abs(try #require(loss.standardDeviation) - (1.098_612 - 0.405_465) / 2.0.squareRoot()) < 1e-6)
        let ofOld = shadow.primaries[1].figures
        #expect(ofOld.sampled == 2 && ofOld.compared == 2 && ofOld.diverged == 0 && ofOld.dropped.isEmpty && ofOld.agreement == 1)
        #expect(shadow.revisions.map(\.number) == [2, 1] && shadow.revisions.map(\.sampled) == [4, 2])
        #expect(shadow.revisions[0].dropped == ["queue-full": 1, "shed": 2] && shadow.revisions.map(\.divergence) == [1, 0])
        try recorder.finish(into: rig.ledger)
    }

    @Test("are the same when the ledger has folded what they counted")
    func folded() throws {
        compare(try cells("old"), 0.25, 0.75)
        try cells("new").copies(reactor: 1).sampled()
        try cells("new").pairs.dropped(.expired)
        let before = try rig.text()
        #expect(before.contains("0badcafe") && before.contains(#""expired" : 1"#))
        try recorder.finish(into: rig.ledger)
        #expect(try rig.text() == before)
    }

    @Test("stand flat in JSON: what is said of all beside the shadow's name, of a primary beside its own")
    func json() throws {
        compare(try cells("old"), 0.25, 0.75)
        let text = try JSONEncoder().encode(try shadows())
        let entries = try #require(try JSONSerialization.jsonObject(with: text) as? [[String: Any]])
        #expect(
            Set(try #require(entries.first).keys) == [
                "name", "model", "sampled", "compared", "under_way", "dropped", "agreed", "agreement", "bit_equal", "non_finite", "diverged",
                "divergence", "model_time", "time_difference_ms", "outputs", "confusion", "outcomes", "primaries", "revisions",
            ])
        let primary = try #require((entries[0]["primaries"] as? [[String: Any]])?.first)
        #expect(primary["name"] as? String == "old" && primary["sampled"] as? Int == 1 && primary["primaries"] == nil)
        #expect((entries[0]["time_difference_ms"] as? [String: Double]) == ["n": 1, "mean": 0.02])
        try recorder.finish(into: rig.ledger)
    }

    @Test("a value has no labels, and what is not finite or beyond the scale can be said in JSON")
    func values() throws {
        let cells = try cells("old", classes: 0)
        compare(cells, value: 10, 12)
        compare(cells, value: 10, .nan)
        compare(cells, value: 0, 3e9)
        let all = try #require(try shadows().first).all
        #expect(all.agreed == nil && all.agreement == nil && all.confusion == nil && all.diverged == 3 && all.nonFinite == 1)
        let value = try #require(all.outputs.first)
        #expect(value.name == "value" && all.outputs.count == 1 && value.absolute.nonFinite == 1)
        #expect(value.absolute.cells == [OutputDifference.Cell(below: 5, count: 1), .init(below: nil, count: 1)])
        #expect(value.absolute.p99 == 3e9 && value.absolute.largest == 3e9)
        _ = try JSONEncoder().encode(all)
        try recorder.finish(into: rig.ledger)
    }

    @Test("each model that had the name has figures of its own, the newest revision's first; names are in order")
    func models() throws {
        let other = "00c0ffee" + String(repeating: "0", count: 56)
        compare(try cells("old", revision: 1), 0.1, 0.2)
        compare(try cells("old", revision: 2, digest: other), 0.1, 0.2)
        compare(try cells("old", shadow: "another"), 0.1, 0.2)
        let found = try shadows()
        #expect(found.map(\.name) == ["another", "candidate", "candidate"] && found.map(\.model) == ["0badcafe", "00c0ffee", "0badcafe"])
        try recorder.finish(into: rig.ledger)
    }

    @Test("a primary that was in some revision has its name, one that nobody knows eight digits")
    func names() throws {
        compare(try cells("old"), 0.1, 0.2)
        compare(try cells("gone"), 0.1, 0.2)
        _ = try rig.ledger.reconcile(route: ReportRig.route, fileWeights: [NamedWeight("newer", 1)], now: ReportRig.now)
        let hash = NameHash(of: "gone").value
        #expect(Set(try #require(try shadows().first).primaries.map(\.name)) == ["old", String(format: "%08x", hash)])
        try recorder.finish(into: rig.ledger)
    }

    // MARK: - Names of classes

    /// What a server says that serves these variants.
    private func serving(_ labels: [String], others: [String: [String]] = [:]) throws -> RouteServing {
        let state = try AdminRig()
        try state.serve()
        var serving = try #require(state.view.serving(route: ReportRig.route))
        serving.labels = labels
        for index in serving.variants.indices { serving.variants[index].labels = others[serving.variants[index].name] }
        return serving
    }

    @Test("classes have the names that the running server tells")
    func labels() throws {
        compare(try cells("old"), 0.25, 0.75)
        let all = try #require(try shadows(try serving(["Drama", "Comedy"])).first).all
        #expect(all.confusion?.labels == ["Drama", "Comedy"] && all.outputs.map(\.name) == ["Drama", "Comedy"])
        try recorder.finish(into: rig.ledger)
    }

    @Test("a primary with the classes in another order is added by their names")
    func order() throws {
        compare(try cells("new"), 0.25, 0.75)
        compare(try cells("old"), 0.25, 0.75)
        compare(try cells("old"), 0.25, 0.375)
        let serving = try serving(["Drama", "Comedy"], others: ["old": ["Comedy", "Drama"]])
        let shadow = try #require(try shadows(serving).first)
        #expect(shadow.primaries.map { $0.figures.confusion?.labels } == [["Drama", "Comedy"], ["Comedy", "Drama"]])
        #expect(shadow.primaries.map { $0.figures.confusion?.counts } == [[[0, 1], [0, 0]], [[1, 1], [0, 0]]])
        #expect(shadow.all.confusion == PairFigures.Confusion(labels: ["Drama", "Comedy"], counts: [[0, 1], [1, 1]]))
        #expect(shadow.all.compared == 3 && shadow.all.agreed == 1)
        try recorder.finish(into: rig.ledger)
    }

    @Test("of more classes than are told apart the last is the others; in different orders they are in no sum")
    func many() throws {
        let labels = (0..<17).map { "label \($0)" }
        for primary in ["new", "old"] { compare(try cells(primary, classes: 40, outputs: 0), 0.25, 0.75) }
        let same = try #require(try shadows(try serving(labels)).first).all
        #expect(same.confusion?.labels.suffix(2) == ["label 14", "others"] && same.confusion?.counts[0][1] == 2 && same.outputs.isEmpty)
        let all = try #require(try shadows(try serving(labels, others: ["old": labels.reversed()])).first).all
        #expect(all.confusion == nil && all.outputs.isEmpty && all.compared == 2 && all.agreed == 0)
        try recorder.finish(into: rig.ledger)
    }
}

@Suite("the classes that a server tells of") struct ServingLabelTests {
    private func serving(_ lanes: [(String, LaneSet)]) throws -> RouteServing {
        let rig = try AdminRig()
        let state = try rig.serve()
        state.publish(try PlanRig.plan([try PlanRig.parts("trees", lanes: lanes, cells: rig.cells)], generation: 2))
        return try #require(rig.view.serving(route: "trees"))
    }

    @Test("are the first variant's, and another's where its order differs; long names are cut off")
    func orders() throws {
        let long = String(repeating: "x", count: 100)
        let (first, turned) = (try Rig.lanes("tensor-int64", labels: ["a", "b", long]), try Rig.lanes("tensor-int64", labels: ["b", "a", long]))
        let serving = try serving([("old", first), ("new", turned), ("newer", first)])
        let cut = String(repeating: "x", count: 64)
        #expect(serving.labels == ["a", "b", cut] && serving.variants.map(\.labels) == [nil, ["b", "a", cut], nil])
        #expect(serving.labels(of: "new") == ["b", "a", cut])
        #expect(serving.labels(of: "newer") == serving.labels && serving.labels(of: "gone") == serving.labels)
        let text = try JSONEncoder().encode(serving)
        #expect(try JSONDecoder().decode(RouteServing.self, from: text).variants.map(\.labels) == serving.variants.map(\.labels))
    }

    @Test("are not there where models answer a value, and what an older server left is read")
    func values() throws {
        let serving = try serving([("old", try Rig.lanes())])
        #expect(serving.labels == nil && serving.variants.map(\.labels) == [nil])
        let text = String(decoding: try JSONEncoder().encode(serving), as: UTF8.self)
        #expect(!text.contains("labels"))
        #expect(try JSONDecoder().decode(RouteServing.self, from: Data(text.utf8)).variants == serving.variants)
    }
}
