import Ledgers
import Logging
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("the keeper's rounds") struct KeeperTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let recorder: Recorder
    private let desk: OutcomeDesk
    private let lines = LogCollector()

    /// The time of the first exposure: the middle of slice 1000 of a second each.
    private static let start: UInt64 = 1_000_500

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        recorder = try folder.recorder(nonce: 1)
        desk = try OutcomeDesk()
        _ = try ledger.declare(route: "trees", outcomes: [OutcomeRig.correct], sliceMilliseconds: 1_000, now: .now)
    }

    private func keeper(_ limits: GatewayLimits = GatewayLimits()) throws -> Keeper {
        let connection = try Ledger(ledger.folder, busyTimeout: 0.01, now: .now)
        return try Keeper(recorder, ledger: connection, desk: desk, limits: limits, logger: logger)
    }

    private var logger: Logger { Logger(label: "tests") { [lines] _ in lines } }

    private func exposures(revision: UInt32 = 3) throws -> ExposureCells {
        let key = ExposureKey(route: "trees", variant: "old", revision: revision, declaration: 1, sliceMilliseconds: 1_000)
        return try #require(recorder.cells.exposures(key))
    }

    private func exposed() throws -> [Int64: UInt64] {
        let slices = try ledger.exposures(route: "trees").flatMap(\.slices)
        return Dictionary(slices.map { ($0.slice, $0.counts.reduce(0, +)) }) { $0 + $1 }
    }

    @Test("a slice is folded two seconds after its end, not before, and once; the reactor gets its room back")
    func slices() throws {
        let (keeper, cells) = (try keeper(), try exposures())
        var work = KeeperWork(logger: logger)
        for slice: UInt64 in [1_000, 1_001] { #expect(cells.meter(reactor: 0).exposed(slice: slice, bucket: 5, rows: 3)) }
        keeper.keep(&work, now: Self.start + 2_499, prunes: false)
        #expect(try exposed() == [:], "slice 1000 ends at 1 001 000, and a turn may still be in it at 1 002 999")
        keeper.keep(&work, now: 1_003_000, prunes: false)
        #expect(try exposed() == [1_000: 3])
        keeper.keep(&work, now: 1_003_999, prunes: false)
        #expect(try exposed() == [1_000: 3])
        #expect(!cells.meter(reactor: 0).exposed(slice: 1_000, bucket: 5, rows: 1), "a folded slice takes no more")
        #expect(cells.meter(reactor: 0).exposed(slice: 1_000 + 64, bucket: 5, rows: 2), "its place in the ring is free again")
        keeper.keep(&work, now: 1_067_000, prunes: false)
        #expect(try exposed() == [1_000: 3, 1_001: 3, 1_064: 2])
        #expect(lines.messages == [])
    }

    @Test("a finished revision goes to the ledger once, all its slices with it; one in use stays")
    func revisions() throws {
        let keeper = try keeper()
        var work = KeeperWork(logger: logger)
        var old: VariantCells? = recorder.cells.variant(route: "trees", variant: "old", revision: 3)
        var oldExposures: ExposureCells? = try exposures(revision: 3)
        let new = recorder.cells.variant(route: "trees", variant: "old", revision: 4)
        old?.meter(reactor: 0).answered(status: .s200, reason: .assigned, rows: 5, latency: 5_000, queue: 1_000, model: 2_000)
        new.meter(reactor: 0).answered(status: .s200, reason: .assigned, rows: 1, latency: 5_000, queue: 1_000, model: 2_000)
        #expect(oldExposures?.meter(reactor: 1).exposed(slice: 1_000, bucket: 5, rows: 5) == true)
        keeper.keep(&work, now: Self.start, prunes: false)
        #expect(try ledger.cells().isEmpty && exposed() == [:])
        (old, oldExposures) = (nil, nil)
        for _ in 0..<3 { keeper.keep(&work, now: Self.start, prunes: false) }
        #expect(try Set(ledger.cells().map(\.key.revision)) == [3])
        #expect(try exposed() == [1_000: 5], "without waiting for the slice to close: nobody counts there any more")
        #expect(recorder.cells.snapshot().variants.map(\.rows) == [6], "what metrics tell never falls")
        #expect(old == nil && oldExposures == nil)
    }

    @Test("the sums' moment is that up to which the desk has drained")
    func moment() throws {
        let keeper = try keeper()
        var work = KeeperWork(logger: logger)
        #expect(keeper.lastFold == nil && keeper.lastCheckpoint == nil)
        keeper.keep(&work, now: OutcomeRig.noon + 5_000, prunes: false)
        #expect(keeper.lastFold == OutcomeRig.noon + 5_000 && keeper.lastCheckpoint == OutcomeRig.noon + 5_000)
        #expect(try ledger.outcomeReport(route: "trees").asOf?.milliseconds == Int64(OutcomeRig.noon) + 5_000)
        #expect(desk.submit(OutcomeRig.job("{}", arrived: OutcomeRig.noon + 5_500)))
        keeper.keep(&work, now: OutcomeRig.noon + 9_000, prunes: false)
        #expect(keeper.lastFold == OutcomeRig.noon + 5_500 && keeper.lastCheckpoint == OutcomeRig.noon + 9_000)
        #expect(try ledger.outcomeReport(route: "trees").asOf?.milliseconds == Int64(OutcomeRig.noon) + 5_500)
    }

    /// An outcome and a prediction of so many days ago, in sums already.
    private func store(daysAgo days: UInt64, sequence: UInt64) throws {
        let time = OutcomeRig.noon - days * 86_400_000
        let id = OutcomeRig.id(sequence, time: time)
        let entry = OutcomeEntry(
            id: id, route: "trees", assigned: "old", served: "old", name: "correct", declaration: 1, windowMilliseconds: 30_000, value: 0,
            receivedAt: Timestamp(milliseconds: Int64(time)), author: "shop")
        _ = try ledger.record([entry], now: .now)
        let key = [UInt8](repeating: UInt8(sequence), count: PredictionRecord.keyBytes)
        _ = try ledger.appendPredictions([
            PredictionRecord(
                key: key, route: "trees", at: Timestamp(milliseconds: Int64(time)), unit: nil, assigned: "old", served: "old", revision: 1,
                reason: .assigned, status: 200, latencyMicroseconds: 1, label: nil, scores: [], answer: nil, input: nil)
        ])
    }

    @Test("outcomes and predictions go when they are older than their days, and only when it prunes")
    func retention() throws {
        var limits = GatewayLimits()
        (limits.outcomeDays, limits.predictionDays) = (401, 30)
        let keeper = try keeper(limits)
        var work = KeeperWork(logger: logger)
        for (sequence, days): (UInt64, UInt64) in [(1, 402), (2, 400), (3, 31), (4, 29)] { try store(daysAgo: days, sequence: sequence) }
        let sums = { try ledger.outcomeSums(route: "trees").values.reduce(0) { $0 + $1.counted.overall.count } }
        keeper.keep(&work, now: OutcomeRig.noon, prunes: false)
        #expect(try outcomes() == 4 && ledger.predictionUsage().rows == 4 && sums() == 4)
        keeper.keep(&work, now: OutcomeRig.noon, prunes: true)
        #expect(try outcomes() == 3 && ledger.predictionUsage().rows == 1)
        #expect(try sums() == 4, "sums stay")
    }

    @Test("the prediction log keeps so many rows at most, the newest")
    func rows() throws {
        var limits = GatewayLimits()
        limits.predictionRows = 2
        let keeper = try keeper(limits)
        var work = KeeperWork(logger: logger)
        for sequence: UInt64 in 1...5 { try store(daysAgo: 1, sequence: sequence) }
        keeper.keep(&work, now: OutcomeRig.noon, prunes: true)
        var reader = PredictionReader(ledger, route: "trees", since: Timestamp(milliseconds: 0), until: Timestamp(milliseconds: .max))
        #expect(try reader.next()?.map { $0.key[0] } == [4, 5])
    }

    private func outcomes() throws -> Int {
        var reader = ExportedOutcomeReader(ledger, route: "trees", since: Timestamp(milliseconds: 0), until: Timestamp(milliseconds: .max))
        var count = 0
        while let page = try reader.next() { count += page.count }
        return count
    }

    @Test("a locked ledger: every trouble is told once and its end once; nothing is lost")
    func locked() throws {
        let (keeper, cells) = (try keeper(), try exposures())
        var work = KeeperWork(logger: logger)
        #expect(cells.meter(reactor: 0).exposed(slice: 1_000, bucket: 5, rows: 3))
        let holder = try LockedLedger(ledger.folder.ledgerPath)
        for _ in 0..<3 { keeper.keep(&work, now: 1_010_000, prunes: false) }
        #expect(lines.messages == ["outcomes cannot be added to the sums"])
        #expect(keeper.lastFold == nil && keeper.lastCheckpoint == 1_010_000, "counters are copied all the same")
        holder.release()
        keeper.keep(&work, now: 1_010_000, prunes: false)
        keeper.keep(&work, now: 1_020_000, prunes: false)
        #expect(lines.messages.dropFirst() == ["no longer: outcomes cannot be added to the sums"], "after ten seconds without a failure")
        #expect(try exposed() == [1_000: 3])
    }
}
