import Primitives
import Testing

@testable import Ledgers

@Suite struct CellFoldTests {
    static let key = CellKey(kind: 3, route: "r", variant: "champion", revision: 4, shape: .max, layout: 2)

    static func fold(
        _ serial: UInt64, worker: UInt64 = .max, key: CellKey = key, _ tail: [UInt64], largest: Range<Int> = 0..<0
    ) -> CellFold {
        CellFold(
            block: BlockIdentity(worker: worker, reactor: 1, serial: serial), key: key,
            words: [UInt64](repeating: serial, count: 32) + tail, largest: largest)
    }

    @Test("words of one key are added behind the head, each block once")
    func adds() throws {
        let ledger = try TestFolder().open()
        var other = Self.key
        other.revision = 5
        try ledger.foldCells([Self.fold(1, [1, 0, .max]), Self.fold(2, key: other, [9, 9, 9])])
        try ledger.foldCells([Self.fold(1, [1, 0, .max]), Self.fold(3, [1, 5, 2])])
        try ledger.foldCells([Self.fold(3, worker: 7, [1, 0, 0])])
        let head = [UInt64](repeating: 1, count: 32)
        #expect(
            try ledger.cells(route: "r") == [
                CellRecord(key: Self.key, words: head + [3, 5, 1]),
                CellRecord(key: other, words: [UInt64](repeating: 2, count: 32) + [9, 9, 9]),
            ])
        #expect(try ledger.cells() == ledger.cells(route: "r"))
        #expect(try ledger.cells(route: "s").isEmpty)
        #expect(try ledger.foldedBlocks(worker: .max) == [1, 2, 3].map { FoldedBlock(reactor: 1, serial: $0, through: .max) })
        #expect(try ledger.foldedBlocks(worker: 7).map(\.serial) == [3])
        try ledger.forgetBlocks(except: [.max])
        #expect(try ledger.foldedBlocks(worker: 7).isEmpty)
        #expect(try ledger.foldedBlocks(worker: .max).count == 3)
    }

    @Test("of words that are no sums the larger one stays, whichever came first, beside sums before and behind them")
    func largest() throws {
        let ledger = try TestFolder().open()
        let (small, large) = (0.25.bitPattern, 1e9.bitPattern)
        try ledger.foldCells([Self.fold(1, [1, small, 7, 1], largest: 33..<35)])
        try ledger.foldCells([Self.fold(2, [1, large, 5, 1], largest: 33..<35), Self.fold(2, [9, 9, 9, 9], largest: 33..<35)])
        try ledger.foldCells([Self.fold(3, [1, small, .max, 1], largest: 33..<35)])
        #expect(try ledger.cells().map(\.words) == [[UInt64](repeating: 1, count: 32) + [3, large, .max, 3]])
    }

    @Test("places that are no words behind the head are refused", arguments: [31..<33, 33..<35, 0..<1, 35..<40])
    func outside(largest: Range<Int>) throws {
        let ledger = try TestFolder().open()
        guard case .invalid("cells", _) = try ledgerError({ try ledger.foldCells([Self.fold(1, [1, 2], largest: largest)]) }) else {
            Issue.record("taken")
            return
        }
        #expect(try ledger.cells().isEmpty)
    }

    @Test("words of another number are refused, and nothing of their group is added")
    func mismatch() throws {
        let ledger = try TestFolder().open()
        try ledger.foldCells([Self.fold(1, [1])])
        for fold in [Self.fold(3, [1, 1]), CellFold(block: BlockIdentity(worker: 1, reactor: 1, serial: 9), key: Self.key, words: [1])] {
            guard case .invalid = try ledgerError({ try ledger.foldCells([Self.fold(2, [1]), fold]) }) else {
                Issue.record("taken")
                return
            }
        }
        #expect(try ledger.cells().map { $0.words.last } == [1])
        #expect(try ledger.foldedBlocks(worker: .max).map(\.serial) == [1])
    }
}

@Suite struct ExposureFoldTests {
    /// The exposures of slices, each with `count` in bucket 3.
    static func fold(_ rig: OutcomeRig, serial: UInt64 = 1, through: Int64, _ slices: [(Int64, UInt64)]) -> ExposureFold {
        ExposureFold(
            block: BlockIdentity(worker: 5, reactor: 0, serial: serial), route: OutcomeRig.route, variant: "champion", revision: 1,
            declaration: rig.declaration, through: through,
            slices: slices.map { slice, count in
                var counts = [UInt64](repeating: 0, count: 256)
                counts[3] = count
                return ExposureSlice(slice: slice, counts: counts)
            })
    }

    private func stored(_ rig: OutcomeRig) throws -> [Int64: UInt64] {
        let records = try rig.ledger.exposures(route: OutcomeRig.route)
        #expect(records.count <= 1)
        return Dictionary(uniqueKeysWithValues: (records.first?.slices ?? []).map { ($0.slice, $0.counts[3]) })
    }

