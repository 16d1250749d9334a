import GRDB

/// The tables of the ledger, as numbered migrations. `PRAGMA user_version` holds the number of the last one applied.
///
/// Append only: a migration that has been released is never edited; a change is a new one at the end. Each runs in the transaction that
/// also raises the number, so a ledger is never between two schemas.
///
/// Conventions: times are milliseconds since 1970 UTC; `route` NULL means every route; `audit` is the number of the entry that was
/// written in the same transaction as the row. `STRICT` makes SQLite refuse values of another type than the column's.
enum Schema {
    /// "weir" in ASCII, in SQLite's header: tells a ledger from another program's database.
    static let applicationID = 0x7765_6972

    /// The migrations in order; the first has number 1.
    static let migrations: [String] = [tokensKeysRevisionsAudit, outcomesAndSums, predictions, protection, shadows]

    /// The number of the newest schema this program knows.
    static var newest: Int { migrations.count }

    // audit      What was done, by whom; a chain of hashes. Entries are numbered from 1 without gaps and never change.
    // tokens     Bearer tokens. The secret itself is nowhere: `hash` is SHA-256 over its text. `scopes` is a bit mask (Scopes.swift).
    //            Rows stay after revocation, so that an id in a log keeps its meaning.
    // keys       Secrets of 16 bytes. `prediction-mac` rotates: the highest `number` signs, older ones verify, and `number` modulo 256
    //            is the key id inside prediction ids. `unit` has one row for ever: it hashes units alike in all times.
    // revisions  The splits of every route. `weights` is JSON: [["champion",80],["challenger",20]]. The highest number is in force. For
    //            author `file` the weights are those read from the route's file, and the newest such row is what the file said last.
    private static let tokensKeysRevisionsAudit = """
        CREATE TABLE audit (
            number   INTEGER PRIMARY KEY,
            at       INTEGER NOT NULL,
            author   TEXT NOT NULL,
            action   TEXT NOT NULL,
            subject  TEXT NOT NULL,
            previous BLOB NOT NULL CHECK (length(previous) = 32),
            hash     BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
        ) STRICT;
        CREATE TABLE tokens (
            id      INTEGER PRIMARY KEY,
            name    TEXT NOT NULL,
            hash    BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            scopes  INTEGER NOT NULL CHECK (scopes BETWEEN 1 AND 63),
            route   TEXT,
            created INTEGER NOT NULL,
            expires INTEGER,
            revoked INTEGER,
            audit   INTEGER NOT NULL UNIQUE REFERENCES audit (number)
        ) STRICT;
        CREATE INDEX tokens_by_name ON tokens (name);
        CREATE TABLE keys (
            purpose TEXT NOT NULL CHECK (purpose IN ('prediction-mac', 'unit')),
            number  INTEGER NOT NULL CHECK (number >= 0),
            bytes   BLOB NOT NULL CHECK (length(bytes) = 16),
            created INTEGER NOT NULL,
            audit   INTEGER NOT NULL UNIQUE REFERENCES audit (number),
            PRIMARY KEY (purpose, number),
            CHECK (purpose <> 'unit' OR number = 0)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE revisions (
            route   TEXT NOT NULL,
            number  INTEGER NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
            weights TEXT NOT NULL,
            author  TEXT NOT NULL,
            reason  TEXT NOT NULL,
            at      INTEGER NOT NULL,
            audit   INTEGER NOT NULL UNIQUE REFERENCES audit (number),
            PRIMARY KEY (route, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit entries never change'); END;
        CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit entries are never deleted'); END;
        CREATE TRIGGER revisions_stay BEFORE UPDATE ON revisions BEGIN SELECT raise(ABORT, 'revisions never change'); END;
        CREATE TRIGGER revisions_keep BEFORE DELETE ON revisions BEGIN SELECT raise(ABORT, 'revisions are never deleted'); END;
        """
}

extension Schema {
    /// Brings the database to the newest schema, one transaction a migration; does nothing when it is there already.
    ///
    /// - Throws: `LedgerError.newerSchema` or `.foreign` before anything is written; errors of SQLite.
    static func migrate(_ queue: DatabaseQueue, path: String) throws {
        while try queue.read({ try check($0, path: path) }) < newest {
            try queue.write { db in
                let applied = try check(db, path: path)
                guard applied < newest else { return }
                try db.execute(sql: migrations[applied])
                try db.execute(sql: "PRAGMA user_version = \(applied + 1); PRAGMA application_id = \(applicationID)")
            }
        }
    }

    /// The number of the schema that the database has; 0 for an empty one.
    private static func check(_ db: Database, path: String) throws -> Int {
        let applied = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard owner == applicationID || (owner == 0 && tables == 0) else { throw LedgerError.foreign(path: path) }
        guard applied <= newest else { throw LedgerError.newerSchema(path: path, found: applied, known: newest) }
        guard applied >= 0, (applied == 0) == (tables == 0) else {
            throw LedgerError.corrupt(path: path, reason: "schema number \(applied) with \(tables) tables and indexes")
        }
        return applied
    }
}
