import Foundation
import GRDB
import Testing

@testable import Ledgers

@Suite struct PredictionTests {
    @Test("a record with a known key is left out, the others of its group are not; usage counts what is there")
    func appends() throws {
        let ledger = try TestFolder().open()
        #expect(try ledger.appendPredictions((0..<5).map { .sample($0) }) == 5)
        #expect(try ledger.appendPredictions((3..<8).map { .sample($0, route: "books") }) == 3)
        #expect(try ledger.appendPredictions([]) == 0)
        #expect(try ledger.storedNumbers() == Array(0..<8))
        let sum = try ledger.read { db in try Int64.fetchOne(db, sql: "SELECT sum(bytes) FROM predictions") }
        #expect(try ledger.predictionUsage() == PredictionUsage(rows: 8, bytes: sum ?? 0))
    }

    @Test("a group is appended as a whole or not at all", arguments: [0, 13, 15])
    func badKey(count: Int) throws {
        let ledger = try TestFolder().open()
        var odd = PredictionRecord.sample(1)
        odd.key = [UInt8](repeating: 1, count: count)
        #expect(throws: LedgerError.invalid(key: "key", reason: "has \(count) bytes; a prediction's has 14")) {
            try ledger.appendPredictions([.sample(0), odd])
        }
        #expect(try ledger.predictionUsage() == PredictionUsage(rows: 0, bytes: 0))
    }

    @Test("scores are stored as little-endian Float32 and come back bit by bit")
    func scores() {
        let scores: [Float] = [0, -0, 1, 0.1, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        #expect(StoredScores.scores(StoredScores.blob(scores)).map(\.bitPattern) == scores.map(\.bitPattern))
        #expect([UInt8](StoredScores.blob([1, -2])) == [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
        #expect(StoredScores.scores(Data()).isEmpty)
    }

    @Test("retention removes the oldest, by age, number and size, and leaves the rest")
    func prunes() throws {
        let ledger = try TestFolder().open()
        try ledger.appendPredictions((0..<100).map { .sample($0) })
        let usage = try ledger.predictionUsage()
        let past = Timestamp(milliseconds: 0)
        func prune(_ before: Timestamp, _ rows: Int64 = .max, _ bytes: Int64 = .max) throws -> Int {
            let result = try ledger.prunePredictions(olderThan: before, maxRows: rows, maxBytes: bytes)
            #expect(result.isDone)
            return result.removed
        }
        #expect(try prune(past) == 0)
        #expect(try prune(Timestamp(milliseconds: Timestamp.noon.milliseconds + 10)) == 10)
        #expect(try ledger.storedNumbers() == Array(10..<100))
        #expect(try prune(past, 60) == 30)
        #expect(try ledger.storedNumbers() == Array(40..<100))
        #expect(try prune(past, .max, usage.bytes / 10) == 50)
        #expect(try ledger.storedNumbers() == Array(90..<100))
        #expect(try prune(past, 0) == 10)
        #expect(try ledger.predictionUsage() == PredictionUsage(rows: 0, bytes: 0))
    }

    @Test("a step of retention removes no more than its bound and says that there is more")
    func steps() throws {
        let ledger = try TestFolder().open()
        try ledger.appendPredictions((0..<25).map { .sample($0) })
        var removed: [Int] = []
        var isDone = false
        while !isDone {
            let step = try ledger.prunePredictions(olderThan: .noon, maxRows: 3, maxBytes: .max, step: 10)
            removed.append(step.removed)
            isDone = step.isDone
        }
        #expect(removed == [10, 10, 2])
        #expect(try ledger.storedNumbers() == [22, 23, 24])
    }

    @Test("the estimate of a row's bytes is within a fifth of what the file grows by", arguments: [0, 200, 1_000, 2_000, 9_000])
    func estimates(inputBytes: Int) throws {
        let test = try TestFolder()
        let ledger = try test.open()
        let pages = "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)"
        let before = try ledger.read { db in try Int64.fetchOne(db, sql: pages) ?? 0 }
        let input = "\"" + String(repeating: "x", count: inputBytes) + "\""
        for start in stride(from: 0, to: 4_000, by: 1_000) {
            // Units of many values, as hashes are.
            try ledger.appendPredictions(
                (start..<start + 1_000).map { .sample($0, unit: UInt64($0) &* 0x9E37_79B9_7F4A_7C15, input: input) })
        }
        let growth = try ledger.read { db in try Int64.fetchOne(db, sql: pages) ?? 0 } - before
        let estimate = try ledger.predictionUsage().bytes
        #expect(Double(estimate) / Double(growth) > 0.8 && Double(estimate) / Double(growth) < 1.2, "\(estimate) of \(growth)")
    }
}
