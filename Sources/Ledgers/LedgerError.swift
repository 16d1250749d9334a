import GRDB
import Glibc

/// Why the ledger or the state folder could not do what was asked. Every description tells a person what to do about it.
package enum LedgerError: Error, Equatable, Sendable {
    /// Another connection held the write lock for longer than the busy timeout.
    case locked(path: String)
    /// The file is damaged, or not what its schema promises.
    case corrupt(path: String, reason: String)
    /// The file or folder cannot be written (rights, or a read-only file system).
    case readOnly(path: String, reason: String)
    /// No room is left on the file system or in the quota.
    case diskFull(path: String)
    /// The file's schema has a higher number than this program knows.
    case newerSchema(path: String, found: Int, known: Int)
    /// The file is an SQLite database of another program.
    case foreign(path: String)
    /// There is no ledger, and the caller did not ask to make one.
    case missing(folder: String)
    /// Others may write the state folder, so they could put a ledger of their own in it.
    case unsafeFolder(path: String, mode: UInt32)
    /// Another server holds the lock on the state folder; nil when it left no process id.
    case served(folder: String, pid: Int32?)
    /// A value breaks a rule: its name, and the rule with the value.
    case invalid(key: String, reason: String)
    /// A live token has that name already.
    case nameTaken(name: String, id: Int64)
    /// The bound on live tokens is reached.
    case tooManyTokens(limit: Int)
    /// No live token has that name or id; the names of those that exist.
    case unknownToken(reference: String, live: [String])
    /// No revision exists for that route; the routes that have one.
    case unknownRoute(route: String, known: [String])
    /// The weights name other variants than the route has.
    case variantsDiffer(route: String, unknown: [String], missing: [String])
    /// The route has no such variant; those it has.
    case unknownVariant(route: String, variant: String, known: [String])
    /// The route's file lists no such shadow; those it lists.
    case unknownShadow(route: String, shadow: String, known: [String])
    /// As many faults for practice are going on in the route as may be.
    case tooManyFaults(route: String, limit: Int)
    /// The variant is not kept out of traffic; those of the route that are.
    case notHeld(route: String, variant: String, held: [String])
    /// Somebody else made a revision since the caller looked.
    case conflict(route: String, expected: UInt32, found: UInt32)
    /// The audit does not agree with itself or with the rows; the first entry that does not.
    case auditBroken(entry: Int64, reason: String)
    /// Whatever else SQLite or the system answered.
    case failed(path: String, reason: String)
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .locked(let path):
            "\(path) is locked: another program is writing it; try again"
        case .corrupt(let path, let reason):
            "\(path) is damaged (\(reason)); put a backup in its place, or move it away to begin anew"
        case .readOnly(let path, let reason):
            "\(path) cannot be written (\(reason)); check its owner and mode, and that its file system is writable"
        case .diskFull(let path):
            "no room left to write \(path); free some space and try again"
        case .newerSchema(let path, let found, let known):
            "\(path) was made by a newer weir (schema \(found); this program knows up to \(known)); use that one"
        case .foreign(let path):
            "\(path) is a database of another program; give another state folder"
        case .missing(let folder):
            "no ledger in \(folder); `weir serve` and `weir token create` make one, --state names another folder"
        case .unsafeFolder(let path, let mode):
            "others may write the state folder \(path) (mode 0\(String(mode, radix: 8))); `chmod 700` it"
        case .served(let folder, let pid):
            "another weir\(pid.map { " (pid \($0))" } ?? "") serves from this state folder (\(folder)); stop it or give another --state"
        case .auditBroken(let entry, let reason):
            "the audit is broken at entry \(entry): \(reason)"
        case .failed(let path, let reason):
            "\(path): \(reason)"
        case .invalid(let key, let reason):
            "\(key): \(reason)"
        case .nameTaken(let name, let id):
            "token \(id) is called '\(name)' and is in force; revoke it first or choose another name"
        case .tooManyTokens(let limit):
            "there are \(limit) tokens in force, as many as may be; revoke some"
        case .unknownToken(let reference, let live):
            "no token in force is called '\(reference)'; \(Self.listing(live, "tokens in force:") ?? "there is none")"
        case .unknownRoute(let route, let known):
            "no route '\(route)' in this ledger; \(Self.listing(known, "known routes:") ?? "`weir serve` enters those that it reads")"
        case .variantsDiffer(let route, let unknown, let missing):
            [Self.listing(unknown, "route '\(route)' has no variant"), Self.listing(missing, "the split of '\(route)' lacks a weight for")]
                .compactMap(\.self).joined(separator: "; ")
        case .unknownVariant(let route, let variant, let known):
            "route '\(route)' has no variant '\(variant)'; \(Self.listing(known, "it has") ?? "it has none")"
        case .unknownShadow(let route, let shadow, let known):
            "route '\(route)' has no shadow '\(shadow)'; \(Self.listing(known, "it has") ?? "it has none")"
        case .tooManyFaults(let route, let limit):
            "there are \(limit) faults going on in '\(route)', as many as may be; end some"
        case .notHeld(let route, let variant, let held):
            "variant '\(variant)' of '\(route)' is not held; \(Self.listing(held, "held there:") ?? "none is held there")"
        case .conflict(let route, let expected, let found):
            "someone else changed the split of '\(route)': revision \(found) is in force, not \(expected); look at it and try again"
        }
    }

    /// The names after `what`, the first ten of them; nil when there are none.
    private static func listing(_ names: [String], _ what: String) -> String? {
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(10).joined(separator: ", ")
        return "\(what) \(shown)" + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}

extension LedgerError {
    /// The ledger's word for what GRDB, SQLite or a decoder threw while working on the file at `path`.
    init(_ error: any Error, path: String) {
        if let own = error as? LedgerError {
            self = own
            return
        }
        guard let fault = error as? DatabaseError else {
            // Not SQLite's: a stored value that does not decode.
            self = .corrupt(path: path, reason: "\(error)")
            return
        }
        let reason = fault.message ?? fault.resultCode.description
        switch fault.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_SCHEMA, .SQLITE_MISMATCH:
            self = .corrupt(path: path, reason: reason)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH: self = .readOnly(path: path, reason: reason)
        case .SQLITE_FULL: self = .diskFull(path: path)
        default: self = .failed(path: path, reason: reason)
        }
    }

    /// The ledger's word for a failed system call on `path`.
    init(errno code: Int32, path: String) {
        let reason = String(cString: strerror(code))
        switch code {
        case EACCES, EPERM, EROFS: self = .readOnly(path: path, reason: reason)
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        default: self = .failed(path: path, reason: reason)
        }
    }
}
