import Foundation
import GRDB
import Primitives
import Testing

@testable import Ledgers

@Suite struct ForgetTests {
    /// A ledger that knows the routes `films` and `books`.
    private func open(_ test: TestFolder) throws -> Ledger {
        let ledger = try test.open()
        for route in ["films", "books"] { _ = try ledger.reconcile(route: route, fileWeights: [NamedWeight("champion", 1)], now: .noon) }
        return ledger
    }

    /// Adds an outcome as the server's thread does, by its columns.
    private func addOutcome(_ ledger: Ledger, _ number: Int, route: String, unit: UInt64?) throws {
        try ledger.change { db in
            try db.execute(
                sql: """
                    INSERT INTO outcomes (route, name, prediction, unit, assigned, served, revision, reason, label, predicted_at, received_at, at,
                        bucket, declaration, state, value, truth, truth_index, log_loss, brier)
                    VALUES (?, 'genre', ?, ?, 'champion', 'champion', 3, 'assigned', 1, 1000, 2000, 1500, 17, 1, 0, 1000000, 'Drama', 2, 300000, 5)
                    """,
                arguments: [route, blob(PredictionRecord.key(number)), unit.map(Int64.init(bitPattern:))])
        }
    }

    private func forget(_ ledger: Ledger, _ unit: UInt64, again: Bool = false) throws -> ForgetReport {
        try ledger.forget(route: "films", unit: unit, author: "ana", reason: "asked for", again: again, now: .noon)
    }

