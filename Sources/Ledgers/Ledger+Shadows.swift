import GRDB

// Shadows: what the route files list, and how one of them goes live.

extension Ledger {
    /// Writes down what a route's file lists as shadows now, in its order; what it listed before is forgotten.
    ///
    /// It is nobody's decision but the file's, so it is not audited, and `hasChanged` does not see it.
    ///
    /// - Throws: `invalid` for names, digests or numbers out of bounds, and the faults of the file.
    package func declareShadows(route: String, _ shadows: [ShadowDeclaration]) throws(LedgerError) {
        try Rules.check(name: route, key: "route")
        try Rules.check(shadows: shadows)
        // A look without the write lock first: at most starts nothing has changed.
        guard try self.shadows(route: route) != shadows else { return }
        try change { db in
            try db.execute(sql: "DELETE FROM shadows WHERE route = ?", arguments: [route])
            for (place, shadow) in shadows.enumerated() { try Self.insert(shadow, route: route, place: place, db) }
        }
    }

    /// What a route's file lists as shadows, in its order: also those that are live.
    package func shadows(route: String) throws(LedgerError) -> [ShadowDeclaration] {
        try read { db in try Self.shadows(db, route: route) }
    }

    /// Makes a shadow a live variant: a revision with the weights of the newest one and the shadow's. The route's file stays as it is.
    ///
    /// - Parameters:
    ///   - shadow: one that the route's file lists and the newest revision does not name.
    ///   - weight: beside the weights of the others, which stay.
    ///   - reason: why, for those who read the history.
    ///   - expecting: the number that was in force when the caller looked; nil to change whatever is there.
    /// - Throws: `unknownRoute`, `unknownShadow`, `conflict`, `invalid`, and the faults of the file.
    package func promote(
        route: String, shadow: String, weight: Double, author: String, reason: String, expecting: UInt32? = nil, now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        let draft = try Self.promotion(of: NamedWeight(shadow, weight), route: route, author: author, reason: reason, at: now)
        return try change { db in
            let entry = try Self.add(draft, expecting: expecting, db)
            try Self.insert(entry, db)
            return entry
        }
    }

    /// What `promote` would make of the same arguments, refusals included; nothing is written.
    package func proposedPromotion(
        route: String, shadow: String, weight: Double, author: String, reason: String, expecting: UInt32? = nil, now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        let draft = try Self.promotion(of: NamedWeight(shadow, weight), route: route, author: author, reason: reason, at: now)
        return try read { db in try Self.add(draft, expecting: expecting, db) }
    }

    static func shadows(_ db: Database, route: String) throws -> [ShadowDeclaration] {
        try Row.fetchAll(db, sql: "SELECT * FROM shadows WHERE route = ? ORDER BY place", arguments: [route]).map(shadow)
    }
}

extension Ledger {
    private static func shadow(_ row: Row) throws -> ShadowDeclaration {
        try ShadowDeclaration(
            name: row.value("name"), sha256: row.value("sha256"), percent: row.value("percent"),
            follow: StoredJSON.value([String].self, from: row.value("follow")), limit: row.value("limit_percent"),
            tolerance: row.value("tolerance"))
    }

    private static func insert(_ shadow: ShadowDeclaration, route: String, place: Int, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO shadows (route, name, sha256, percent, follow, limit_percent, tolerance, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                route, shadow.name, shadow.sha256, shadow.percent, try StoredJSON.text(shadow.follow), shadow.limit, shadow.tolerance,
                place,
            ])
    }

    /// A promotion with everything but its number and the weights of the others.
    private static func promotion(
        of shadow: NamedWeight, route: String, author: String, reason: String, at now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        try Rules.check(author: author)
        try Rules.check(reason: reason)
        return RevisionEntry(route: route, number: 0, weights: [shadow], author: author, reason: reason, at: now)
    }

    /// The draft of a promotion as the revision after the newest, whose weights it is added to.
    private static func add(_ draft: RevisionEntry, expecting: UInt32?, _ db: Database) throws -> RevisionEntry {
        let newest = try knownRevision(db, route: draft.route, expecting: expecting)
        let declared = try shadows(db, route: draft.route).map(\.name)
        let live = Set(newest.weights.map(\.name))
        for shadow in draft.weights.map(\.name) {
            guard declared.contains(shadow) else { throw LedgerError.unknownShadow(route: draft.route, shadow: shadow, known: declared) }
            guard !live.contains(shadow) else {
                let reason = "is live already in revision \(newest.number); move its weight by weir split"
                throw LedgerError.invalid(key: shadow, reason: reason)
            }
        }
        var entry = draft
        entry.number = try number(after: newest, route: draft.route)
        entry.weights = newest.weights + draft.weights
        try Rules.check(weights: entry.weights)
        return entry
    }
}
