import Foundation
import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway

extension RouteReport {
    fileprivate func variant(_ name: String) throws -> VariantFigures { try #require(variants.first { $0.name == name }) }
}

@Suite("the report of a route") struct ReportTests {
    private let rig: ReportRig

    init() throws {
        rig = try ReportRig()
    }

    @Test("is the same before a crash, after it, and when the ledger has folded what the dead left")
    func restart() throws {
        var first: Recorder? = try rig.start(nonce: 7)
        try rig.count(#require(first), "old", 9)
        try rig.count(#require(first), "new", 3, status: .s500, reactor: 1)
        try rig.count(#require(first), "new", 5, route: "lakes")
        let before = try rig.text()
        #expect(try rig.report().exposures == 12)
        // Nobody says goodbye: the files stay as they are.
        first = nil
        #expect(try rig.text() == before)
        let second = try rig.start(nonce: 8)
        #expect(try rig.text() == before)
        second.recover(into: rig.ledger)
        #expect(try rig.text() == before)
        rig.count(second, "old", 1)
        #expect(try rig.report().variant("old").exposures == 10)
        let last = try rig.text()
        try second.finish(into: rig.ledger)
        #expect(try rig.text() == last)
    }

    @Test("counts a block once while it is in its file and in the ledger")
    func folded() throws {
        let recorder = try rig.start(nonce: 9)
        rig.count(recorder, "old", 4)
        let before = try rig.text()
        try rig.ledger.foldCells(recorder.cells.records().map { CellFold($0, worker: recorder.nonce) })
        #expect(try rig.text() == before)
        try recorder.finish(into: rig.ledger)
        #expect(try rig.text() == before)
    }

    @Test("looking changes nothing in the state folder")
    func looking() throws {
        let recorder = try rig.start(nonce: 10)
        rig.count(recorder, "old", 4)
        try recorder.checkpoint()
        func files() throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: rig.folder.path).filter { !$0.contains("ledger.sqlite") }.sorted()
        }
        let before = try files()
        _ = try rig.report()
        #expect(try files() == before && before.contains { $0.hasSuffix(".cells.a") })
        try recorder.finish(into: rig.ledger)
    }

    @Test("expects of each revision what its weights were, not those in force")
    func expected() throws {
        let recorder = try rig.start(nonce: 11)
        rig.count(recorder, "old", revision: 1, 92)
        rig.count(recorder, "new", revision: 1, 8)
        try rig.move(50, 50)
        rig.count(recorder, "old", revision: 2, 48)
        rig.count(recorder, "new", revision: 2, 52)
        let report = try rig.report()
        let (old, new) = (try report.variant("old"), try report.variant("new"))
        #expect(old.expectedExposures == 140 && old.expectedShare == 0.7 && old.exposures == 140 && old.share == 0.5)
        #expect(new.expectedExposures == 60 && new.expectedShare == 0.3 && new.observedShare == 0.3)
        #expect(report.revision.number == 2 && report.revision.author == "ana" && report.exposures == 200)
        #expect(report.revisions.map(\.number) == [2, 1] && report.revisions.map(\.exposures) == [100, 100])
        #expect(report.revisions[0].variants.map(\.observedShare) == [0.48, 0.52] && report.revisions[1].variants.map(\.share) == [0.9, 0.1])
        try recorder.finish(into: rig.ledger)
    }

    @Test("keeps a variant that has left the split, and leaves out revisions without exposures")
    func leavers() throws {
        let recorder = try rig.start(nonce: 12)
        rig.count(recorder, "new", 3)
        try rig.move(1, 0)
        let weights = [NamedWeight("old", 1), NamedWeight("newer", 1)]
        _ = try rig.ledger.reconcile(route: ReportRig.route, fileWeights: weights, now: ReportRig.now)
        let report = try rig.report()
        #expect(report.variants.map(\.name) == ["old", "newer", "new"] && report.revisions.map(\.number) == [3, 1])
        let new = try report.variant("new")
        #expect(new.weight == 0 && new.share == 0 && new.exposures == 3 && abs(new.expectedExposures - 0.3) < 1e-12)
        #expect(try report.variant("newer").observedShare == 0)
        try recorder.finish(into: rig.ledger)
    }

    @Test("tells how exposures ended, who answered, and what never got a variant")
    func classes() throws {
        let recorder = try rig.start(nonce: 13)
        for (status, number) in [(StatusCode.s200, 7), (.s400, 6), (.s500, 5), (.s504, 4), (.s429, 3), (.s499, 2)] {
            rig.count(recorder, "old", number, status: status, reactor: number % 2)
        }
        let cells = recorder.cells.variant(route: ReportRig.route, variant: "old", revision: 1)
        for (reason, number) in [(ServedReason.override, 11), (.fallback, 12)] {
            for _ in 0..<number {
                cells.meter(reactor: 0).answered(status: .s200, reason: reason, rows: 1, latency: 1, queue: 1, model: 1)
            }
        }
        cells.meter(reactor: 0).event(.slow, isFirst: true)
        cells.meter(reactor: 1).event(.slow, isFirst: false)
        recorder.cells.route(ReportRig.route).meter(reactor: 1).answered(.s401)
        let report = try rig.report()
        let old = try report.variant("old")
        #expect(old.classes == VariantFigures.Classes(ok: 7, callerFault: 6, modelFailure: 5, timeout: 4, refused: 3, cancelled: 2))
        #expect(old.served == ["assigned": 27, "fallback": 12] && old.overrides == 11 && old.exposures == 27 && old.rows == 54)
        #expect(old.events["slow"] == VariantFigures.Events(count: 2, first: 1))
        #expect(report.refusedBeforeAssignment == ["401": 1])
        try recorder.finish(into: rig.ledger)
    }

    @Test("gives times in milliseconds: an exact mean, and quantiles within 0.8 %")
    func times() throws {
        let recorder = try rig.start(nonce: 14)
        rig.count(recorder, "old", 100)
        let timing = try rig.report().variant("old").latency
        #expect(timing.count == 100 && timing.mean == 50.5)
        for (value, wanted) in [(timing.p50, 50.0), (timing.p90, 90), (timing.p95, 95), (timing.p99, 99)] {
            #expect(abs(try #require(value) / wanted - 1) < 0.008)
        }
        #expect(try rig.report().variant("new").latency == VariantFigures.Timing(count: 0))
        try recorder.finish(into: rig.ledger)
    }

    @Test("says what could not be read, and reports the rest")
    func ruined() throws {
        let recorder = try rig.start(nonce: 15)
        rig.count(recorder, "old", 4)
        let path = rig.folder.path + "/state/recorder/00000000000000ff-0.cells"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 1, count: 8_192)))
        let report = try rig.report()
        #expect(report.exposures == 4)
        #expect(report.notes.contains { $0.contains("00000000000000ff-0.cells: no recorder file") })
        #expect(FileManager.default.fileExists(atPath: path))
        try recorder.finish(into: rig.ledger)
    }

    @Test("names faults that are going on, variants that are held, and when the last fault was over")
    func faults() throws {
        #expect(try rig.report().faults.isEmpty && rig.report().held.isEmpty && !rig.report().notes.contains { $0.contains("fault") })
        _ = try rig.ledger.startFault(
            route: "trees", variant: "new", kind: .delay(milliseconds: 30), percent: 50, seconds: 60, author: "ana", reason: "drill",
            now: ReportRig.now)
        let digest = String(repeating: "a", count: 64)
        _ = try rig.ledger.hold(route: "trees", variant: "old", sha256: digest, signal: 11, verdict: "crashed", now: ReportRig.now)
        let report = try rig.report()
        #expect(report.faults.map(\.variant) == ["new"] && report.faults.map(\.delayMilliseconds) == [30] && report.faults.map(\.isInForce) == [nil])
        #expect(report.held.map(\.variant) == ["old"] && report.held.map(\.signal) == [11])
        #expect(report.notes.contains { $0.hasSuffix("on new and is going on until 2023-11-14T22:14:20Z.") })
        _ = try rig.ledger.endFaults(route: "trees", author: "ana", now: ReportRig.now.advanced(bySeconds: -1))
        #expect(try rig.report().faults.isEmpty)
        #expect(try rig.report().notes.contains { $0.hasSuffix("on new and was over at 2023-11-14T22:13:19Z.") })
        _ = try rig.ledger.startFault(
            route: "trees", variant: "new", kind: .crash, percent: 50, seconds: 60, author: "ana", reason: "drill", now: ReportRig.now)
        #expect(try rig.report().notes.contains { $0.contains("--allow-crash-faults") })
    }

    @Test("of a route that nobody knows is refused, with those that are known")
    func unknown() throws {
        let error = #expect(throws: LedgerError.self) { try ReportSource(rig.ledger, route: "tree", now: .now) }
        #expect("\(error as Any)".contains("trees"))
    }
}

