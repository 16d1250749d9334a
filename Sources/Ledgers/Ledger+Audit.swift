import GRDB

extension Ledger {
    /// The audit, newest first, at most `limit` entries.
    package func audit(limit: Int = .max) throws(LedgerError) -> [AuditEntry] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY number DESC LIMIT ?", arguments: [limit]).map(Self.auditEntry)
        }
    }

    /// Recomputes every hash of the chain, and compares each token, key, revision, fault and held variant with the entry that made it.
    ///
    /// Finds any change, removal or addition that did not go through the ledger, unless all hashes from there to the end were recomputed
    /// as well; against that, compare `AuditSummary.head` with one kept elsewhere.
    ///
    /// - Throws: `auditBroken` with the first entry that does not agree, and the faults of the file.
    package func verifyAudit() throws(LedgerError) -> AuditSummary {
        try read { db in
            let summary = try Self.verifyChain(db)
            try Self.verifyTokens(db)
            try Self.verifyKeys(db)
            try Self.verifyRevisions(db)
            try Self.verifyFaults(db)
            try Self.verifyHeld(db)
            return summary
        }
    }

    /// Appends an entry inside the caller's `BEGIN IMMEDIATE`: nobody can come between reading the last hash and writing the next.
    ///
    /// - Returns: the number of the entry.
    static func appendAudit(
        _ db: Database, _ action: AuditAction, _ subject: some Encodable, author: String, at now: Timestamp
    ) throws -> Int64 {
        let last = try Row.fetchOne(db, sql: "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        let number = try last.map { try $0.value("number", as: Int64.self) + 1 } ?? 1
        let previous = try last.map { bytes(try $0.value("hash")) } ?? AuditEntry.firstPrevious
        let text = try StoredJSON.text(subject)
        let hash = AuditEntry.hash(
            number: number, at: now, author: author, action: action.rawValue, subject: text, previous: previous)
        try db.execute(
            sql: "INSERT INTO audit (number, at, author, action, subject, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [number, now.milliseconds, author, action.rawValue, text, blob(previous), blob(hash)])
        return number
    }

    private static func auditEntry(_ row: Row) throws -> AuditEntry {
        let name: String = try row.value("action")
        guard let action = AuditAction(rawValue: name) else {
            throw LedgerError.auditBroken(entry: try row.value("number"), reason: "its action '\(name)' is unknown")
        }
        return try AuditEntry(
            number: row.value("number"), at: Timestamp(milliseconds: row.value("at")), author: row.value("author"),
            action: action, subject: row.value("subject"), previous: bytes(row.value("previous")), hash: bytes(row.value("hash")))
    }
}

extension Ledger {
    private static func verifyChain(_ db: Database) throws -> AuditSummary {
        var summary = AuditSummary(entries: 0, head: AuditEntry.firstPrevious)
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM audit ORDER BY number")
        while let row = try rows.next() {
            let entry = try auditEntry(row)
            guard entry.number == summary.entries + 1 else {
                throw LedgerError.auditBroken(entry: summary.entries + 1, reason: "it is missing")
            }
            guard entry.previous == summary.head else {
                throw LedgerError.auditBroken(entry: entry.number, reason: "it does not follow the entry before it")
            }
            let hash = AuditEntry.hash(
                number: entry.number, at: entry.at, author: entry.author, action: entry.action.rawValue, subject: entry.subject,
                previous: entry.previous)
            guard entry.hash == hash else {
                throw LedgerError.auditBroken(entry: entry.number, reason: "its text does not have its hash")
            }
            summary = AuditSummary(entries: entry.number, head: hash)
        }
        return summary
    }

    private static func verifyTokens(_ db: Database) throws {
        try verifyRows(db, of: "tokens", madeBy: .tokenCreated) { row, entry in
            let token = try token(row)
            return entry.at == token.created && entry.subject(AuditSubject.TokenCreated.self) == subject(of: token)
        }
        try verifyEnds(db, Ending(of: "tokens", in: "revoked", by: .tokenRevoked, one: "token"))
    }

    private static func verifyKeys(_ db: Database) throws {
        try verifyRows(db, of: "keys", madeBy: .keyCreated) { row, entry in
            let expected = try AuditSubject.KeyCreated(purpose: row.value("purpose"), number: row.value("number"))
            let created = Timestamp(milliseconds: try row.value("created"))
            return entry.at == created && entry.subject(AuditSubject.KeyCreated.self) == expected
        }
    }

    private static func verifyRevisions(_ db: Database) throws {
        try verifyRows(db, of: "revisions", madeBy: .revisionCreated) { row, entry in
            let revision = try revision(row)
            let expected = AuditSubject.RevisionCreated(
                route: revision.route, number: revision.number, weights: revision.weights, reason: revision.reason)
            return entry.at == revision.at && entry.author == revision.author
                && entry.subject(AuditSubject.RevisionCreated.self) == expected
        }
    }

    private static func verifyFaults(_ db: Database) throws {
        try verifyRows(db, of: "faults", madeBy: .faultCreated) { row, entry in
            let fault = try fault(row)
            return entry.at == fault.created && entry.author == fault.author
                && entry.subject(AuditSubject.FaultCreated.self) == subject(of: fault)
        }
        try verifyEnds(db, Ending(of: "faults", in: "ended", by: .faultEnded, one: "fault"))
    }

    private static func verifyHeld(_ db: Database) throws {
        try verifyRows(db, of: "held", madeBy: .variantHeld) { row, entry in
            var held = try heldVariant(row)
            // The verdict may have been written anew; which one counts is looked at below.
            let said = entry.subject(AuditSubject.VariantHeld.self)
            held.verdict = said?.verdict ?? held.verdict
            return entry.at == held.since && said == subject(of: held)
        }
        let unsaid = """
            SELECT audit FROM held WHERE verdict IS NOT (
                SELECT json_extract(subject, '$.verdict') FROM audit WHERE action IN (?, ?) AND json_extract(subject, '$.id') = held.id
                ORDER BY number DESC LIMIT 1) ORDER BY audit LIMIT 1
            """
        let actions: StatementArguments = [AuditAction.variantHeld.rawValue, AuditAction.variantJudged.rawValue]
        if let entry = try Int64.fetchOne(db, sql: unsaid, arguments: actions) {
            throw LedgerError.auditBroken(entry: entry, reason: "the held variant that it made has a verdict that no entry says")
        }
        try verifyEnds(db, Ending(of: "held", in: "released", by: .variantReleased, one: "held variant"))
        let others = """
            SELECT audit.number FROM audit JOIN held ON held.id = json_extract(audit.subject, '$.id')
            WHERE audit.action = ? AND held.released_by IS NOT audit.author ORDER BY audit.number LIMIT 1
            """
        if let entry = try Int64.fetchOne(db, sql: others, arguments: [AuditAction.variantReleased.rawValue]) {
            throw LedgerError.auditBroken(entry: entry, reason: "the held variant that it names was released by somebody else")
        }
    }

    /// A column that is set once, with an entry that names the row.
    private struct Ending {
        let table: String
        let column: String
        let action: AuditAction
        /// What a row is, for messages.
        let noun: String

        init(of table: String, in column: String, by action: AuditAction, one noun: String) {
            (self.table, self.column, self.action, self.noun) = (table, column, action, noun)
        }
    }

    /// A row is over exactly when an entry says so, and at the time that it says.
    private static func verifyEnds(_ db: Database, _ ending: Ending) throws {
        let (table, column, noun) = (ending.table, ending.column, ending.noun)
        let undone = """
            SELECT audit.number FROM audit LEFT JOIN \(table) ON \(table).id = json_extract(audit.subject, '$.id')
            WHERE audit.action = ? AND \(table).\(column) IS NOT audit.at ORDER BY audit.number LIMIT 1
            """
        if let entry = try Int64.fetchOne(db, sql: undone, arguments: [ending.action.rawValue]) {
            throw LedgerError.auditBroken(entry: entry, reason: "the \(noun) that it names is not \(column) at that time")
        }
        let unsaid = """
            SELECT audit FROM \(table) WHERE \(column) IS NOT NULL AND id NOT IN (
                SELECT json_extract(subject, '$.id') FROM audit WHERE action = ?) ORDER BY audit LIMIT 1
            """
        if let entry = try Int64.fetchOne(db, sql: unsaid, arguments: [ending.action.rawValue]) {
            throw LedgerError.auditBroken(entry: entry, reason: "the \(noun) that it made is \(column), and no entry says so")
        }
    }

    /// Pairs every row of `table` with its entry; each entry of that action must have a row, each row an entry, and `agree` hold.
    private static func verifyRows(
        _ db: Database, of table: String, madeBy action: AuditAction, agree: (Row, AuditEntry) throws -> Bool
    ) throws {
        var made: Set<Int64> = []
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \(table) ORDER BY audit")
        while let row = try rows.next() {
            let number: Int64 = try row.value("audit")
            made.insert(number)
            guard let line = try Row.fetchOne(db, sql: "SELECT * FROM audit WHERE number = ?", arguments: [number]) else {
                throw LedgerError.auditBroken(entry: number, reason: "it is missing, but a row of \(table) refers to it")
            }
            let entry = try auditEntry(line)
            guard entry.action == action, try agree(row, entry) else {
                throw LedgerError.auditBroken(entry: number, reason: "the row of \(table) that it made says something else")
            }
        }
        let sql = "SELECT number FROM audit WHERE action = ? ORDER BY number"
        let entries = try Int64.fetchAll(db, sql: sql, arguments: [action.rawValue])
        if let orphan = entries.first(where: { !made.contains($0) }) {
            throw LedgerError.auditBroken(entry: orphan, reason: "the row of \(table) that it made is gone")
        }
    }
}

extension AuditEntry {
    /// The subject as a value; nil when it is not one of that kind.
    fileprivate func subject<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? StoredJSON.value(type, from: subject)
    }
}
