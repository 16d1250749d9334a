import GRDB
import Primitives
import Testing

@testable import Ledgers

@Suite struct OutcomeTests {
    @Test("the first value of a prediction and name stays; another name is another outcome")
    func firstStays() throws {
        let rig = try OutcomeRig()
        let id = OutcomeRig.id(1)
        #expect(
            try rig.record(rig.entry(id), rig.entry(id, value: 0), rig.entry(id, "minutes", value: 5_000_000)) == [
                .recorded, .duplicate, .recorded,
            ])
        #expect(try rig.record(rig.entry(id, value: 0), rig.entry(OutcomeRig.id(2))) == [.duplicate, .recorded])
        try rig.foldAll()
        #expect(
            try rig.sums("correct").counted.overall
                == BucketSums.Bucket(count: 2, total: 2_000_000, squares: 2_000_000_000_000, rawTotal: 2_000_000))
        #expect(try rig.sums("minutes").counted.overall.count == 1)
    }

    @Test("a row says all that the id says, and 14 bytes of it name the prediction")
    func row() throws {
        let rig = try OutcomeRig()
        let id = OutcomeRig.id(0x0102_0304_05, revision: 7, unit: 0xF0)
        var entry = rig.entry(id, "minutes", value: 600_000_000, counted: 500_000_000)
        entry.at = .noon.advanced(bySeconds: -5)
        entry.served = "challenger"
        #expect(
            try rig.record(entry, rig.entry(OutcomeRig.id(2, flags: 1), "category", truth: "Drama", truthIndex: 3)) == [
                .recorded, .recorded,
            ])
        let rows = try rig.ledger.read { try Row.fetchAll($0, sql: "SELECT * FROM outcomes ORDER BY number") }
        let noon = Timestamp.noon.milliseconds
        let expected: Row = [
            "number": 1, "route": OutcomeRig.route, "name": "minutes",
            "prediction": blob([0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 1, 5, 4, 3, 2, 1]), "unit": 0xF0,
            "assigned": "champion", "served": "challenger", "revision": 7, "reason": "assigned", "label": 0, "predicted_at": noon,
            "received_at": noon + 100, "at": noon - 5_000, "bucket": 0xF0, "declaration": 1, "state": 0, "value": 600_000_000,
            "counted": 500_000_000, "truth": nil, "truth_index": nil, "log_loss": nil, "brier": nil,
        ]
        #expect(rows[0] == expected)
        // An own unit is no unit: nothing to erase, but its bucket counts.
        #expect(try rows[1].value("unit", as: Int64?.self) == nil)
        #expect(try rows[1].value("truth", as: String?.self) == "Drama")
        #expect(try rows[1].value("truth_index", as: Int?.self) == 3)
        #expect(try rows[1].value("counted", as: Int64?.self) == nil)
    }

    @Test("a group is one transaction: an entry out of bounds stores nothing of it", arguments: 0..<4)
    func outOfBounds(fault: Int) throws {
        let rig = try OutcomeRig()
        var bad = rig.entry(OutcomeRig.id(2))
        switch fault {
        case 0: bad.value = 9_000_000_000_001
        case 1: bad.counted = -9_000_000_000_001
        case 2: bad.truth = String(repeating: "é", count: 129)
        default: bad.declaration = 9
        }
        guard case .invalid = try ledgerError({ _ = try rig.record(rig.entry(OutcomeRig.id(1)), bad) }) else {
            Issue.record("no refusal")
            return
        }
        #expect(try rig.record(rig.entry(OutcomeRig.id(1))) == [.recorded])
    }

    @Test("late is by our clock and the id's time; late ones are stored and in no sum")
    func late() throws {
        let rig = try OutcomeRig()
        let entries = [(30_000, OutcomeResult.recorded), (30_001, .late), (-60_000, .recorded), (1 << 50, .late)]
        for (index, (later, result)) in entries.enumerated() {
            #expect(try rig.record(rig.entry(OutcomeRig.id(UInt64(index)), later: Int64(later))) == [result])
        }
        #expect(try rig.record(rig.entry(OutcomeRig.id(1), later: 40_000)) == [.duplicate])
        try rig.foldAll()
        let sums = try rig.sums("correct")
        #expect(sums.counted.overall.count == 2)
        #expect(sums.late == 2)
    }

    @Test("what a caller steered, or has no exposure, is stored apart")
    func apart() throws {
        let rig = try OutcomeRig()
        #expect(
            try rig.record(rig.entry(OutcomeRig.id(1, reason: .override)), rig.entry(OutcomeRig.id(2, flags: 2))) == [.recorded, .recorded])
        #expect(try rig.record(rig.entry(OutcomeRig.id(3, reason: .override), later: 60_000)) == [.late])
        try rig.foldAll()
        let sums = try rig.sums("correct")
        #expect(sums.counted == BucketSums())
        #expect((sums.late, sums.uncounted, sums.overridden) == (0, 1, 2))
    }
}

