import GRDB

extension Ledger {
    /// Moves stored outcomes that are in no sum yet into the sums, at most `limit` of them in one transaction, in the order of arrival.
    ///
    /// - Parameter asOf: every outcome that had arrived by then is stored. Becomes the sums' own moment once all rows are in them.
    package func foldOutcomes(asOf: Timestamp, limit: Int = 10_000) throws(LedgerError) -> OutcomeFold {
        try change { db in
            let cursor = try Meta.folded.value(db) ?? 0
            var outcomes = try Self.storedOutcomes(db, after: cursor, limit: limit)
            var changes = SumChanges(db)
            for place in outcomes.indices {
                try outcomes[place].scoreIfStored(db)
                try changes.add(outcomes[place])
            }
            try changes.write()
            if let last = outcomes.last { try Meta.folded.raise(to: last.number, db) }
            let isComplete = outcomes.count < limit
            if isComplete { try Meta.asOf.raise(to: asOf.milliseconds, db) }
            return OutcomeFold(rows: outcomes.count, isComplete: isComplete)
        }
    }

    /// The sums as they are stored.
    package func outcomeSums(route: String? = nil) throws(LedgerError) -> [OutcomeSumKey: OutcomeSums] {
        try read { db in try Self.outcomeSums(db, route: route).filter { $0.value != OutcomeSums() } }
    }

    /// The sums computed anew from the rows that were folded. Equal to the stored ones, to the last digit, as long as no row was pruned.
    package func recomputedSums(route: String? = nil) throws(LedgerError) -> [OutcomeSumKey: OutcomeSums] {
        try read { db in
            let cursor = try Meta.folded.value(db) ?? 0
            let sql = "SELECT \(StoredOutcome.columns) FROM outcomes WHERE number <= ?1 AND (?2 IS NULL OR route = ?2)"
            var sums: [OutcomeSumKey: OutcomeSums] = [:]
            var rules = SliceRules()
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [cursor, route])
            while let outcome = try rows.next().map(StoredOutcome.init) {
                let rule = try rules.rule(db, route: outcome.route, declaration: outcome.declaration)
                for part in outcome.parts(slice: rule.slice(of: outcome.predictedAt)) {
                    part.add(to: &sums[part.key, default: OutcomeSums()])
                }
            }
            return sums
        }
    }

    /// The sums of a route, or of all.
    static func outcomeSums(_ db: Database, route: String?) throws -> [OutcomeSumKey: OutcomeSums] {
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM outcome_sums WHERE ?1 IS NULL OR route = ?1", arguments: [route])
        var sums: [OutcomeSumKey: OutcomeSums] = [:]
        while let row = try rows.next() { sums[try OutcomeSumKey(row)] = try OutcomeSums(row) }
        return sums
    }

    private static func storedOutcomes(_ db: Database, after cursor: Int64, limit: Int) throws -> [StoredOutcome] {
        let sql = "SELECT \(StoredOutcome.columns) FROM outcomes WHERE number > ? ORDER BY number LIMIT ?"
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [cursor, limit])
        var outcomes: [StoredOutcome] = []
        while let row = try rows.next() { outcomes.append(try StoredOutcome(row)) }
        return outcomes
    }
}

extension StoredOutcome {
    /// Sets the scores of an outcome whose prediction is stored, in the row as well: what was added to sums can be added again.
    mutating func scoreIfStored(_ db: Database) throws {
        guard wantsScores, let prediction, let probabilities = try Self.storedScores(db, of: prediction) else { return }
        score(by: probabilities)
        let statement = try db.cachedStatement(sql: "UPDATE outcomes SET log_loss = ?, brier = ? WHERE number = ?")
        try statement.execute(arguments: [logLoss, brier, number])
    }

    /// What the prediction answered, one number for each output; nil when it was not sampled, or has none.
    private static func storedScores(_ db: Database, of prediction: [UInt8]) throws -> [Float]? {
        let statement = try db.cachedStatement(sql: "SELECT scores FROM predictions WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [blob(prediction)]) else { return nil }
        return floats(bytes(try row.value("scores")))
    }

    /// Float32, little-endian; nil when there is none, or a part of one.
    private static func floats(_ bytes: [UInt8]) -> [Float]? {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: 4) else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
        }
    }
}
