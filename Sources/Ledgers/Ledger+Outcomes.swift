import GRDB

extension Ledger {
    /// Stores a group of outcomes in one transaction; on return they are on disk, and what became of each is known, in order.
    ///
    /// Idempotent on prediction and name: the first value stays, unless `replaces` is set and the window has not passed. A replaced value
    /// leaves the sums that it was folded into, and the new one takes its place. One audit entry for each author says how many outcomes
    /// of what name were replaced. Nothing of a group is stored when one entry is out of bounds, or when the call throws.
    ///
    /// - Throws: `invalid` for values, texts and declarations that cannot be, and the faults of the file; after them the ledger can be
    ///   used again as soon as their cause is gone.
    package func record(_ entries: [OutcomeEntry], now: Timestamp) throws(LedgerError) -> [OutcomeResult] {
        for entry in entries { try Rules.check(entry) }
        return try change { db in
            var group = try OutcomeGroup(db)
            let results = try entries.map { try group.record($0) }
            try group.finish(now: now)
            return results
        }
    }

    /// Deletes outcomes that arrived before `time` and are in the sums, oldest first, looking at no more than `limit` rows.
    ///
    /// Their sums stay. What was deleted is forgotten as a row: the same outcome sent again would be recorded again, were it not late.
    /// So `time` must lie further back than the longest window.
    ///
    /// - Returns: how many were deleted.
    package func pruneOutcomes(olderThan time: Timestamp, limit: Int = 10_000) throws(LedgerError) -> Int {
        // A look without the write lock first: mostly there is nothing to do.
        let sql = """
            SELECT number FROM (SELECT number, received_at FROM outcomes ORDER BY number LIMIT ?1)
            WHERE received_at < ?2 AND number <= ?3
            """
        func old(_ db: Database) throws -> [Int64] {
            try Int64.fetchAll(db, sql: sql, arguments: [limit, time.milliseconds, try Meta.folded.value(db) ?? 0])
        }
        guard try read(old).isEmpty == false else { return 0 }
        return try change { db in
            let numbers = try old(db)
            guard let last = numbers.max() else { return 0 }
            let statement = try db.cachedStatement(sql: "DELETE FROM outcomes WHERE number = ?")
            for number in numbers { try statement.execute(arguments: [number]) }
            try Meta.pruned.raise(to: last, db)
            return numbers.count
        }
    }
}
