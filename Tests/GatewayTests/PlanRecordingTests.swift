import Contracts
import Ledgers
import Metrics
import Primitives
import RouteFiles
import Testing

@testable import Gateway

@Suite("what a plan records") struct PlanRecordingTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let maker: PlanMaker

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        maker = try Self.maker(folder, ledger, nonce: 1)
    }

    private static func maker(_ folder: TestFolder, _ ledger: Ledger, nonce: UInt64) throws -> PlanMaker {
        PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: nonce),
            directory: folder.routes, reactors: 1)
    }

    /// The pair with outcomes: a rate of 30 s, and a mean of `window`.
    private func pair(window: String = "64s", unit: Bool = true) throws -> RouteText {
        var route = try RouteText.pair()
        route.more =
            (unit ? ["unit: { header: x-user-id }"] : []) + [
                "outcomes:", "  correct: { kind: rate, better: higher, window: 30s }",
                "  minutes: { kind: mean, better: lower, window: \(window), cap: 120, absence: zero }",
            ]
        return route
    }

    private func flags(_ plan: Plan) -> UInt32 { plan.routes[0].flags.declarationBits }

    @Test("outcomes are declared as the file says, under a number that ids carry; the same file declares nothing anew")
    func declares() throws {
        try folder.write(pair())
        let plan = try maker.reload()
        let rules = [
            OutcomeRule(name: "correct", kind: .rate, isHigherBetter: true, windowMilliseconds: 30_000),
            OutcomeRule(name: "minutes", kind: .mean, isHigherBetter: false, windowMilliseconds: 64_000, cap: 120_000_000, absence: .zero),
        ]
        let declarations = try ledger.declarations(route: "trees")
        #expect(declarations.map(\.number) == [1] && declarations[0].outcomes == rules && declarations[0].sliceMilliseconds == 1_000)
        #expect(flags(plan) == 1 && plan.routes[0].sliceMilliseconds == 1_000)
        _ = try maker.refresh()
        _ = try maker.reload()
        #expect(try ledger.declarations(route: "trees").count == 1)
    }

    @Test("a change of an outcome is the next declaration; both are known to the thread that stores outcomes")
    func changes() throws {
        try folder.write(pair())
        _ = try maker.reload()
        try folder.write(pair(window: "10m"))
        let plan = try maker.reload()
        #expect(flags(plan) == 2 && plan.routes[0].sliceMilliseconds == 9_375)
        let known = try #require(plan.outcomes.routes[NameHash(of: "trees").value])
        #expect(known.declarations.map(\.number) == [1, 2] && known.current == ["correct", "minutes"])
        #expect(known.declaration(of: OutcomeRig.id(declaration: 1, time: UInt64(Timestamp.now.milliseconds)))?.outcomes[1].windowMilliseconds == 64_000)
    }

    @Test("without outcomes nothing is declared, no exposure has a slice, and none is taken")
    func silent() throws {
        try folder.write(.pair())
        let plan = try maker.reload()
        #expect(try ledger.declarations(route: "trees").isEmpty && flags(plan) == 0 && plan.routes[0].sliceMilliseconds == 0)
        #expect(!plan.routes[0].variants[0].exposures[0].exposed(slice: 5, bucket: 0, rows: 1))
        #expect(plan.outcomes.routes[NameHash(of: "trees").value]?.current == [])
    }

    @Test("outcomes that the file no longer has are in force no more, and counted no more")
    func withdrawn() throws {
        try folder.write(pair())
        _ = try maker.reload()
        try folder.write(.pair())
        let plan = try maker.reload()
        #expect(flags(plan) == 0 && plan.outcomes.routes[NameHash(of: "trees").value]?.current == [])
        #expect(try ledger.declarations(route: "trees").count == 1, "history stays")
    }

    @Test("eight declarations are known, the newest: as many as three bits tell apart")
    func eight() throws {
        for minutes in 1...10 {
            try folder.write(pair(window: "\(minutes)m"))
            _ = try maker.reload()
        }
        let known = try #require(try maker.refresh().outcomes.routes[NameHash(of: "trees").value])
        #expect(known.declarations.map(\.number) == Array(3...10))
        let later = UInt64(Timestamp.now.milliseconds)
        #expect((0..<8).map { known.declaration(of: OutcomeRig.id(declaration: $0, time: later))?.number } == [8, 9, 10, 3, 4, 5, 6, 7])
        #expect(known.declaration(of: OutcomeRig.id(declaration: 0, time: later - 7_200_000)) == nil, "an id from before it was declared")
    }

    @Test("each variant is known by its name, one of an old revision too, for outcomes that are still to come")
    func variants() throws {
        try folder.write(pair())
        _ = try maker.reload()
        var route = try pair()
        route.variants.removeLast()
        try folder.write(route)
        let known = try #require(try maker.reload().outcomes.routes[NameHash(of: "trees").value])
        #expect(known.variants[NameHash(of: "champion").value] == "champion")
        #expect(known.variants[NameHash(of: "challenger").value] == "challenger")
    }

    @Test("exposures and counters belong to a revision: a split begins new ones, a token does not")
    func cells() throws {
        try folder.write(pair())
        let one = try maker.reload()
        #expect(one.routes[0].variants[0].exposures[0].exposed(slice: 100, bucket: 3, rows: 2))
        let same = try maker.refresh()
        #expect(same.routes[0].variants[0].exposures[0].exposed(slice: 100, bucket: 3, rows: 5))
        #expect(maker.cells.exposureRecords().map { $0.slices.map { $0.counts[3] } } == [[7]])
        _ = try ledger.newRevision(
            route: "trees", weights: [NamedWeight("champion", 1), NamedWeight("challenger", 1)], author: "ana", reason: "even", now: .now)
        let two = try maker.refresh()
        #expect(two.routes[0].variants[0].exposures[0].exposed(slice: 100, bucket: 3, rows: 1))
        let records = maker.cells.exposureRecords().sorted { $0.head.revision < $1.head.revision }
        #expect(records.map(\.head.revision) == [1, 2] && records.map { $0.slices[0].counts[3] } == [7, 1])
        #expect(records.allSatisfy { $0.key.declaration == 1 && $0.key.variant == "champion" })
    }

    @Test("features have bins when there are sample rows to compare with, and only then", arguments: [false, true])
    func bins(hasSamples: Bool) throws {
        var route = try pair()
        if hasSamples { route.sample = (0..<50).map { #"{"a":\#($0 % 10),"b":\#($0 % 7),"c":0,"d":1}"# }.joined(separator: "\n") }
        try folder.write(route)
        let plan = try maker.reload()
        #expect(plan.routes[0].hasBins == hasSamples)
        let meter = plan.routes[0].variants[0].meters[0]
        meter.answered(status: .s200, reason: .assigned, rows: 4, latency: 5_000, queue: 1_000, model: 2_000)
        for value in [0.0, 1, 1, .nan] { meter.feature(0, value) }
        var sums = BlockSums()
        for record in maker.cells.records() where record.head.kind == .variant { sums.add(record) }
        let champion = try #require(sums.variants().first { $0.variant == "champion" })
        #expect(champion.features.count == (hasSamples ? 4 : 0))
        #expect(champion.features.first.map { $0.reduce(0, +) } == (hasSamples ? 4 : nil))
        #expect(champion.scores.count == 3, "one a class")
    }

    @Test("first events of units are remembered over plans and restarts, until models or outcomes change")
    func firsts() throws {
        try folder.write(pair())
        #expect(try #require(maker.reload().routes[0].firsts).isFirst(.exposure, slot: 9))
        _ = try ledger.newRevision(
            route: "trees", weights: [NamedWeight("champion", 1), NamedWeight("challenger", 1)], author: "ana", reason: "even", now: .now)
        #expect(try !#require(maker.refresh().routes[0].firsts).isFirst(.exposure, slot: 9))
        try maker.recorder.checkpoint()
        let next = try Self.maker(folder, ledger, nonce: 2)
        #expect(try !#require(next.reload().routes[0].firsts).isFirst(.exposure, slot: 9))
        try folder.write(pair(window: "10m"))
        #expect(try #require(next.reload().routes[0].firsts).isFirst(.exposure, slot: 9))
    }

    @Test("a route whose predictions are their own units has no such map")
    func noUnits() throws {
        try folder.write(pair(unit: false))
        #expect(try maker.reload().routes[0].firsts == nil)
    }

    @Test(
        "the share of the prediction log and the bound of slowness are those of the file",
        arguments: [
            ([], 42_949_672 as UInt64, 500_000_000 as UInt64), (["log: { percent: 100 }", "deadline: 80ms"], 4_294_967_296, 40_000_000),
            (["log: { percent: 0 }", "slow: 7ms"], 0, 7_000_000),
        ] as [([String], UInt64, UInt64)])
    func shares(more: [String], share: UInt64, slow: UInt64) throws {
        var route = try RouteText.pair()
        route.more = more
        try folder.write(route)
        let plan = try maker.reload()
        #expect(plan.routes[0].logShare == share && plan.routes[0].slow == slow)
    }

    @Test("notes of both variants say how to read them")
    func shapes() throws {
        var route = try pair()
        route.input[1] = "{ name: b, type: number, min: -10, max: 10, private: true }"
        try folder.write(route)
        let plan = try maker.reload()
        let shapes = (0..<2).map { PredictionShapes.shared.shape(plan.routes[0].variants[$0].shape) }
        #expect(shapes.map(\.variant) == ["champion", "challenger"] && shapes.allSatisfy { $0.route == "trees" })
        #expect(shapes.allSatisfy { $0.labels == ["oak", "pine", "willow"] && $0.fields.map(\.isPrivate) == [false, true, false, false] })
    }

    @Test("ids of every key that is kept are verified")
    func keys() throws {
        try folder.write(pair())
        let plan = try maker.reload()
        let snapshot = try ledger.snapshot(now: .now)
        #expect(plan.outcomes.keys.map(\.id) == snapshot.predictionKeys.map(\.id))
        let (text, keys) = (Array(OutcomeRig.text(OutcomeRig.id(), key: plan.predictionKey).utf8), plan.outcomes.keys)
        let found = PredictionID.verify(text.span.bytes, keys: keys.span)
        #expect(found == .success(OutcomeRig.id()))
    }
}