@Suite struct ReplacementTests {
    @Test("a replacement moves the sums, before folding and after, and says so once a group and author")
    func replaces() throws {
        let rig = try OutcomeRig()
        let (folded, fresh) = (OutcomeRig.id(1), OutcomeRig.id(2))
        _ = try rig.record(rig.entry(folded), rig.entry(folded, "minutes", value: 7_000_000))
        try rig.foldAll()
        _ = try rig.record(rig.entry(fresh))
        let results = try rig.record(
            rig.entry(folded, value: 0, replaces: true),
            rig.entry(folded, "minutes", value: 900_000_000, counted: 500_000_000, replaces: true),
            rig.entry(fresh, value: 0, replaces: true, author: "desk"), rig.entry(OutcomeRig.id(3), replaces: true))
        #expect(results == [.replaced, .replaced, .replaced, .recorded])
        try rig.foldAll()
        #expect(
            try rig.sums("correct").counted.overall
                == BucketSums.Bucket(count: 3, total: 1_000_000, squares: 1_000_000_000_000, rawTotal: 1_000_000))
        #expect(
            try rig.sums("minutes").counted.overall
                == BucketSums.Bucket(count: 1, total: 500_000_000, squares: 250_000_000_000_000_000, rawTotal: 900_000_000))
        #expect(try rig.ledger.recomputedSums() == rig.ledger.outcomeSums())

        let audit = try rig.ledger.audit(limit: 3)
        #expect(audit.map(\.author) == ["shop", "desk", "weir"])
        #expect(audit[1].action == .outcomesReplaced)
        #expect(
            audit[0].subject
                == #"{"replaced":[{"count":1,"outcome":"correct","route":"video-category"},{"count":1,"outcome":"minutes","route":"video-category"}]}"#
        )
        #expect(try rig.ledger.verifyAudit().entries == 4)
    }

    @Test("the same value again is a duplicate, so a repeated request does nothing twice")
    func repeated() throws {
        let rig = try OutcomeRig()
        let change = rig.entry(OutcomeRig.id(1), value: 0, replaces: true)
        _ = try rig.record(rig.entry(OutcomeRig.id(1)))
        #expect(try rig.record(change) == [.replaced])
        #expect(try rig.record(change) == [.duplicate])
        #expect(try rig.ledger.audit().filter { $0.action == .outcomesReplaced }.count == 1)
    }

    @Test("after the window nothing is replaced")
    func tooLate() throws {
        let rig = try OutcomeRig()
        _ = try rig.record(rig.entry(OutcomeRig.id(1)))
        #expect(try rig.record(rig.entry(OutcomeRig.id(1), value: 0, later: 30_001, replaces: true)) == [.late])
        try rig.foldAll()
        #expect(try rig.sums("correct").counted.overall.total == 1_000_000)
    }

    @Test("neither outcomes nor their replacements look like a change of what is in force")
    func noChange() throws {
        let rig = try OutcomeRig()
        let server = try rig.test.open()
        _ = try server.snapshot(now: .noon)
        _ = try rig.record(rig.entry(OutcomeRig.id(1)))
        _ = try rig.record(rig.entry(OutcomeRig.id(1), value: 0, replaces: true))
        try rig.foldAll()
        #expect(try !server.hasChanged())
        _ = try rig.ledger.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        _ = try rig.record(rig.entry(OutcomeRig.id(1), replaces: true))
        #expect(try server.hasChanged())
        #expect(try server.hasChanged())
    }
}
