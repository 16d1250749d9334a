import GRDB

// Examples of predictions on which shadows differ from their primaries: few, and the largest differences only.

extension Ledger {
    /// Keeps examples, in one transaction, and of each shadow and model only those that diverge most. One whose key is there already for
    /// its shadow is left out: repeating a call is safe.
    ///
    /// It changes nothing that is in force: `hasChanged` does not see it.
    ///
    /// - Parameter limit: examples that stay of a shadow and model. Of two that diverge alike the older one stays.
    /// - Throws: `invalid` for keys, names or divergences that cannot be, and the faults of the file; nothing is then kept.
    package func keepExamples(_ examples: [ShadowExample], atMost limit: Int) throws(LedgerError) {
        for example in examples { try Rules.check(example) }
        if examples.isEmpty { return }
        try change { db in
            for example in examples { try Self.insert(example.bounded, db) }
            for model in Set(examples.map(\.model)) { try Self.trim(model, to: limit, db) }
            for route in Set(examples.map(\.route)) { try Self.trimModels(route: route, db) }
        }
    }

    /// Examples of a route, the largest divergence first, at most `limit`.
    ///
    /// - Parameters:
    ///   - shadow: of this one only; nil for all.
    ///   - sha256: of this model only; nil for all that the shadow had.
    package func examples(
        route: String, shadow: String? = nil, sha256: String? = nil, limit: Int
    ) throws(LedgerError) -> [ShadowExample] {
        try read { db in try Self.examples(db, route: route, shadow: shadow, sha256: sha256, limit: limit) }
    }

    static func examples(
        _ db: Database, route: String, shadow: String? = nil, sha256: String? = nil, limit: Int
    ) throws -> [ShadowExample] {
        let sql = """
            SELECT * FROM shadow_examples WHERE route = ?1 AND (?2 IS NULL OR shadow = ?2) AND (?3 IS NULL OR sha256 = ?3)
            ORDER BY divergence DESC, number LIMIT ?4
            """
        return try Row.fetchAll(db, sql: sql, arguments: [route, shadow, sha256, limit]).map(ShadowExample.init)
    }

    /// The smallest divergence that is kept of a shadow and model: a smaller one, or the same, would not stay. Nil as long as there is room
    /// for another example.
    package func smallestKept(route: String, shadow: String, sha256: String, atMost limit: Int) throws(LedgerError) -> Double? {
        try read { db in
            let sql = """
                SELECT divergence FROM shadow_examples WHERE route = ? AND shadow = ? AND sha256 = ? ORDER BY divergence DESC LIMIT 1 OFFSET ?
                """
            return try Double.fetchOne(db, sql: sql, arguments: [route, shadow, sha256, max(1, limit) - 1])
        }
    }
}

extension Ledger {
    /// Does nothing where the shadow has an example of this key.
    private static func insert(_ example: ShadowExample, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO shadow_examples (route, shadow, sha256, variant, revision, key, unit, at, divergence, answer, shadow_answer, input)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (route, shadow, key) DO NOTHING
                """)
        try statement.execute(arguments: [
            example.route, example.shadow, example.sha256, example.variant, example.revision, blob(example.key),
            example.unit.map(Int64.init(bitPattern:)), example.at.milliseconds, example.divergence, example.answer, example.shadowAnswer,
            example.input,
        ])
    }

    /// Deletes all but the `limit` largest divergences of a shadow and model.
    private static func trim(_ model: ShadowModel, to limit: Int, _ db: Database) throws {
        let sql = """
            DELETE FROM shadow_examples WHERE number IN (
                SELECT number FROM shadow_examples WHERE route = ? AND shadow = ? AND sha256 = ?
                ORDER BY divergence DESC, number LIMIT -1 OFFSET ?)
            """
        try db.cachedStatement(sql: sql).execute(arguments: [model.route, model.shadow, model.sha256, max(0, limit)])
    }

    /// Deletes the examples of models that have had no new one for longest, where a route has those of too many: models come and go, and
    /// nobody else deletes what is known of one that is gone.
    private static func trimModels(route: String, _ db: Database) throws {
        let sql = """
            DELETE FROM shadow_examples WHERE route = ?1 AND (shadow, sha256) NOT IN (
                SELECT shadow, sha256 FROM shadow_examples WHERE route = ?1
                GROUP BY shadow, sha256 ORDER BY max(number) DESC LIMIT ?2)
            """
        try db.cachedStatement(sql: sql).execute(arguments: [route, Limits.exampleModels])
    }
}

/// A shadow with one of the models that it had: examples of two models are never mixed.
private struct ShadowModel: Hashable {
    var route: String
    var shadow: String
    var sha256: String
}

extension ShadowExample {
    fileprivate var model: ShadowModel { ShadowModel(route: route, shadow: shadow, sha256: sha256) }
}
