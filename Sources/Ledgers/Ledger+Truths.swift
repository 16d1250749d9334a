import GRDB

extension Ledger {
    /// The true labels that have come for some predictions, in time or late, by the predictions' keys.
    ///
    /// - Parameters:
    ///   - keys: as in ``PredictionRecord``.
    ///   - name: of the label outcome.
    package func truths(of keys: [[UInt8]], name: String) throws(LedgerError) -> [[UInt8]: String] {
        try read { db in
            let statement = try db.cachedStatement(sql: "SELECT truth FROM outcomes WHERE \(OutcomeGroup.isOfPrediction)")
            var truths: [[UInt8]: String] = [:]
            for key in keys {
                if let truth = try Optional<String>.fetchOne(statement, arguments: [blob(key), name]) { truths[key] = truth }
            }
            return truths
        }
    }

    /// Predictions of a route that are logged.
    package func predictionCount(route: String) throws(LedgerError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM predictions WHERE route = ?", arguments: [route]) ?? 0 }
    }
}
