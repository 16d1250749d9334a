import GRDB

extension Ledger {
    /// Stores a group of outcomes in one transaction; on return they are on disk, and what became of each is known, in order.
    ///
    /// Idempotent on prediction and name: the first value stays, unless `replaces` is set and the window has not passed. A replaced value
    /// leaves the sums that it was folded into, and the new one takes its place. One audit entry for each author says how many outcomes
    /// of what name were replaced. Nothing of a group is stored when one entry is out of bounds, or when the call throws.
    ///
    /// - Throws: `invalid`, and the faults of the file; after them the ledger can be used again as soon as their cause is gone.
    package func record(_ entries: [OutcomeEntry], now: Timestamp) throws(LedgerError) -> [OutcomeResult] {
        throw .invalid(key: "record", reason: "draft")
    }

    /// Deletes outcomes that arrived before `time` and are in the sums, oldest first, looking at no more than `limit` rows.
    ///
    /// Their sums stay. What was deleted is forgotten as a row: the same outcome sent again would be recorded again, were it not late.
    /// So `time` must lie further back than the longest window.
    ///
    /// - Returns: how many were deleted.
    package func pruneOutcomes(olderThan time: Timestamp, limit: Int = 10_000) throws(LedgerError) -> Int {
        0
    }
}