@Suite("the outcomes in a report") struct OutcomeReportTests {
    private let rig: ReportRig
    private let recorder: Recorder
    private let declaration: UInt32
    /// The end of slice 1 700 000 000, when the last prediction is made.
    private static let base: Int64 = 1_700_000_000_000
    private static let rules = [
        OutcomeRule(name: "clicked", kind: .rate, windowMilliseconds: 10_000, absence: .zero),
        OutcomeRule(name: "spent", kind: .mean, isHigherBetter: false, windowMilliseconds: 64_000, cap: 100_000_000),
        OutcomeRule(name: "truth", kind: .label, windowMilliseconds: 10_000),
    ]

    init() throws {
        rig = try ReportRig()
        recorder = try rig.start(nonce: 21)
        declaration = try rig.ledger.declare(route: ReportRig.route, outcomes: Self.rules, sliceMilliseconds: 1_000, now: ReportRig.now)
    }

    /// Counts so many predictions in a slice, `after` seconds from the first.
    private func expose(_ number: Int, after: Int64, variant: String = "old") throws {
        let key = ExposureKey(route: ReportRig.route, variant: variant, revision: 1, declaration: declaration, sliceMilliseconds: 1_000)
        let cells = try #require(recorder.cells.exposures(key))
        #expect(cells.meter(reactor: 0).exposed(slice: UInt64(Self.base / 1_000 + after), bucket: 3, rows: number))
    }

