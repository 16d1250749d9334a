/// All that a running server takes from the ledger, as of one moment.
package struct LedgerSnapshot: Sendable {
    /// Tokens in force when it was taken, by id. One may expire while the snapshot is in use: check `isLive` at each new connection.
    package var tokens: [AccessToken]
    /// Keys for prediction ids: the first signs, the others only verify.
    package var predictionKeys: [PredictionKey]
    /// Key that hashes units, 16 bytes.
    package var unitKey: [UInt8]
    /// The newest revision of every route that ever had one, by name of the route.
    package var revisions: [RevisionEntry]
    /// Faults for practice that were going on when it was taken, by id. One may end while the snapshot is in use: compare `ends`.
    package var faults: [FaultEntry]
    /// Variants that are kept out of traffic.
    package var held: [HeldVariant]
}

extension Ledger {
    /// Reads what is in force at `now`, all of one state. After it `hasChanged` is false until somebody commits.
    package func snapshot(now: Timestamp) throws(LedgerError) -> LedgerSnapshot {
        try readAndRemember { db in
            LedgerSnapshot(
                tokens: try Self.liveTokens(db, now: now), predictionKeys: try Self.predictionKeys(db),
                unitKey: try Self.unitKey(db), revisions: try Self.newestRevisions(db),
                faults: try Self.activeFaults(db, now: now), held: try Self.held(db))
        }
    }
}
