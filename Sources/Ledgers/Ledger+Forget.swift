import GRDB
import Primitives

extension AuditSubject {
    /// Says neither the unit nor its hash.
    struct UnitForgotten: Codable, Equatable {
        var route: String
        var predictions: Int
        var outcomes: Int
        /// Absent where there were none, and from entries that older programs made.
        var examples: Int?
        var reason: String
    }
}

extension Ledger {
    /// The keyed hash under which everything about a unit is stored: SipHash-2-4 of its bytes, as they stood in the request.
    package func unitHash(of unit: [UInt8]) throws(LedgerError) -> UInt64 {
        let bytes = try read(Self.unitKey)
        guard let key = SipHash.Key(bytes: bytes.span.bytes) else {
            throw .corrupt(path: folder.ledgerPath, reason: "the unit key has \(bytes.count) bytes")
        }
        return SipHash.hash64(unit.span.bytes, key: key)
    }

    /// Erases what a route stores about a unit, in one transaction with its audit entry.
    ///
    /// Its logged predictions and examples of shadows are deleted: no sum stands on them. Its outcomes lose prediction, unit and truth; what
    /// stays (variant, value, times, the one of 256 buckets) is what the sums were made from and can be made from again. An outcome whose
    /// prediction is blank is no longer known by its id: the same one sent again before its window is over is recorded as new.
    ///
    /// - Parameters:
    ///   - unit: its `unitHash`.
    ///   - again: it repeats an erasure: audited only when it finds something.
    /// - Throws: `unknownRoute`, `invalid`, and the faults of the file; nothing is then erased.
    package func forget(
        route: String, unit: UInt64, author: String, reason: String, again: Bool = false, now: Timestamp
    ) throws(LedgerError) -> ForgetReport {
        try Rules.check(author: author)
        try Rules.check(reason: reason)
        let known = try routes()
        guard known.contains(route) else { throw .unknownRoute(route: route, known: known) }
        let hash = Int64(bitPattern: unit)
        let found = try outcomesFound(route: route, unit: hash)
        return try change { db in
            // What came since the look goes with the rest.
            let outcomes = try found.numbers + Self.outcomes(db, route: route, unit: hash, after: found.last)
            let report = ForgetReport(
                predictions: try Self.deletePredictions(db, route: route, unit: hash), outcomes: try Self.blank(outcomes, db),
                examples: try Self.deleteExamples(db, route: route, unit: hash))
            if !again || !report.isEmpty {
                let subject = AuditSubject.UnitForgotten(
                    route: route, predictions: report.predictions, outcomes: report.outcomes,
                    examples: report.examples > 0 ? report.examples : nil, reason: reason)
                _ = try Self.appendAudit(db, .unitForgotten, subject, author: author, at: now)
            }
            return report
        }
    }

    /// Empties the write-ahead log, which may still hold pages from before an erasure. (In the file itself SQLite overwrites what it
    /// deletes: `secure_delete`.)
    ///
    /// - Returns: false when another connection was reading all the time that this one waits, so that the log could not be emptied.
    package func emptyLog() throws(LedgerError) -> Bool {
        try outsideTransaction { db in
            // One row: whether it was busy, pages in the log, pages copied.
            try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
        }
    }
}

extension Ledger {
    /// Numbers of the unit's outcomes, found without the write lock: there is no index by unit, which every outcome would pay for.
    private func outcomesFound(route: String, unit: Int64) throws(LedgerError) -> (numbers: [Int64], last: Int64) {
        try read { db in
            let last = try Int64.fetchOne(db, sql: "SELECT max(number) FROM outcomes") ?? 0
            return (try Self.outcomes(db, route: route, unit: unit, after: 0), last)
        }
    }

    private static func outcomes(_ db: Database, route: String, unit: Int64, after number: Int64) throws -> [Int64] {
        let sql = "SELECT number FROM outcomes WHERE number > ? AND route = ? AND unit = ?"
        return try Int64.fetchAll(db, sql: sql, arguments: [number, route, unit])
    }

    /// - Returns: how many of these outcomes are still there and were blanked.
    private static func blank(_ outcomes: [Int64], _ db: Database) throws -> Int {
        let sql = "UPDATE outcomes SET prediction = NULL, unit = NULL, truth = NULL, truth_index = NULL WHERE number = ?"
        let statement = try db.cachedStatement(sql: sql)
        return try outcomes.reduce(0) { count, number in
            try statement.execute(arguments: [number])
            return count + db.changesCount
        }
    }

    private static func deletePredictions(_ db: Database, route: String, unit: Int64) throws -> Int {
        let condition = "FROM predictions WHERE route = ? AND unit = ?"
        let sql = "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes \(condition)"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [route, unit]) else { return 0 }
        let usage = try PredictionUsage(rows: row.value("rows"), bytes: row.value("bytes"))
        try db.execute(sql: "DELETE \(condition)", arguments: [route, unit])
        try addUsage(PredictionUsage(rows: -usage.rows, bytes: -usage.bytes), db)
        return Int(usage.rows)
    }

    private static func deleteExamples(_ db: Database, route: String, unit: Int64) throws -> Int {
        try db.execute(sql: "DELETE FROM shadow_examples WHERE route = ? AND unit = ?", arguments: [route, unit])
        return db.changesCount
    }
}