    private func report(
        _ sequence: UInt64, _ name: String, _ value: Double, counted: Double? = nil, after: Int64 = 0, later: Int64 = 1, truth: Int? = nil,
        reason: ServedReason = .assigned, declaration: UInt32? = nil
    ) throws {
        let id = PredictionID(
            route: NameHash(of: ReportRig.route), assigned: NameHash(of: "old"), served: NameHash(of: "old"), revision: 1, reason: reason,
            flags: [], label: 0, time: UInt64(Self.base + after * 1_000), unit: sequence, nonce: 0x11, reactor: 0, sequence: sequence)
        let rule = try #require(Self.rules.first { $0.name == name })
        _ = try rig.ledger.record(
            [
                OutcomeEntry(
                    id: id, route: ReportRig.route, assigned: "old", served: "old", name: name, declaration: declaration ?? self.declaration,
                    windowMilliseconds: rule.windowMilliseconds, value: Int64(value * 1e6), counted: counted.map { Int64($0 * 1e6) },
                    truth: truth.map { "label \($0)" }, truthIndex: truth,
                    receivedAt: Timestamp(milliseconds: Self.base + (after + later) * 1_000), author: "shop")
            ], now: ReportRig.now)
    }

    private func figures(asOf seconds: Int64) throws -> [String: OutcomeFigures] {
        _ = try rig.ledger.foldOutcomes(asOf: Timestamp(milliseconds: Self.base + seconds * 1_000))
        let old = try #require(try rig.report().variants.first { $0.name == "old" })
        #expect(old.outcomes.map(\.name) == ["clicked", "spent", "truth"])
        return Dictionary(uniqueKeysWithValues: old.outcomes.map { ($0.name, $0) })
    }

