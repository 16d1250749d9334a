import Foundation
import GRDB
import Glibc
import Synchronization

/// What happened and what is in force, durably: tokens, keys, revisions and their audit, outcomes and their sums, in `<state>/ledger.sqlite`.
///
/// SQLite in WAL mode with `synchronous=FULL`: a call that changes something returns after its commit is on disk. Every change writes its
/// audit entry in the same `BEGIN IMMEDIATE`. Several processes may have the ledger open: a server and commands beside it.
///
/// One connection, calls from any thread take turns; each blocks its thread for the duration of its I/O, so none belongs on a reactor.
package final class Ledger: Sendable {
    /// The folder that the ledger lies in.
    package let folder: StateFolder

    /// Seconds that a connection waits for another writer's transaction, unless its maker says otherwise.
    package static let busyTimeout = Limits.busyTimeoutSeconds

    private let queue: DatabaseQueue
    private let turn: WriterTurn
    /// The file that was opened.
    private let opened: FileIdentity

    /// Number of the last audit entry that the last snapshot saw; nil before the first.
    private let seen = Mutex<Int64?>(nil)

    /// What to do when the folder has no ledger yet.
    package enum Absence: Sendable {
        /// Make folder, file, schema and keys.
        case create
        /// Throw `LedgerError.missing`: for commands that only look.
        case refuse
    }

    /// Opens the ledger of a state folder; brings its schema up to date and makes the keys on first opening.
    ///
    /// - Parameters:
    ///   - busyTimeout: seconds to wait for another process's transaction.
    ///   - turn: shared by the connections of one process, so that its writers wait for each other in order.
    ///   - now: time of the keys, when they are made.
    /// - Throws: `missing`, `unsafeFolder`, `foreign`, `newerSchema`, `corrupt`, `locked`, `readOnly`, `diskFull` or `failed`.
    package init(
        _ folder: StateFolder, ifAbsent absence: Absence = .create, busyTimeout: Double = Ledger.busyTimeout,
        turn: WriterTurn = WriterTurn(), now: Timestamp
    ) throws(LedgerError) {
        if absence == .refuse, !folder.hasLedger { throw .missing(folder: folder.path) }
        try folder.prepare()
        self.folder = folder
        self.turn = turn
        (queue, opened) = try folder.whileAlone { () throws(LedgerError) in
            try folder.prepareLedgerFile()
            return (try Self.openDatabase(folder.ledgerPath, busyTimeout: busyTimeout), try FileIdentity(folder.ledgerPath))
        }
        // Another process may come between: the keys are made in one transaction that looks first.
        try makeMissingKeys(at: now)
    }

    private static func openDatabase(_ path: String, busyTimeout: Double) throws(LedgerError) -> DatabaseQueue {
        do {
            var configuration = Configuration()
            configuration.label = "ledger"
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(busyTimeout)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { try makeDurable($0, path: path) }
            try Schema.migrate(queue, path: path)
            return queue
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Sets `synchronous=FULL` (GRDB leaves NORMAL, under which a power cut may undo the last commits) and reads both settings back.
    private static func makeDurable(_ db: Database, path: String) throws {
        try db.execute(sql: "PRAGMA synchronous = FULL")
        // What is deleted is overwritten with zeros, so that erasure (`forget`) leaves nothing of a unit in free pages, also of rows that
        // retention removed before.
        try db.execute(sql: "PRAGMA secure_delete = ON")
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        guard synchronous == 2, journal == "wal" else {
            let found = "synchronous \(synchronous ?? -1), journal \(journal ?? "none")"
            throw LedgerError.failed(path: path, reason: "its file system does not keep commits safe (\(found))")
        }
    }
}

/// Lets the connections of one process write one after the other.
///
/// SQLite's own way of waiting is to sleep and try again, longer each time: who has waited longest comes last, and of five busy connections one may
/// be refused as if another program held the ledger.
package final class WriterTurn: Sendable {
    // The lock protects nothing but the order; held for one transaction. No transaction begins another.
    fileprivate let lock = NSLock()

    package init() {}
}

extension Ledger {
    /// Reads in one transaction: all statements see the same state.
    func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw LedgerError(error, path: folder.ledgerPath)
        }
    }

    /// Changes in one `BEGIN IMMEDIATE` (GRDB's kind for writes): all or nothing, and on disk when it returns.
    ///
    /// Refuses when the file was removed or replaced since it was opened: SQLite would go on writing to the old one, which nobody ever
    /// reads again.
    func change<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        guard (try? FileIdentity(folder.ledgerPath)) == opened else {
            throw .failed(path: folder.ledgerPath, reason: "the file was removed or replaced while it was in use; start this program again")
        }
        turn.lock.lock()
        defer { turn.lock.unlock() }
        do {
            return try queue.write(body)
        } catch {
            throw LedgerError(error, path: folder.ledgerPath)
        }
    }

    /// Runs statements that SQLite takes outside of transactions only, such as checkpoints and some settings.
    func outsideTransaction<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw LedgerError(error, path: folder.ledgerPath)
        }
    }

    /// Whether anybody, this process or another, has changed what is in force since the last `snapshot`; true before the first.
    ///
    /// Whatever does so writes an audit entry, so the entries after the last one seen tell it. Outcomes, their sums and exposures do not
    /// count, or a server that stores some would take every commit of its own for a change of its plan. Two look-ups in the audit's
    /// index (67 us on a busy machine): a server may ask several times a second.
    package func hasChanged() throws(LedgerError) -> Bool {
        guard let last = seen.withLock(\.self) else { return true }
        let (newest, isChange) = try read { db in
            let sql = "SELECT EXISTS (SELECT 1 FROM audit WHERE number > ? AND action <> ?)"
            let arguments: StatementArguments = [last, AuditAction.outcomesReplaced.rawValue]
            return (try Self.newestEntry(db), try Bool.fetchOne(db, sql: sql, arguments: arguments) ?? false)
        }
        if !isChange { seen.withLock { $0 = max($0 ?? 0, newest) } }
        return isChange
    }

    /// Reads with `body`, and remembers the state it saw for `hasChanged`.
    func readAndRemember<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        let (value, newest) = try read { db in (try body(db), try Self.newestEntry(db)) }
        seen.withLock { $0 = newest }
        return value
    }

    private static func newestEntry(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(number) FROM audit") ?? 0
    }
}

/// Which file a path leads to, whatever its name.
private struct FileIdentity: Equatable {
    let device: UInt
    let number: UInt

    /// - Throws: the system's answer when there is none.
    init(_ path: String) throws(LedgerError) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw LedgerError(errno: errno, path: path) }
        (device, number) = (UInt(facts.st_dev), UInt(facts.st_ino))
    }
}
