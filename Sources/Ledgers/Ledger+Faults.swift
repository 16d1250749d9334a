import GRDB

// Faults for practice: begun by a person, over by themselves.

extension Ledger {
    /// Begins a fault. A running server follows within a second.
    ///
    /// - Parameters:
    ///   - variant: one of the newest revision's, or a shadow that the route's file lists.
    ///   - percent: of the variant's units, above 0, at most 100.
    ///   - seconds: how long it lasts, 1 s to an hour.
    ///   - reason: why, for those who wonder.
    /// - Throws: `unknownRoute`, `unknownVariant`, `tooManyFaults`, `invalid`, and the faults of the file.
    package func startFault(
        route: String, variant: String, kind: FaultKind, percent: Double, seconds: Int64, author: String, reason: String, now: Timestamp
    ) throws(LedgerError) -> FaultEntry {
        try Rules.check(fault: kind, percent: percent, seconds: seconds)
        try Rules.check(author: author)
        try Rules.check(reason: reason)
        return try change { db in
            let newest = try Self.knownRevision(db, route: route)
            let variants = newest.weights.map(\.name)
            let known = try variants + Self.shadows(db, route: route).map(\.name).filter { !variants.contains($0) }
            guard known.contains(variant) else { throw LedgerError.unknownVariant(route: route, variant: variant, known: known) }
            guard try Self.activeFaults(db, route: route, now: now).count < Limits.faultsPerRoute else {
                throw LedgerError.tooManyFaults(route: route, limit: Limits.faultsPerRoute)
            }
            let id = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM faults") ?? 1
            let entry = FaultEntry(
                id: id, route: route, variant: variant, kind: kind, percent: percent, created: now,
                ends: now.advanced(bySeconds: seconds), author: author, reason: reason, ended: nil)
            try Self.insert(entry, audit: try Self.appendAudit(db, .faultCreated, Self.subject(of: entry), author: author, at: now), db)
            return entry
        }
    }

    /// Ends the faults of a route, or of one of its variants, before their time.
    ///
    /// - Returns: those that were ended; none when nothing was going on.
    /// - Throws: `unknownRoute`, and the faults of the file.
    package func endFaults(route: String, variant: String? = nil, author: String, now: Timestamp) throws(LedgerError) -> [FaultEntry] {
        try Rules.check(author: author)
        return try change { db in
            _ = try Self.knownRevision(db, route: route)
            return try Self.activeFaults(db, route: route, now: now).filter { variant == nil || $0.variant == variant }.map { entry in
                let subject = AuditSubject.FaultEnded(id: entry.id, route: entry.route, variant: entry.variant)
                _ = try Self.appendAudit(db, .faultEnded, subject, author: author, at: now)
                try db.execute(sql: "UPDATE faults SET ended = ? WHERE id = ?", arguments: [now.milliseconds, entry.id])
                var ended = entry
                ended.ended = now
                return ended
            }
        }
    }

    /// The faults that do something at `now`, by id: of one route, or of all.
    package func faults(route: String? = nil, now: Timestamp) throws(LedgerError) -> [FaultEntry] {
        try read { db in try Self.activeFaults(db, route: route, now: now) }
    }

    static func activeFaults(_ db: Database, route: String? = nil, now: Timestamp) throws -> [FaultEntry] {
        let sql = "SELECT * FROM faults WHERE ended IS NULL AND ends > ?1 AND (?2 IS NULL OR route = ?2) ORDER BY id"
        return try Row.fetchAll(db, sql: sql, arguments: [now.milliseconds, route]).map(fault)
    }

    /// The fault of a route that was begun last; nil when there was none.
    static func lastFault(_ db: Database, route: String) throws -> FaultEntry? {
        try Row.fetchOne(db, sql: "SELECT * FROM faults WHERE route = ? ORDER BY id DESC LIMIT 1", arguments: [route]).map(fault)
    }

    static func fault(_ row: Row) throws -> FaultEntry {
        let name: String = try row.value("kind")
        guard let kind = FaultKind(name: name, milliseconds: try row.value("delay_ms")) else { throw StoredFault("a fault of kind '\(name)'") }
        return try FaultEntry(
            id: row.value("id"), route: row.value("route"), variant: row.value("variant"), kind: kind, percent: row.value("percent"),
            created: Timestamp(milliseconds: row.value("created")), ends: Timestamp(milliseconds: row.value("ends")),
            author: row.value("author"), reason: row.value("reason"),
            ended: row.value("ended", as: Int64?.self).map(Timestamp.init(milliseconds:)))
    }

    static func subject(of entry: FaultEntry) -> AuditSubject.FaultCreated {
        AuditSubject.FaultCreated(
            id: entry.id, route: entry.route, variant: entry.variant, kind: entry.kind.name, milliseconds: entry.kind.milliseconds,
            percent: entry.percent, ends: entry.ends, reason: entry.reason)
    }

    private static func insert(_ entry: FaultEntry, audit: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO faults (id, route, variant, kind, delay_ms, percent, created, ends, author, reason, audit)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.id, entry.route, entry.variant, entry.kind.name, entry.kind.milliseconds, entry.percent,
                entry.created.milliseconds, entry.ends.milliseconds, entry.author, entry.reason, audit,
            ])
    }
}
