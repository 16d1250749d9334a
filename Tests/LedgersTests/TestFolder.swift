import Foundation
import GRDB

@testable import Ledgers

/// A state folder of its own under the system's temporary folder; all are removed when the tests end.
///
/// Not with the value: a ledger may be in use after the last mention of the folder that it lies in.
struct TestFolder: Sendable {
    let path: String
    var state: StateFolder { StateFolder(path: path + "/state") }

    init() throws {
        path = Self.root + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: TestFolder.root) }
        return FileManager.default.temporaryDirectory.path + "/weir-ledgers-\(getpid())"
    }()

    /// Opens the ledger as a server or command would.
    func open(now: Timestamp = .noon) throws -> Ledger {
        try Ledger(state, now: now)
    }

    /// Changes the file behind the ledger's back, the triggers out of the way.
    func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: state.ledgerPath)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            for trigger in ["audit_stays", "audit_keeps", "revisions_stay", "revisions_keep"] {
                try db.execute(sql: "DROP TRIGGER IF EXISTS \(trigger)")
            }
            try db.execute(sql: sql)
        }
        try queue.close()
    }

    /// Mode bits of a file in the state folder.
    func mode(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: state.path + name)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }
}

extension Timestamp {
    /// 2026-11-22T12:00:00Z
    static let noon = Timestamp(milliseconds: 1_795_348_800_000)
}

/// The error of type `LedgerError` that `body` throws; nil when it throws none.
func ledgerError(_ body: () throws -> Void) throws -> LedgerError? {
    do {
        try body()
        return nil
    } catch let error as LedgerError {
        return error
    }
}
