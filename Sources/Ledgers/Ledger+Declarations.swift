import GRDB

extension Ledger {
    /// The number of a route's declaration with these outcomes and slices: that of the newest one if it says the same, else a new one.
    ///
    /// - Throws: `invalid` for names, windows or caps out of bounds, and the faults of the file.
    package func declare(
        route: String, outcomes: [OutcomeRule], sliceMilliseconds: Int64, now: Timestamp
    ) throws(LedgerError) -> UInt32 {
        throw .invalid(key: "declare", reason: "draft")
    }

    /// The declarations of a route, the newest last.
    package func declarations(route: String) throws(LedgerError) -> [OutcomeDeclaration] {
        []
    }
}
