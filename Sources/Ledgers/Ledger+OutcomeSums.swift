import GRDB

extension Ledger {
    /// Moves stored outcomes that are in no sum yet into the sums, at most `limit` of them in one transaction, in the order of arrival.
    ///
    /// - Parameter asOf: every outcome that had arrived by then is stored. Becomes the sums' own moment once all rows are in them.
    package func foldOutcomes(asOf: Timestamp, limit: Int = 10_000) throws(LedgerError) -> OutcomeFold {
        OutcomeFold(rows: 0, isComplete: true)
    }

    /// Merges slices that are matured for every window of their declaration into one, sums and exposures alike; a declaration at a time.
    ///
    /// - Returns: how many rows went away.
    package func mergeMatured() throws(LedgerError) -> Int {
        0
    }

    /// The sums as they are stored.
    package func outcomeSums(route: String? = nil) throws(LedgerError) -> [OutcomeSumKey: OutcomeSums] {
        [:]
    }

    /// The sums computed anew from the rows that were folded. Equal to the stored ones, to the last digit, as long as no row was pruned.
    package func recomputedSums(route: String? = nil) throws(LedgerError) -> [OutcomeSumKey: OutcomeSums] {
        [:]
    }
}