    @Test("the hash of a unit is SipHash-2-4 of its bytes under the ledger's unit key")
    func hashes() throws {
        let ledger = try TestFolder().open()
        let (secret, unit) = (try ledger.snapshot(now: .noon).unitKey, Array("u-17".utf8))
        let key = SipHash.Key(bytes: secret.span.bytes)
        let expected = SipHash.hash64(unit.span.bytes, key: try #require(key))
        #expect(try ledger.unitHash(of: unit) == expected)
    }

    @Test("predictions of the unit are gone, its outcomes are anonymous; other units and routes keep theirs")
    func forgets() throws {
        let ledger = try open(TestFolder())
        // Above Int64.max: stored as a negative number.
        let (unit, other): (UInt64, UInt64) = (0xF000_0000_0000_0001, 2)
        try ledger.appendPredictions([
            .sample(1, unit: unit), .sample(2, unit: other), .sample(3), .sample(4, route: "books", unit: unit), .sample(5, unit: unit),
        ])
        try addOutcome(ledger, 1, route: "films", unit: unit)
        try addOutcome(ledger, 2, route: "films", unit: other)
        try addOutcome(ledger, 3, route: "films", unit: nil)
        try addOutcome(ledger, 4, route: "books", unit: unit)
        #expect(try forget(ledger, unit) == ForgetReport(predictions: 2, outcomes: 1))
        #expect(try ledger.storedNumbers() == [2, 3, 4])
        #expect(try ledger.predictionUsage().rows == 3)
        let sum = try ledger.read { db in try Int64.fetchOne(db, sql: "SELECT sum(bytes) FROM predictions") }
        #expect(try ledger.predictionUsage().bytes == sum)
        let blanked = try ledger.read { db in
            try Int64.fetchAll(
                db, sql: "SELECT number FROM outcomes WHERE prediction IS NULL AND unit IS NULL AND truth IS NULL AND truth_index IS NULL")
        }
        #expect(blanked == [1])
        // What sums are made of stays.
        let kept = try ledger.read { db in
            try Row.fetchOne(db, sql: "SELECT value, bucket, label, log_loss, brier, predicted_at FROM outcomes WHERE number = 1")
        }
        #expect(kept == ["value": 1_000_000, "bucket": 17, "label": 1, "log_loss": 300_000, "brier": 5, "predicted_at": 1_000])
    }

    @Test("each erasure is in the audit, without the unit; a repetition only if it found more")
    func audits() throws {
        let ledger = try open(TestFolder())
        let unit = try ledger.unitHash(of: Array("u-17".utf8))
        try ledger.appendPredictions([.sample(1, unit: unit)])
        #expect(try forget(ledger, unit).predictions == 1)
        #expect(try forget(ledger, unit, again: true).isEmpty)
        try ledger.appendPredictions([.sample(2, unit: unit)])
        #expect(try forget(ledger, unit, again: true).predictions == 1)
        #expect(try forget(ledger, unit).isEmpty)
        let entries = try ledger.audit().filter { $0.action == .unitForgotten }
        #expect(entries.map(\.author) == ["ana", "ana", "ana"])
        #expect(entries.map(\.subject) == [0, 1, 1].map { #"{"outcomes":0,"predictions":\#($0),"reason":"asked for","route":"films"}"# })
        _ = try ledger.verifyAudit()
    }

    @Test("examples of shadows are deleted with the unit, and counted where there were any")
    func examples() throws {
        let ledger = try open(TestFolder())
        let (unit, other): (UInt64, UInt64) = (0xF000_0000_0000_0001, 2)
        try ledger.keepExamples(
            [
                .sample(1, route: "films", unit: unit), .sample(1, route: "films", shadow: "other", unit: unit),
                .sample(2, route: "films", unit: other), .sample(3, route: "films"), .sample(4, route: "books", unit: unit),
            ], atMost: 20)
        let report = try forget(ledger, unit)
        #expect(report == ForgetReport(examples: 2))
        #expect(!report.isEmpty)
        #expect(report + ForgetReport(predictions: 1, outcomes: 2, examples: 3) == ForgetReport(predictions: 1, outcomes: 2, examples: 5))
        #expect(try ledger.examples(route: "films", limit: 9).map(\.key) == [2, 3].map { PredictionRecord.key($0) })
        #expect(try ledger.examples(route: "books", limit: 9).count == 1)
        #expect(try ledger.audit(limit: 1).map(\.subject) == [#"{"examples":2,"outcomes":0,"predictions":0,"reason":"asked for","route":"films"}"#])
        #expect(try forget(ledger, unit, again: true).isEmpty)
        _ = try ledger.verifyAudit()
    }

    @Test("a route that the ledger does not know is refused: it is a slip of the pen, not a unit without rows")
    func unknownRoute() throws {
        let ledger = try open(TestFolder())
        #expect(throws: LedgerError.unknownRoute(route: "flims", known: ["books", "films"])) {
            try ledger.forget(route: "flims", unit: 1, author: "ana", reason: "asked for", now: .noon)
        }
        #expect(throws: LedgerError.invalid(key: "why", reason: "must not be empty")) {
            try ledger.forget(route: "films", unit: 1, author: "ana", reason: "", now: .noon)
        }
    }

    /// Whether any file of the state folder holds these bytes.
    private func isInFiles(_ bytes: [UInt8], _ test: TestFolder) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: test.state.path).contains { name in
            try Data(contentsOf: URL(fileURLWithPath: test.state.path + "/" + name)).range(of: Data(bytes)) != nil
        }
    }

    @Test("after an erasure neither the unit's input nor its hash nor its keys are in any file", arguments: [1, 2, 3] as [UInt64])
    func leavesNoTrace(seed: UInt64) throws {
        let test = try TestFolder()
        let ledger = try open(test)
        var random = SplitMix(seed: seed)
        let secret = "the only one who says this"
        let unit: UInt64 = 0x7A7A_1234_5678_9ABC
        // Rows of all lengths, so that pages are split and put together around those of the unit.
        var keys: [[UInt8]] = []
        for group in 0..<60 {
            let records = (group * 50..<group * 50 + 50).map { number in
                let isOne = number % 97 == 0
                let filler = String(repeating: "x", count: Int.random(in: 0..<3_000, using: &random))
                var record = PredictionRecord.sample(
                    number, unit: isOne ? unit : random.next(), input: "\"\(filler)\(isOne ? secret : "")\"")
                record.key = (0..<14).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                if isOne { keys.append(record.key) }
                return record
            }
            try ledger.appendPredictions(records)
            try addOutcome(ledger, group, route: "films", unit: group % 7 == 0 ? unit : random.next())
            // Retention removes rows of the unit before anybody asks for it.
            _ = try ledger.prunePredictions(olderThan: Timestamp(milliseconds: 0), maxRows: 900, maxBytes: .max)
        }
        let traces = [Array(secret.utf8), unit.bigEndianBytes] + keys
        // Some examples of the unit go when others take their places.
        try ledger.keepExamples(
            (0..<20).map { number in
                let isOne = number % 2 == 0
                return .sample(
                    5_000 + number, route: "films", unit: isOne ? unit : random.next(), divergence: Double(number), input: isOne ? secret : nil)
            }, atMost: 18)
        #expect(try isInFiles(Array(secret.utf8), test))
        #expect(try isInFiles(unit.bigEndianBytes, test))
        let report = try forget(ledger, unit)
        #expect(report.predictions > 5 && report.outcomes > 3 && report.examples == 9)
        #expect(try ledger.emptyLog())
        for trace in traces { #expect(try !isInFiles(trace, test)) }
        #expect(try ledger.predictionUsage().rows == 900 - Int64(report.predictions))
    }

    @Test("the log cannot be emptied while somebody reads, and the answer says so")
    func busyLog() throws {
        let test = try TestFolder()
        let ledger = try open(test)
        try ledger.appendPredictions([.sample(1)])
        let reader = try DatabaseQueue(path: test.state.ledgerPath)
        let isEmptied = try reader.read { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM predictions")
            try ledger.appendPredictions([.sample(2)])
            return try ledger.emptyLog()
        }
        #expect(!isEmptied)
        #expect(try ledger.emptyLog())
    }

    @Test("a folder is served while a server holds its lock, not before and not after")
    func served() throws {
        let test = try TestFolder()
        _ = try test.open()
        #expect(!test.state.isServed)
        // Twice: looking does not take the lock away from the next server.
        for _ in 0..<2 {
            #expect(try isServedWhileLocked(test.state))
            #expect(!test.state.isServed)
        }
    }

    private func isServedWhileLocked(_ state: StateFolder) throws -> Bool {
        let lock = try StateLock(state)
        let isServed = state.isServed
        withExtendedLifetime(lock) {}
        return isServed
    }
}
