import GRDB

extension Ledger {
    /// Takes the weights that a route's file gives, and says which revision is in force.
    ///
    /// The file and people may both move the split: whoever changed it last decides. So weights that differ from those *the file gave
    /// last time* (the newest revision by author `file`) become a revision; weights that do not leave the newest revision in force, also
    /// one by a person. A file that adds or drops a variant differs too, and its weights replace a person's split as a whole: carrying
    /// over parts of a split to other variants would give shares that nobody chose. The order of the variants is no difference.
    ///
    /// A revision may also name shadows of the file: those that a person made live (`promote`). It stays in force as long as the file
    /// lists all that it names, as variants or as shadows; once it does not, the file's weights are in force. `c` is such a shadow:
    ///
    /// | file gave last | file gives | newest | in force |
    /// |---|---|---|---|
    /// | nothing | 90/10 | none | 1 by `file` |
    /// | 90/10 | 90/10 | 50/50 by ana | 50/50 by ana |
    /// | 90/10 | 80/20 | 50/50 by ana | 80/20 by `file` |
    /// | 90/10 | 90/10/0 | 50/50 by ana | 90/10/0 by `file` |
    /// | 90/10 | 90/10, shadow c | 90/10, c 5 by ana | 90/10, c 5 by ana |
    /// | 90/10 | 80/20, shadow c | 90/10, c 5 by ana | 80/20 by `file` |
    /// | 90/10 | 90/10 | 90/10, c 5 by ana | 90/10 by `file` |
    /// | 90/10 | 90/10, c 0 | 90/10, c 5 by ana | 90/10, c 0 by `file` |
    ///
    /// - Parameter shadows: names of the models that the file lists as shadows.
    /// - Throws: `invalid` for weights that make no split, and the faults of the file.
    package func reconcile(
        route: String, fileWeights: [NamedWeight], shadows: [String] = [], now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        try Rules.check(name: route, key: "route")
        try Rules.check(weights: fileWeights)
        // A look without the write lock first: at most starts nothing has changed.
        if let current = try read({ db in try Self.unchanged(db, route: route, fileWeights, shadows) }) { return current }
        return try change { db in
            if let current = try Self.unchanged(db, route: route, fileWeights, shadows) { return current }
            let newest = try Self.newestRevision(db, route: route)
            let entry = RevisionEntry(
                route: route, number: try Self.number(after: newest, route: route), weights: fileWeights,
                author: RevisionEntry.fileAuthor, reason: Self.fileReason(from: newest, to: fileWeights, shadows), at: now)
            try Self.insert(entry, db)
            return entry
        }
    }

    /// Makes a revision by a person. Weights that are in force already make none: the newest revision is given back unchanged.
    ///
    /// - Parameters:
    ///   - weights: one for every variant of the newest revision, in any order.
    ///   - reason: why, for those who read the history.
    ///   - expecting: the number that was in force when the caller looked; nil to change whatever is there.
    /// - Throws: `unknownRoute`, `variantsDiffer`, `conflict`, `invalid`, and the faults of the file.
    package func newRevision(
        route: String, weights: [NamedWeight], author: String, reason: String, expecting: UInt32? = nil, now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        let draft = try Self.draft(route: route, weights: weights, author: author, reason: reason, at: now)
        return try change { db in
            let (entry, isNew) = try Self.succeed(with: draft, expecting: expecting, db)
            if isNew { try Self.insert(entry, db) }
            return entry
        }
    }

    /// What `newRevision` would make of the same arguments, refusals included; nothing is written.
    package func proposedRevision(
        route: String, weights: [NamedWeight], author: String, reason: String, expecting: UInt32? = nil, now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        let draft = try Self.draft(route: route, weights: weights, author: author, reason: reason, at: now)
        return try read { db in try Self.succeed(with: draft, expecting: expecting, db).entry }
    }

    /// The newest revision of a route.
    ///
    /// - Throws: `unknownRoute`, and the faults of the file.
    package func newestRevision(route: String) throws(LedgerError) -> RevisionEntry {
        try read { db in try Self.knownRevision(db, route: route) }
    }

    /// The revisions of a route, newest first, at most `limit`.
    ///
    /// - Parameter number: only those before this one; nil for all.
    /// - Throws: `unknownRoute`, and the faults of the file.
    package func history(route: String, limit: Int = .max, before number: UInt32? = nil) throws(LedgerError) -> [RevisionEntry] {
        try read { db in try Self.history(db, route: route, limit: limit, before: number) }
    }

    static func history(_ db: Database, route: String, limit: Int = .max, before number: UInt32? = nil) throws -> [RevisionEntry] {
        let sql = "SELECT * FROM revisions WHERE route = ? AND number < ? ORDER BY number DESC LIMIT ?"
        let rows = try Row.fetchAll(db, sql: sql, arguments: [route, number.map { Int64($0) } ?? .max, limit])
        if rows.isEmpty, try newestRevision(db, route: route) == nil { throw try unknown(route, db) }
        return try rows.map(revision)
    }

    /// The routes that have a revision, by name.
    package func routes() throws(LedgerError) -> [String] {
        try read(Self.routes)
    }

    /// The newest revision of every route, by name of the route.
    static func newestRevisions(_ db: Database) throws -> [RevisionEntry] {
        let newest = "SELECT route, max(number) FROM revisions GROUP BY route"
        return try Row.fetchAll(db, sql: "SELECT * FROM revisions WHERE (route, number) IN (\(newest)) ORDER BY route").map(revision)
    }

    static func revision(_ row: Row) throws -> RevisionEntry {
        try RevisionEntry(
            route: row.value("route"), number: row.value("number"),
            weights: StoredJSON.value([NamedWeight].self, from: row.value("weights")), author: row.value("author"),
            reason: row.value("reason"), at: Timestamp(milliseconds: row.value("at")))
    }
}

