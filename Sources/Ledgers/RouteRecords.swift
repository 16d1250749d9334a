/// All that the ledger knows of what a route's variants did, as of one state of the file.
package struct RouteRecords: Sendable {
    /// Newest first; at least one.
    package var revisions: [RevisionEntry]
    /// By worker, the blocks whose counters are in `cells` or `exposures` already.
    package var folded: [UInt64: [FoldedBlock]]
    package var cells: [CellRecord]
    package var exposures: [ExposureRecord]
    package var outcomes: OutcomeReport
}

extension Ledger {
    /// Reads everything about a route in one transaction: what it says is folded is in the counters, and nothing else is.
    ///
    /// Whoever adds blocks of mapped files reads the files first: a block that is folded meanwhile is named here, and left out there.
    ///
    /// - Parameter workers: those whose files the caller has read.
    /// - Throws: `unknownRoute`, and the faults of the file.
    package func records(route: String, workers: Set<UInt64>) throws(LedgerError) -> RouteRecords {
        try read { db in
            try RouteRecords(
                revisions: Self.history(db, route: route),
                folded: Dictionary(uniqueKeysWithValues: workers.map { ($0, try Self.foldedBlocks(db, worker: $0)) }),
                cells: Self.cells(db, route: route), exposures: Self.exposures(db, route: route),
                outcomes: Self.outcomeReport(db, route: route))
        }
    }
}
