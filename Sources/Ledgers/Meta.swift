import GRDB

/// Numbers that the ledger keeps about itself. Raw values are the names in the table `meta`.
enum Meta: String {
    /// Number of the last outcome that is in the sums.
    case folded = "outcomes-folded"
    /// Milliseconds since 1970 UTC: all outcomes that had arrived by then are in the sums.
    case asOf = "outcomes-as-of"
    /// Number of the last outcome that was deleted after its time.
    case pruned = "outcomes-pruned"

    /// The number; nil when it was never set.
    func value(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [rawValue])
    }

    /// Sets the number, but never to a lower one.
    func raise(to value: Int64, _ db: Database) throws {
        let sql = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)"
        try db.execute(sql: sql, arguments: [rawValue, value])
    }
}