extension Ledger {
    /// The newest revision, if the file gives what it gave last time and lists all that the revision names.
    private static func unchanged(
        _ db: Database, route: String, _ fileWeights: [NamedWeight], _ shadows: [String]
    ) throws -> RevisionEntry? {
        let sql = "SELECT * FROM revisions WHERE route = ? AND author = ? ORDER BY number DESC LIMIT 1"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [route, RevisionEntry.fileAuthor]) else { return nil }
        guard try revision(row).weights.agrees(with: fileWeights) else { return nil }
        let listed = Set(fileWeights.map(\.name) + shadows)
        let newest = try newestRevision(db, route: route)
        return newest?.weights.allSatisfy { listed.contains($0.name) } == true ? newest : nil
    }

    private static func newestRevision(_ db: Database, route: String) throws -> RevisionEntry? {
        let sql = "SELECT * FROM revisions WHERE route = ? ORDER BY number DESC LIMIT 1"
        return try Row.fetchOne(db, sql: sql, arguments: [route]).map(revision)
    }

    /// The newest revision of a route that must have one.
    ///
    /// - Throws: `unknownRoute`, and errors of SQLite.
    static func knownRevision(_ db: Database, route: String) throws -> RevisionEntry {
        guard let newest = try newestRevision(db, route: route) else { throw try unknown(route, db) }
        return newest
    }

    /// The newest revision of a route, which must be the one that the caller saw.
    ///
    /// - Parameter number: what the caller saw; nil for whatever is there.
    /// - Throws: `unknownRoute`, `conflict`, and errors of SQLite.
    static func knownRevision(_ db: Database, route: String, expecting number: UInt32?) throws -> RevisionEntry {
        let newest = try knownRevision(db, route: route)
        if let number, number != newest.number { throw LedgerError.conflict(route: route, expected: number, found: newest.number) }
        return newest
    }

    private static func routes(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT DISTINCT route FROM revisions ORDER BY route")
    }

    private static func unknown(_ route: String, _ db: Database) throws -> LedgerError {
        .unknownRoute(route: route, known: try routes(db))
    }

    /// The number of the revision that comes after the newest one.
    static func number(after newest: RevisionEntry?, route: String) throws -> UInt32 {
        guard let newest else { return 1 }
        guard newest.number < .max else { throw LedgerError.invalid(key: route, reason: "its revision numbers are used up") }
        return newest.number + 1
    }

    /// A person's revision with everything but its number.
    private static func draft(
        route: String, weights: [NamedWeight], author: String, reason: String, at now: Timestamp
    ) throws(LedgerError) -> RevisionEntry {
        try Rules.check(weights: weights)
        try Rules.check(author: author)
        try Rules.check(reason: reason)
        return RevisionEntry(route: route, number: 0, weights: weights, author: author, reason: reason, at: now)
    }

    /// The draft with the number after the newest; or the newest itself when it has these weights already.
    private static func succeed(
        with draft: RevisionEntry, expecting: UInt32?, _ db: Database
    ) throws -> (entry: RevisionEntry, isNew: Bool) {
        let newest = try knownRevision(db, route: draft.route, expecting: expecting)
        try checkNames(draft.weights, against: newest)
        if draft.weights.agrees(with: newest.weights) { return (newest, false) }
        var entry = draft
        entry.number = try number(after: newest, route: draft.route)
        return (entry, true)
    }

    private static func checkNames(_ weights: [NamedWeight], against newest: RevisionEntry) throws {
        let given = Set(weights.map(\.name))
        let known = Set(newest.weights.map(\.name))
        guard given != known else { return }
        throw LedgerError.variantsDiffer(
            route: newest.route, unknown: weights.map(\.name).filter { !known.contains($0) },
            missing: newest.weights.map(\.name).filter { !given.contains($0) })
    }

    /// Says in the history what the file changed, and whose split it replaced.
    private static func fileReason(from newest: RevisionEntry?, to weights: [NamedWeight], _ shadows: [String]) -> String {
        guard let newest else { return "first read of the route file" }
        let (before, after) = (newest.weights.map(\.name), weights.map(\.name))
        let added = after.filter { !before.contains($0) }
        let dropped = before.filter { !after.contains($0) && !shadows.contains($0) }
        let shadowed = before.filter { !after.contains($0) && shadows.contains($0) }
        var facts = added.isEmpty && dropped.isEmpty ? ["the route file changed"] : []
        if !added.isEmpty { facts.append("the route file adds \(added.joined(separator: ", "))") }
        if !dropped.isEmpty { facts.append("the route file drops \(dropped.joined(separator: ", "))") }
        if !shadowed.isEmpty { facts.append(shadowed.joined(separator: ", ") + (shadowed.count == 1 ? " is a shadow" : " are shadows")) }
        if newest.author != RevisionEntry.fileAuthor { facts.append("replaces revision \(newest.number) by \(newest.author)") }
        // 32 names of 128 bytes would be longer than a reason may be; the weights beside it tell the rest.
        let sentence = facts.joined(separator: "; ")
        return sentence.utf8.count <= Limits.reasonBytes ? sentence : "the route file changed its variants"
    }

    static func insert(_ entry: RevisionEntry, _ db: Database) throws {
        let subject = AuditSubject.RevisionCreated(
            route: entry.route, number: entry.number, weights: entry.weights, reason: entry.reason)
        let audit = try appendAudit(db, .revisionCreated, subject, author: entry.author, at: entry.at)
        try db.execute(
            sql: "INSERT INTO revisions (route, number, weights, author, reason, at, audit) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                entry.route, entry.number, try StoredJSON.text(entry.weights), entry.author, entry.reason,
                entry.at.milliseconds, audit,
            ])
    }
}