    @Test("a slice of a block is added once, however often it comes")
    func once() throws {
        let rig = try OutcomeRig()
        try rig.ledger.foldExposures([Self.fold(rig, through: 11, [(10, 1), (11, 2), (12, 99)])])
        try rig.ledger.foldExposures([
            Self.fold(rig, through: 11, [(10, 1), (11, 2)]), Self.fold(rig, serial: 2, through: .max, [(11, 5)]),
        ])
        try rig.ledger.foldExposures([Self.fold(rig, through: 12, [(10, 1), (11, 2), (12, 4)]), Self.fold(rig, through: 10, [(10, 1)])])
        #expect(try stored(rig) == [10: 1, 11: 7, 12: 4])
        #expect(
            try rig.ledger.foldedBlocks(worker: 5) == [
                FoldedBlock(reactor: 0, serial: 1, through: 12), FoldedBlock(reactor: 0, serial: 2, through: .max),
            ])
    }

    @Test("slices that cannot be are refused", arguments: [(-1, 256), (4, 255), (4, 257)] as [(Int64, Int)])
    func refused(slice: Int64, count: Int) throws {
        let rig = try OutcomeRig()
        var fold = Self.fold(rig, through: 9, [(3, 1)])
        fold.slices.append(ExposureSlice(slice: slice, counts: [UInt64](repeating: 1, count: count)))
        guard case .invalid = try ledgerError({ try rig.ledger.foldExposures([fold]) }) else {
            Issue.record("taken")
            return
        }
        #expect(try stored(rig).isEmpty)
    }

    @Test("merged slices hold what they held, also for what is folded into them later")
    func merging() throws {
        let rig = try OutcomeRig()
        let first = Timestamp.noon.milliseconds / 1_000
        for sequence in 0..<200 { _ = try rig.record(rig.entry(OutcomeRig.id(UInt64(sequence), after: Int64(sequence * 1_000)))) }
        try rig.ledger.foldExposures([Self.fold(rig, through: first + 199, (0..<200).map { (first + $0, 10) })])
        // The longest window is 64 s: at 166 s all slices that end by 100 s are matured for it.
        try rig.foldAll(asOf: .noon.advanced(bySeconds: 166))
        let before = try rig.ledger.outcomeReport(route: OutcomeRig.route)
        #expect(try rig.ledger.mergeMatured() == 200)
        #expect(try rig.ledger.mergeMatured() == 0)
        #expect(try rig.ledger.outcomeReport(route: OutcomeRig.route).lines == before.lines)
        #expect(try stored(rig)[-1] == 1_000)
        #expect(try stored(rig).count == 101)
        #expect(try rig.ledger.declarations(route: OutcomeRig.route)[0].mergedBefore == first + 100)
        try rig.ledger.foldExposures([Self.fold(rig, serial: 2, through: .max, [(first + 99, 5), (first + 100, 7)])])
        #expect(try stored(rig)[-1] == 1_005)
        #expect(try stored(rig)[first + 100] == 17)
        #expect(try rig.ledger.recomputedSums() == rig.ledger.outcomeSums())
    }
}

@Suite struct OutcomeReportTests {
    @Test("only slices whose window has passed are matured, each outcome by its own window")
    func maturity() throws {
        let rig = try OutcomeRig()
        for sequence in 0..<100 {
            let id = OutcomeRig.id(UInt64(sequence), after: Int64(sequence * 1_000))
            _ = try rig.record(
                rig.entry(id, variant: sequence % 2 == 0 ? "a" : "b"), rig.entry(id, "minutes", variant: sequence % 2 == 0 ? "a" : "b"))
        }
        _ = try rig.record(rig.entry(OutcomeRig.id(500, revision: 2), variant: "a", later: 90_000))
        // 30 s and 2 s back are 68 s: slices 0...67. 64 s and 2 s back are 34 s: slices 0...33.
        try rig.foldAll(asOf: .noon.advanced(bySeconds: 100))
        let report = try rig.ledger.outcomeReport(route: OutcomeRig.route)
        #expect(report.asOf == .noon.advanced(bySeconds: 100))
        #expect(report.declarations.map(\.number) == [1])
        #expect(
            report.lines.map { "\($0.outcome) \($0.variant) \($0.revision)" } == [
                "correct a 1", "correct a 2", "correct b 1", "minutes a 1", "minutes b 1",
            ])
        #expect(report.lines.map(\.matured.overall.count) == [34, 0, 34, 17, 17])
        #expect(report.lines.map(\.maturing) == [16, 0, 16, 33, 33])
        #expect(report.lines.map(\.late) == [0, 1, 0, 0, 0])
    }

    @Test("before the first fold nothing is matured, and an unknown route has nothing")
    func empty() throws {
        let rig = try OutcomeRig()
        _ = try rig.record(rig.entry(OutcomeRig.id(1)))
        let report = try rig.ledger.outcomeReport(route: OutcomeRig.route)
        #expect(report.asOf == nil)
        #expect(report.lines.isEmpty)
        #expect(try rig.ledger.outcomeReport(route: "nobody").declarations.isEmpty)
    }
}
