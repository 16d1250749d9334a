import Foundation
import GRDB
import Primitives
import Testing

@testable import Ledgers

@Suite struct OutcomeSumsTests {
    /// Stores predictions as far as scores are read from them.
    static func storeScores(_ rig: OutcomeRig, _ scores: [(sequence: UInt64, values: [Float])]) throws {
        try rig.ledger.change { db in
            for (sequence, values) in scores {
                let bytes = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) } }
                try insert(OutcomeRig.id(sequence), scores: blob(bytes), db)
            }
        }
    }

    private static func insert(_ id: PredictionID, scores: Data, _ db: Database) throws {
        let key = blob(
            [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 1] + (0..<5).map { UInt8(truncatingIfNeeded: id.sequence >> UInt64(8 * $0)) })
        let sql = """
            INSERT INTO predictions (
                key, route, at, assigned, served, revision, reason, status, latency_us, scores, truncated, bytes
            ) VALUES (?, ?, 0, 'champion', 'champion', 1, 'assigned', 200, 0, ?, 0, 0)
            """
        try db.execute(sql: sql, arguments: [key, OutcomeRig.route, scores])
    }

    @Test(
        "recomputing from the rows gives identical integers, whatever was replaced, late, steered or folded when",
        arguments: 1...4 as ClosedRange<UInt64>)
    func recomputation(seed: UInt64) throws {
        let rig = try OutcomeRig()
        var generator = SplitMix(seed: seed)
        try Self.storeScores(
            rig,
            (0..<60).map { sequence in
                (UInt64(sequence) * 5, [0.7, 0.2, Float.random(in: 0...1, using: &generator)])
            })
        for round in 0..<12 {
            let entries = (0..<40).map { _ in randomEntry(rig, &generator) }
            _ = try rig.ledger.record(entries, now: .noon)
            if Bool.random(using: &generator) {
                let asOf = Timestamp.noon.advanced(bySeconds: Int64(20 * round))
                _ = try rig.ledger.foldOutcomes(asOf: asOf, limit: Int.random(in: 1...90, using: &generator))
                _ = try rig.ledger.mergeMatured()
            }
            if round % 4 == 3 { #expect(try rig.ledger.recomputedSums() == rig.ledger.outcomeSums()) }
        }
        try rig.foldAll(asOf: .noon.advanced(bySeconds: 400))
        let stored = try rig.ledger.outcomeSums()
        #expect(try rig.ledger.recomputedSums() == stored)
        #expect(try rig.ledger.recomputedSums(route: OutcomeRig.route) == stored)
        #expect(try rig.ledger.outcomeSums(route: "other").isEmpty)
        #expect(try rig.sums("category.log_loss").counted.overall.count > 0)
        _ = try rig.ledger.mergeMatured()
        #expect(Set(try rig.ledger.outcomeSums().keys.map(\.slice)) == [-1])
        #expect(try rig.ledger.recomputedSums() == rig.ledger.outcomeSums())
        _ = try rig.ledger.verifyAudit()
    }

    private func randomEntry(_ rig: OutcomeRig, _ generator: inout SplitMix) -> OutcomeEntry {
        let sequence = UInt64.random(in: 0..<300, using: &generator)
        let id = OutcomeRig.id(
            sequence, after: Int64(sequence * 700), revision: UInt32(sequence % 3 + 1), reason: sequence % 11 == 0 ? .override : .assigned,
            flags: sequence % 13 == 0 ? 2 : 0)
        let later: Int64 = Int.random(in: 0..<8, using: &generator) == 0 ? 70_000 : 10
        let replaces = Bool.random(using: &generator)
        let variant = sequence.isMultiple(of: 2) ? "champion" : "challenger"
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            return rig.entry(id, value: Bool.random(using: &generator) ? 1_000_000 : 0, variant: variant, later: later, replaces: replaces)
        case 1:
            let value = Int64.random(in: -9_000_000_000_000...9_000_000_000_000, using: &generator)
            return rig.entry(
                id, "minutes", value: value, counted: min(max(value, -500_000_000), 500_000_000), variant: variant, later: later,
                replaces: replaces)
        default:
            let truth = Int.random(in: 0..<3, using: &generator)
            return rig.entry(
                id, "category", value: truth == 0 ? 1_000_000 : 0, variant: variant, truth: "label \(truth)", truthIndex: truth,
                later: later,
                replaces: replaces)
        }
    }

    @Test("a label with stored scores gives loss and Brier score, and writes them to its row")
    func scores() throws {
        let rig = try OutcomeRig()
        try Self.storeScores(rig, [(1, [0.5, 0.25, 0.25]), (2, [0, 1, 0]), (4, [0.5, 0.5]), (5, [7, -6]), (6, [.nan, 1])])
        let truths: [(UInt64, Int)] = [(1, 1), (2, 0), (3, 0), (4, 2), (5, 0), (6, 1)]
        for (sequence, truth) in truths {
            _ = try rig.record(rig.entry(OutcomeRig.id(sequence), "category", value: 0, truth: "t", truthIndex: truth))
        }
        try rig.foldAll()
        // -ln 0.25 and -ln 1e-15; (0.5^2 + 0.75^2 + 0.25^2) and (1 + 1).
        let rows = try rig.ledger.read {
            try Row.fetchAll($0, sql: "SELECT log_loss, brier FROM outcomes WHERE log_loss IS NOT NULL ORDER BY number")
        }
        #expect(rows == [["log_loss": 1_386_294, "brier": 875_000], ["log_loss": 34_538_776, "brier": 2_000_000]])
        #expect(try rig.sums("category.log_loss").counted.overall.total == 1_386_294 + 34_538_776)
        #expect(
            try rig.sums("category.brier").counted.overall
                == BucketSums.Bucket(count: 2, total: 2_875_000, squares: 765_625_000_000 + 4_000_000_000_000, rawTotal: 2_875_000))
        #expect(try rig.sums("category").counted.overall.count == 6)
    }

    @Test("a limit is kept, and only the last fold is as of its moment")
    func limits() throws {
        let rig = try OutcomeRig()
        for sequence in 0..<5 { _ = try rig.record(rig.entry(OutcomeRig.id(UInt64(sequence)))) }
        #expect(try rig.ledger.foldOutcomes(asOf: .noon, limit: 3) == OutcomeFold(rows: 3, isComplete: false))
        #expect(try rig.ledger.outcomeReport(route: OutcomeRig.route).asOf == nil)
        #expect(try rig.ledger.foldOutcomes(asOf: .noon, limit: 3) == OutcomeFold(rows: 2, isComplete: true))
        #expect(try rig.ledger.outcomeReport(route: OutcomeRig.route).asOf == .noon)
        #expect(try rig.ledger.foldOutcomes(asOf: .noon.advanced(bySeconds: -9), limit: 3).isComplete)
        #expect(try rig.ledger.outcomeReport(route: OutcomeRig.route).asOf == .noon)
    }

    @Test("a million millions of the largest values are exact, and what was added goes away again")
    func large() throws {
        var one = BucketSums()
        one.add(-9_000_000_000_000, raw: 9_000_000_000_000, to: 7)
        var sums = BucketSums()
        var double = one
        for bit in 0..<40 {
            if 1_000_000_000_000 >> bit & 1 == 1 { sums.add(double) }
            double.add(double)
        }
        let expected = BucketSums.Bucket(
            count: 1_000_000_000_000, total: -9_000_000_000_000 * 1_000_000_000_000,
            squares: 81_000_000_000_000_000_000_000_000 * 1_000_000_000_000, rawTotal: 9_000_000_000_000 * 1_000_000_000_000)
        #expect(sums.buckets[7] == expected)
        #expect(sums.overall == expected)
        #expect(try BucketSums(decoding: sums.encoded()) == sums)
        sums.add(5, raw: 6, to: 7)
        sums.remove(5, raw: 6, from: 7)
        #expect(sums.buckets[7] == expected)
        one.remove(-9_000_000_000_000, raw: 9_000_000_000_000, from: 7)
        #expect(one == BucketSums())
        #expect(one.encoded().count < 10)
    }

    @Test("stored sums that were changed by accident are called damage or are sums, and never end the process")
    func hostile() throws {
        var generator = SplitMix(seed: 3)
        var sums = BucketSums()
        for _ in 0..<500 {
            sums.add(Int64.random(in: -9_000_000...9_000_000, using: &generator), raw: 1, to: UInt8.random(in: 0...255, using: &generator))
        }
        let bytes = sums.encoded()
        for _ in 0..<300 {
            var other = bytes
            other[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            if var read = try? BucketSums(decoding: other) { read.add(read) }
        }
        let rig = try OutcomeRig()
        _ = try rig.record(rig.entry(OutcomeRig.id(1)))
        try rig.foldAll()
        try rig.test.tamper("UPDATE outcome_sums SET sums = x'01'")
        guard case .corrupt = try ledgerError({ _ = try rig.ledger.outcomeReport(route: OutcomeRig.route) }) else {
            Issue.record("not called damage")
            return
        }
    }

    @Test("an outcome whose prediction was erased stays in the sums that it is in, and in those that it was to join")
    func erased() throws {
        let rig = try OutcomeRig()
        try Self.storeScores(rig, [(1, [0.5, 0.5]), (2, [0.5, 0.5])])
        let entries = [1, 2].map { rig.entry(OutcomeRig.id($0), "category", truth: "t", truthIndex: 0) }
        _ = try rig.record(entries[0])
        try rig.foldAll()
        _ = try rig.record(entries[1])
        try rig.ledger.change {
            try $0.execute(sql: "UPDATE outcomes SET prediction = NULL, unit = NULL, truth = NULL, truth_index = NULL")
        }
        try rig.foldAll()
        #expect(try rig.sums("category").counted.overall.count == 2)
        #expect(try rig.sums("category.brier").counted.overall.count == 1)
        #expect(try rig.ledger.recomputedSums() == rig.ledger.outcomeSums())
    }

    @Test("what is pruned is folded and old, its sums stay, and the numbers are not used again")
    func pruning() throws {
        let rig = try OutcomeRig()
        for sequence in 0..<6 { _ = try rig.record(rig.entry(OutcomeRig.id(UInt64(sequence), after: Int64(sequence * 1_000)))) }
        let cut = Timestamp.noon.advanced(bySeconds: 4)
        #expect(try rig.ledger.pruneOutcomes(olderThan: cut) == 0)
        try rig.foldAll()
        let before = try rig.ledger.outcomeSums()
        #expect(try rig.ledger.pruneOutcomes(olderThan: cut, limit: 3) == 3)
        #expect(try rig.ledger.pruneOutcomes(olderThan: cut) == 1)
        #expect(try rig.ledger.pruneOutcomes(olderThan: .noon.advanced(bySeconds: 60)) == 2)
        #expect(try rig.ledger.outcomeSums() == before)
        _ = try rig.record(rig.entry(OutcomeRig.id(9)))
        #expect(try rig.ledger.read { try Int64.fetchAll($0, sql: "SELECT number FROM outcomes") } == [7])
        #expect(try rig.ledger.read(Meta.pruned.value) == 6)
        try rig.foldAll()
        #expect(try rig.sums("correct").counted.overall.count == 7)
    }
}