    @Test("count by the predictions whose window is over, in the ring or in the ledger")
    func matured() throws {
        try expose(8, after: 0)
        try expose(100, after: 20)
        for number in 1...2 { try report(UInt64(number), "clicked", 1) }
        try report(3, "clicked", 1, after: 20)
        try report(4, "clicked", 1, later: 11)
        try report(5, "clicked", 1, reason: .override)
        // The first slice ends after a second; its window and the grace are over after 13.
        let clicked = try #require(try figures(asOf: 13)["clicked"])
        #expect(clicked.n == 8 && clicked.maturedExposures == 8 && clicked.outcomes == 2 && clicked.mean == 0.25)
        #expect(clicked.maturing == 1 && clicked.late == 1 && clicked.overridden == 1 && clicked.uncounted == 0)
        #expect(clicked.kind == "rate" && clicked.better == "higher" && clicked.windowSeconds == 10 && clicked.absence == "zero" && clicked.cap == nil)
        let before = try rig.text()
        let folds = recorder.cells.exposureRecords().map { ExposureFold($0, worker: recorder.nonce) }
        try rig.ledger.foldExposures(folds)
        #expect(try rig.text() == before)
        try recorder.finish(into: rig.ledger)
        #expect(try rig.text() == before)
        #expect(try figures(asOf: 33)["clicked"]?.n == 108)
    }

    @Test("keep capped and raw values, and count only what came where absence says nothing")
    func capped() throws {
        try expose(50, after: 0)
        try report(1, "spent", 40)
        try report(2, "spent", 260, counted: 100)
        #expect(try figures(asOf: 66)["spent"]?.n == 0)
        let spent = try #require(try figures(asOf: 67)["spent"])
        #expect(spent.n == 2 && spent.maturedExposures == 50 && spent.mean == 70 && spent.rawMean == 150 && spent.cap == 100)
        #expect(spent.better == "lower" && spent.absence == "unknown")
        try recorder.finish(into: rig.ledger)
    }

    @Test("are accuracy of all labels, and scores of the sampled ones")
    func labels() throws {
        try expose(3, after: 0)
        try rig.ledger.appendPredictions([
            PredictionRecord(
                key: [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], route: ReportRig.route, at: Timestamp(milliseconds: Self.base), unit: 1, assigned: "old",
                served: "old", revision: 1, reason: .assigned, status: 200, latencyMicroseconds: 250, label: 0, scores: [0.75, 0.25], answer: "{}", input: "{}")
        ])
        try report(1, "truth", 1, truth: 0)
        try report(2, "truth", 0, truth: 1)
        let truth = try #require(try figures(asOf: 13)["truth"])
        #expect(truth.n == 2 && truth.mean == 0.5)
        #expect(truth.logLoss == OutcomeFigures.Score(n: 1, mean: 0.287_682) && truth.brier == OutcomeFigures.Score(n: 1, mean: 0.125))
        try recorder.finish(into: rig.ledger)
    }

    @Test("of an earlier declaration are named, and in no mean")
    func earlier() throws {
        try report(1, "clicked", 1)
        var rules = Self.rules
        rules[0].absence = .unknown
        _ = try rig.ledger.declare(route: ReportRig.route, outcomes: rules, sliceMilliseconds: 1_000, now: ReportRig.now)
        let clicked = try #require(try figures(asOf: 13)["clicked"])
        #expect(clicked.outcomes == 0 && clicked.mean == nil)
        #expect(try rig.report().notes.contains { $0.hasPrefix("1 outcome is stored under an earlier declaration") })
        try recorder.finish(into: rig.ledger)
    }
}
