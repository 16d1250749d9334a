import Foundation
import Ledgers
import Logging
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("counters over starts") struct RecorderTests {
    private let folder: TestFolder
    private let ledger: Ledger

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        _ = try ledger.declare(route: "trees", outcomes: [OutcomeRig.correct], sliceMilliseconds: 1_000, now: .now)
    }

    private static let exposures = ExposureKey(route: "trees", variant: "old", revision: 3, declaration: 1, sliceMilliseconds: 1_000)

    /// A start of the server that counted `rows` rows on each writer and was killed; its file locks go with it.
    private func dead(_ nonce: UInt64, rows: Int, writers: Int = 2) throws {
        let recorder = try folder.recorder(nonce: nonce, writers: writers + 1)
        let cells = recorder.cells.variant(route: "trees", variant: "old", revision: 3)
        let exposures = try #require(recorder.cells.exposures(Self.exposures))
        for writer in 0..<writers {
            cells.meter(reactor: writer).answered(status: .s200, reason: .assigned, rows: rows, latency: 5_000, queue: 1_000, model: 2_000)
            #expect(exposures.meter(reactor: writer).exposed(slice: 100 + UInt64(writer), bucket: 7, rows: rows))
        }
    }

    private func rows() throws -> [UInt64] {
        var sums = BlockSums()
        for cell in try ledger.cells(route: "trees") where cell.key.kind == BlockKind.variant.rawValue {
            let key = BlockKey(
                kind: .variant, route: cell.key.route, variant: cell.key.variant, revision: cell.key.revision, shape: cell.key.shape)
            let isAdded = sums.add(Array(cell.words[CellLayout.head...]), to: key)
            #expect(isAdded)
        }
        return sums.variants().map { $0.rowsByReason.reduce(0, +) }
    }

    private func exposed() throws -> [Int64: UInt64] {
        let slices = try ledger.exposures(route: "trees").flatMap(\.slices)
        return Dictionary(slices.map { ($0.slice, $0.counts.reduce(0, +)) }) { $0 + $1 }
    }

    private var files: [String] {
        get throws { try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/memory").filter { $0.hasSuffix(".cells") } }
    }

    @Test("what dead starts counted is in the ledger once, however often it is looked for, and their files are gone")
    func recover() throws {
        try dead(1, rows: 3)
        try dead(2, rows: 5)
        #expect(try files.count == 8)
        let recorder = try folder.recorder(nonce: 9)
        for _ in 0..<2 {
            recorder.recover(into: ledger)
            #expect(try rows() == [16] && exposed() == [100: 8, 101: 8])
            #expect(try files.count == 4, "the living one's")
        }
        #expect(recorder.cells.snapshot().variants.isEmpty, "the new start counts from zero")
    }

    @Test("a recovery that was killed after the fold, before the files were removed, is repeated without counting anything twice")
    func killed() throws {
        try dead(1, rows: 3)
        let copies = folder.path + "/copies"
        try FileManager.default.copyItem(atPath: folder.path + "/memory", toPath: copies)
        try folder.recorder(nonce: 8).recover(into: ledger)
        #expect(try rows() == [6])
        for file in try FileManager.default.subpathsOfDirectory(atPath: copies) where file.hasSuffix(".cells") {
            try FileManager.default.copyItem(atPath: "\(copies)/\(file)", toPath: "\(folder.path)/memory/\(file)")
        }
        try folder.recorder(nonce: 9).recover(into: ledger)
        #expect(try rows() == [6] && exposed() == [100: 3, 101: 3])
    }

    @Test("a ledger that cannot be written does not keep anybody from serving; the files wait for the next start")
    func lockedLedger() throws {
        try dead(1, rows: 3)
        let impatient = try Ledger(ledger.folder, busyTimeout: 0.01, now: .now)
        let holder = try LockedLedger(ledger.folder.ledgerPath)
        let lines = LogCollector()
        let recorder = try folder.recorder(nonce: 9, logger: Logger(label: "tests") { _ in lines })
        recorder.recover(into: impatient)
        #expect(lines.messages.contains("counters of an earlier start wait for the next one"))
        #expect(try files.count == 8 && rows() == [])
        holder.release()
        recorder.recover(into: impatient)
        #expect(try rows() == [6] && files.count == 4)
    }

    @Test("an orderly end adds everything to the ledger, and the next start finds nothing")
    func finish() throws {
        do {
            let recorder = try folder.recorder(nonce: 1)
            recorder.cells.variant(route: "trees", variant: "old", revision: 3).meter(reactor: 1).answered(
                status: .s200, reason: .assigned, rows: 4, latency: 5_000, queue: 1_000, model: 2_000)
            #expect(try #require(recorder.cells.exposures(Self.exposures)).meter(reactor: 0).exposed(slice: 9, bucket: 1, rows: 4))
            try recorder.finish(into: ledger)
            #expect(try files.isEmpty)
        }
        try folder.recorder(nonce: 2).recover(into: ledger)
        #expect(try rows() == [4] && exposed() == [9: 4])
    }

    @Test("copies that a dead worker had in hand are dropped once, by the name of its death")
    func settlement() throws {
        let key = ShadowKey(
            route: "trees", shadow: "new", revision: 3,
            shape: ShadowShape(shadow: "ab12cd34", primary: "00", name: "old", outputs: 2, classes: 2))
        do {
            let recorder = try folder.recorder(nonce: 1)
            let cells = try #require(recorder.cells.shadow(key))
            for _ in 0..<10 { cells.copies(reactor: 1).sampled() }
            cells.copies(reactor: 1).dropped(.queueFull)
            cells.pairs.dropped(.expired, rows: 2)
            let pair = AnswerPair(primaryLabel: 0, shadowLabel: 1, primary: [0.75, 0.25], shadow: [0.25, 0.75])
            for _ in 0..<3 { _ = cells.pairs.compare(pair, primaryTime: 1_000, shadowTime: 2_000, tolerance: 0.1) }
        }
        let recorder = try folder.recorder(nonce: 9)
        for _ in 0..<2 {
            recorder.recover(into: ledger)
            let record = try #require(try shadows().first)
            #expect(record.sampled == 10 && record.compared == 3 && record.underWay == 0)
            #expect(record.dropped == [1, 2, 0, 0, 0, 0, 0, 0, 4])
            #expect(record.outputs.map(\.largestAbsolute) == [0.5, 0.5])
            #expect(record.shadow == "new" && record.model == 0xAB12_CD34)
        }
    }

    private func shadows() throws -> [ShadowRecord] {
        var sums = BlockSums()
        for cell in try ledger.cells(route: "trees") {
            guard let kind = BlockKind(rawValue: cell.key.kind) else { continue }
            let key = BlockKey(kind: kind, route: cell.key.route, variant: cell.key.variant, revision: cell.key.revision, shape: cell.key.shape)
            sums.add(Array(cell.words[CellLayout.head...]), to: key)
        }
        return sums.shadows()
    }

    @Test("while one worker takes over from another, neither is taken for dead, and nothing is counted twice")
    func takeOver() throws {
        let lines = LogCollector()
        do {
            let old = try folder.recorder(nonce: 1)
            #expect(try #require(old.cells.exposures(Self.exposures)).meter(reactor: 0).exposed(slice: 9, bucket: 1, rows: 4))
            try ledger.foldExposures(old.cells.exposureRecords().map { ExposureFold($0, worker: 1) })
            let new = try folder.recorder(nonce: 2, logger: Logger(label: "tests") { _ in lines })
            new.recover(into: ledger, isBesideAnother: true)
            #expect(lines.messages.isEmpty, "nothing to worry about")
            try old.finish(into: ledger)
            #expect(try exposed() == [9: 4])
            new.recover(into: ledger)
            #expect(try exposed() == [9: 4] && files.count == 4, "the new one's")
        }
    }

    @Test("maps of first events are the same in the next plan and in the next start; another key has others")
    func firsts() throws {
        do {
            let recorder = try folder.recorder(nonce: 1)
            recorder.beginPlan()
            let map = FirstEvents(try #require(recorder.firsts(key: 5)))
            #expect(map.isFirst(.exposure, slot: 77) && !map.isFirst(.exposure, slot: 77))
            #expect(map.isFirst(.error, slot: 77), "each kind has its own")
            recorder.beginPlan()
            #expect(!FirstEvents(try #require(recorder.firsts(key: 5))).isFirst(.exposure, slot: 77))
            #expect(FirstEvents(try #require(recorder.firsts(key: 6))).isFirst(.exposure, slot: 77))
            try recorder.checkpoint()
        }
        let next = try folder.recorder(nonce: 2)
        next.beginPlan()
        let map = FirstEvents(try #require(next.firsts(key: 5)))
        #expect(!map.isFirst(.exposure, slot: 77) && map.isFirst(.exposure, slot: 78))
    }
}
