import GRDB

/// What a key is for.
private enum KeyPurpose: String {
    /// Signs prediction ids (SipHash-2-4); rotates.
    case predictionMAC = "prediction-mac"
    /// Hashes units; never rotates, or no unit could be recognised later.
    case unit
}

extension Ledger {
    /// Makes a new key to sign prediction ids with. Older ones stay to verify ids that are out; of two with one id the newer counts.
    package func rotatePredictionKey(author: String, now: Timestamp) throws(LedgerError) -> PredictionKey {
        try Rules.check(author: author)
        return try change { db in
            let sql = "SELECT max(number) FROM keys WHERE purpose = ?"
            let last = try Int.fetchOne(db, sql: sql, arguments: [KeyPurpose.predictionMAC.rawValue])
            return try Self.makeKey(db, .predictionMAC, number: (last ?? -1) + 1, author: author, at: now)
        }
    }

    /// What tells this ledger from every other, also from one that takes its place in the same folder: a hash under its unit key, which never
    /// changes. Copies of it are the same ledger.
    package func identity() throws(LedgerError) -> UInt64 {
        try unitHash(of: Array("weir ledger".utf8))
    }

    /// Makes both keys on first opening; later only looks.
    func makeMissingKeys(at now: Timestamp) throws(LedgerError) {
        guard try read(Self.missingKeys).isEmpty == false else { return }
        try change { db in
            for purpose in try Self.missingKeys(db) {
                _ = try Self.makeKey(db, purpose, number: 0, author: "weir", at: now)
            }
        }
    }

    /// The keys for prediction ids, the one that signs first; at most 256, one for each id.
    static func predictionKeys(_ db: Database) throws -> [PredictionKey] {
        let sql = "SELECT * FROM keys WHERE purpose = ? ORDER BY number DESC LIMIT 256"
        return try Row.fetchAll(db, sql: sql, arguments: [KeyPurpose.predictionMAC.rawValue]).map(predictionKey)
    }

    /// The key that hashes units.
    static func unitKey(_ db: Database) throws -> [UInt8] {
        let sql = "SELECT bytes FROM keys WHERE purpose = ?"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [KeyPurpose.unit.rawValue]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the unit key is gone")
        }
        return try bytes(row.value("bytes"))
    }

    private static func missingKeys(_ db: Database) throws -> [KeyPurpose] {
        let present = try Set(String.fetchAll(db, sql: "SELECT DISTINCT purpose FROM keys"))
        return [KeyPurpose.predictionMAC, .unit].filter { !present.contains($0.rawValue) }
    }

    private static func makeKey(
        _ db: Database, _ purpose: KeyPurpose, number: Int, author: String, at now: Timestamp
    ) throws -> PredictionKey {
        let subject = AuditSubject.KeyCreated(purpose: purpose.rawValue, number: number)
        let audit = try appendAudit(db, .keyCreated, subject, author: author, at: now)
        let bytes = randomBytes(Limits.keyBytes)
        try db.execute(
            sql: "INSERT INTO keys (purpose, number, bytes, created, audit) VALUES (?, ?, ?, ?, ?)",
            arguments: [purpose.rawValue, number, blob(bytes), now.milliseconds, audit])
        return PredictionKey(id: UInt8(truncatingIfNeeded: number), bytes: bytes, created: now)
    }

    private static func predictionKey(_ row: Row) throws -> PredictionKey {
        let number: Int = try row.value("number")
        return try PredictionKey(
            id: UInt8(truncatingIfNeeded: number), bytes: bytes(row.value("bytes")),
            created: Timestamp(milliseconds: row.value("created")))
    }
}
