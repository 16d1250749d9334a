/// All that the ledger knows of what a route's variants did, as of one state of the file.
package struct RouteRecords: Sendable {
    /// Newest first; at least one.
    package var revisions: [RevisionEntry]
    /// By worker, the blocks whose counters are in `cells` or `exposures` already.
    package var folded: [UInt64: [FoldedBlock]]
    package var cells: [CellRecord]
    package var exposures: [ExposureRecord]
    package var outcomes: OutcomeReport
    /// Faults for practice that are going on, by id.
    package var faults: [FaultEntry]
    /// The last fault for practice that was begun, going on or not; nil when there was none.
    package var lastFault: FaultEntry?
    /// Variants that are kept out of traffic.
    package var held: [HeldVariant]
    /// What the route's file lists as shadows, in its order: also those that are live.
    package var shadows: [ShadowDeclaration]
    /// The examples of these shadows and their models that diverge most, eight of each at most: by shadow, the largest divergence first.
    package var examples: [ShadowExample]
}

extension Ledger {
    /// Reads everything about a route in one transaction: what it says is folded is in the counters, and nothing else is.
    ///
    /// Whoever adds blocks of mapped files reads the files first: a block that is folded meanwhile is named here, and left out there.
    ///
    /// - Parameters:
    ///   - workers: those whose files the caller has read.
    ///   - now: when faults are going on, or over.
    /// - Throws: `unknownRoute`, and the faults of the file.
    package func records(route: String, workers: Set<UInt64>, now: Timestamp) throws(LedgerError) -> RouteRecords {
        try read { db in
            let shadows = try Self.shadows(db, route: route)
            return try RouteRecords(
                revisions: Self.history(db, route: route),
                folded: Dictionary(uniqueKeysWithValues: workers.map { ($0, try Self.foldedBlocks(db, worker: $0)) }),
                cells: Self.cells(db, route: route), exposures: Self.exposures(db, route: route),
                outcomes: Self.outcomeReport(db, route: route), faults: Self.activeFaults(db, route: route, now: now),
                lastFault: Self.lastFault(db, route: route), held: Self.held(db, route: route), shadows: shadows,
                examples: shadows.flatMap { shadow in
                    try Self.examples(db, route: route, shadow: shadow.name, sha256: shadow.sha256, limit: Limits.reportedExamples)
                })
        }
    }
}
