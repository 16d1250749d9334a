import GRDB

// Variants that crashed the process: kept out of traffic over every restart.

extension Ledger {
    /// Keeps a variant out of traffic, or writes down what more is known about one that is held already: its verdict.
    ///
    /// - Parameters:
    ///   - sha256: 64 lower-case hexadecimal digits; a variant with another model is not held.
    ///   - signal: that ended the process.
    ///   - verdict: in words, such as `crashed in a live model`.
    ///   - author: who found out; the program itself unless somebody else did.
    /// - Returns: the entry as it stands now. With the verdict it has already, nothing is written.
    /// - Throws: `invalid`, and the faults of the file.
    package func hold(
        route: String, variant: String, sha256: String, signal: Int32, verdict: String, author: String = HeldVariant.finder, now: Timestamp
    ) throws(LedgerError) -> HeldVariant {
        try Rules.check(name: route, key: "route")
        try Rules.check(name: variant, key: "variant")
        try Rules.check(sha256: sha256)
        try Rules.check(verdict: verdict)
        try Rules.check(author: author)
        return try change { db in
            if let held = try Self.held(db, route: route, variant: variant).first(where: { $0.sha256 == sha256 }) {
                return try Self.judge(held, verdict, author: author, now: now, db)
            }
            let id = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM held") ?? 1
            let held = HeldVariant(
                id: id, route: route, variant: variant, sha256: sha256, signal: max(0, signal), since: now, verdict: verdict, released: nil,
                releasedBy: nil)
            let audit = try Self.appendAudit(db, .variantHeld, Self.subject(of: held), author: author, at: now)
            try db.execute(
                sql: "INSERT INTO held (id, route, variant, sha256, signal, since, verdict, audit) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [id, route, variant, sha256, held.signal, now.milliseconds, verdict, audit])
            return held
        }
    }

    /// Lets a variant take traffic again, whatever model of it is held: from now on its breaker probes it.
    ///
    /// - Parameter sha256: only this model of it; nil for every one.
    /// - Returns: what was released, at least one.
    /// - Throws: `notHeld`, `invalid`, and the faults of the file.
    package func release(
        route: String, variant: String, sha256: String? = nil, author: String, reason: String, now: Timestamp
    ) throws(LedgerError) -> [HeldVariant] {
        try Rules.check(author: author)
        try Rules.check(reason: reason)
        return try change { db in
            let held = try Self.held(db, route: route, variant: variant).filter { sha256 == nil || $0.sha256 == sha256 }
            guard !held.isEmpty else {
                throw LedgerError.notHeld(route: route, variant: variant, held: try Self.held(db, route: route).map(\.variant))
            }
            return try held.map { entry in
                let subject = AuditSubject.VariantReleased(id: entry.id, route: route, variant: variant, reason: reason)
                _ = try Self.appendAudit(db, .variantReleased, subject, author: author, at: now)
                try db.execute(
                    sql: "UPDATE held SET released = ?, released_by = ? WHERE id = ?", arguments: [now.milliseconds, author, entry.id])
                var released = entry
                (released.released, released.releasedBy) = (now, author)
                return released
            }
        }
    }

    /// The variants that are held, by route and name: of one route, or of all.
    package func held(route: String? = nil) throws(LedgerError) -> [HeldVariant] {
        try read { db in try Self.held(db, route: route) }
    }

    static func held(_ db: Database, route: String? = nil, variant: String? = nil) throws -> [HeldVariant] {
        let sql = """
            SELECT * FROM held WHERE released IS NULL AND (?1 IS NULL OR route = ?1) AND (?2 IS NULL OR variant = ?2)
            ORDER BY route, variant, id
            """
        return try Row.fetchAll(db, sql: sql, arguments: [route, variant]).map(heldVariant)
    }

    static func heldVariant(_ row: Row) throws -> HeldVariant {
        try HeldVariant(
            id: row.value("id"), route: row.value("route"), variant: row.value("variant"), sha256: row.value("sha256"),
            signal: row.value("signal"), since: Timestamp(milliseconds: row.value("since")), verdict: row.value("verdict"),
            released: row.value("released", as: Int64?.self).map(Timestamp.init(milliseconds:)), releasedBy: row.value("released_by"))
    }

    static func subject(of held: HeldVariant) -> AuditSubject.VariantHeld {
        AuditSubject.VariantHeld(
            id: held.id, route: held.route, variant: held.variant, sha256: held.sha256, signal: held.signal, verdict: held.verdict)
    }

    /// Replaces the verdict on a held variant.
    private static func judge(_ held: HeldVariant, _ verdict: String, author: String, now: Timestamp, _ db: Database) throws -> HeldVariant {
        guard held.verdict != verdict else { return held }
        let subject = AuditSubject.VariantJudged(id: held.id, route: held.route, variant: held.variant, verdict: verdict)
        _ = try appendAudit(db, .variantJudged, subject, author: author, at: now)
        try db.execute(sql: "UPDATE held SET verdict = ? WHERE id = ?", arguments: [verdict, held.id])
        var judged = held
        judged.verdict = verdict
        return judged
    }
}

extension HeldVariant {
    /// The author of entries that the program makes by itself.
    package static let finder = "weir"
}
