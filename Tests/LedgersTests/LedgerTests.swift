import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Ledgers

@Suite struct LedgerTests {
    @Test("the folder has mode 0700 and every file in it 0600")
    func modes() throws {
        let test = try TestFolder()
        let ledger = try test.open()
        #expect(try test.mode(of: "") == 0o700)
        for name in ["/ledger.sqlite", "/ledger.sqlite-wal", "/ledger.sqlite-shm"] {
            #expect(try test.mode(of: name) == 0o600, "\(name)")
        }
        #expect(ledger.folder == test.state)
    }

    @Test("a ledger that somebody made readable is closed to others on opening")
    func modeIsRepaired() throws {
        let test = try TestFolder()
        _ = try test.open()
        #expect(chmod(test.state.ledgerPath, 0o644) == 0)
        _ = try test.open()
        #expect(try test.mode(of: "/ledger.sqlite") == 0o600)
    }

    @Test("a state folder that others may write is refused")
    func sharedFolder() throws {
        let test = try TestFolder()
        #expect(mkdir(test.state.path, 0o700) == 0)
        #expect(chmod(test.state.path, 0o770) == 0)
        #expect(throws: LedgerError.unsafeFolder(path: test.state.path, mode: 0o770)) { try test.open() }
    }

    @Test("folders above the state folder are made, whether the path is absolute or ends in a slash")
    func nestedFolders() throws {
        let test = try TestFolder()
        let folder = StateFolder(path: test.path + "/a/b/state/")
        _ = try Ledger(folder, now: .noon)
        #expect(folder.hasLedger)
        #expect(folder.ledgerPath == test.path + "/a/b/state/ledger.sqlite")
    }

    @Test("a command that only looks makes no ledger")
    func absent() throws {
        let test = try TestFolder()
        #expect(throws: LedgerError.missing(folder: test.state.path)) { try Ledger(test.state, ifAbsent: .refuse, now: .noon) }
        #expect(!FileManager.default.fileExists(atPath: test.state.path))
    }

    @Test("commits are durable: WAL and synchronous=FULL on the connection that writes")
    func durability() throws {
        let test = try TestFolder()
        let ledger = try test.open()
        #expect(try ledger.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try ledger.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test("all that was written is there after reopening")
    func reopening() throws {
        let test = try TestFolder()
        let first = try test.open()
        let token = try first.createToken(name: "ci", scopes: .predict, route: nil, expires: nil, author: "ana", now: .noon).token
        let revision = try first.reconcile(route: "r", fileWeights: [NamedWeight("a", 1)], now: .noon)
        let before = try first.snapshot(now: .noon)
        let after = try test.open(now: .noon.advanced(bySeconds: 60)).snapshot(now: .noon)
        #expect(after.tokens == [token])
        #expect(after.revisions == [revision])
        #expect(after.predictionKeys == before.predictionKeys)
        #expect(after.unitKey == before.unitKey)
    }

    @Test("a file that is no database is called damaged, and is left as it was")
    func garbage() throws {
        let test = try TestFolder()
        try test.state.prepare()
        let bytes = Data(repeating: 0x5a, count: 8_192)
        #expect(FileManager.default.createFile(atPath: test.state.ledgerPath, contents: bytes))
        let error = try ledgerError { _ = try test.open() }
        guard case .corrupt(test.state.ledgerPath, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(FileManager.default.contents(atPath: test.state.ledgerPath) == bytes)
    }

    @Test("a ledger with overwritten pages is called damaged when they are read")
    func damagedPages() throws {
        let test = try TestFolder()
        try { _ = try test.open().reconcile(route: "r", fileWeights: [NamedWeight("a", 1)], now: .noon) }()
        let file = try #require(FileHandle(forUpdatingAtPath: test.state.ledgerPath))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(repeating: 0xff, count: Int(size) - 4_096))
        try file.close()
        let error = try ledgerError { _ = try test.open().snapshot(now: .noon) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a ledger of a newer program is refused and not changed")
    func newerSchema() throws {
        let test = try TestFolder()
        _ = try test.open()
        try test.tamper("PRAGMA user_version = 99")
        let expected = LedgerError.newerSchema(path: test.state.ledgerPath, found: 99, known: Schema.newest)
        #expect(throws: expected) { try test.open() }
        #expect("\(expected)".contains("made by a newer weir"))
    }

    @Test("a ledger of the first schema is brought up to date and keeps what it holds")
    func olderSchema() throws {
        let test = try TestFolder()
        try test.state.prepare()
        let queue = try DatabaseQueue(path: test.state.ledgerPath)
        try queue.write { db in
            try db.execute(sql: Schema.migrations[0])
            try db.execute(sql: "PRAGMA user_version = 1; PRAGMA application_id = \(Schema.applicationID)")
        }
        try queue.close()
        let ledger = try test.open()
        #expect(try ledger.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Schema.newest)
        #expect(try ledger.declare(route: "r", outcomes: [], sliceMilliseconds: 1_000, now: .noon) == 1)
        #expect(try ledger.verifyAudit().entries == 2)
    }

    @Test("a ledger of the third schema keeps its tokens, without a rate, and its audit agrees")
    func thirdSchema() throws {
        let test = try TestFolder()
        try test.state.prepare()
        let queue = try DatabaseQueue(path: test.state.ledgerPath)
        try queue.write { db in
            for migration in Schema.migrations.prefix(3) { try db.execute(sql: migration) }
            // The entry and row of a token as the third schema's program wrote them.
            let subject = #"{"hash":"\#(String(repeating: "07", count: 32))","id":1,"name":"ci","scopes":1}"#
            let previous = AuditEntry.firstPrevious
            let hash = AuditEntry.hash(
                number: 1, at: .noon, author: "ana", action: "token.create", subject: subject, previous: previous)
            try db.execute(
                sql: "INSERT INTO audit VALUES (1, ?, 'ana', 'token.create', ?, ?, ?)",
                arguments: [Timestamp.noon.milliseconds, subject, blob(previous), blob(hash)])
            try db.execute(
                sql: "INSERT INTO tokens VALUES (1, 'ci', ?, 1, NULL, ?, NULL, NULL, 1)",
                arguments: [blob([UInt8](repeating: 7, count: 32)), Timestamp.noon.milliseconds])
            try db.execute(sql: "PRAGMA user_version = 3; PRAGMA application_id = \(Schema.applicationID)")
        }
        try queue.close()
        let ledger = try test.open()
        #expect(try ledger.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 5)
        let token = try #require(try ledger.tokens().first)
        #expect((token.name, token.rate) == ("ci", nil))
        #expect(try ledger.verifyAudit().entries == 3)
        #expect(try ledger.snapshot(now: .noon).faults.isEmpty && ledger.held().isEmpty)
    }

    @Test("another program's database is refused")
    func foreign() throws {
        let test = try TestFolder()
        try test.state.prepare()
        try test.tamper("CREATE TABLE tokens (id INTEGER)")
        #expect(throws: LedgerError.foreign(path: test.state.ledgerPath)) { try test.open() }
    }

    @Test("many open the same new folder at once: nobody is turned away, one schema, one set of keys")
    func simultaneousOpening() throws {
        for _ in 0..<20 {
            let test = try TestFolder()
            let faults = Mutex<[String]>([])
            let keys = Mutex<Set<[UInt8]>>([])
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                do {
                    let key = try test.open().snapshot(now: .noon).unitKey
                    keys.withLock { _ = $0.insert(key) }
                } catch {
                    faults.withLock { $0.append("\(error)") }
                }
            }
            #expect(faults.withLock(\.self).isEmpty)
            #expect(keys.withLock(\.count) == 1)
            #expect(try test.open().verifyAudit().entries == 2)
        }
    }

    @Test("the steps of a first opening are one at a time")
    func alone() throws {
        let test = try TestFolder()
        try test.state.prepare()
        let crowd = Mutex((inside: 0, most: 0))
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<50 {
                try? test.state.whileAlone {
                    crowd.withLock { $0 = ($0.inside + 1, max($0.most, $0.inside + 1)) }
                    for _ in 0..<20 { sched_yield() }
                    crowd.withLock { $0.inside -= 1 }
                }
            }
        }
        #expect(crowd.withLock(\.most) == 1)
    }

    @Test("a folder without the right to write says so", .enabled(if: geteuid() != 0))
    func readOnlyFolder() throws {
        let test = try TestFolder()
        #expect(mkdir(test.state.path, 0o500) == 0)
        let error = try ledgerError { _ = try test.open() }
        guard case .readOnly = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

@Suite struct LedgerErrorTests {
    static let codes: [(ResultCode, LedgerError)] = [
        (.SQLITE_BUSY, .locked(path: "p")),
        (.SQLITE_LOCKED, .locked(path: "p")),
        (.SQLITE_CORRUPT, .corrupt(path: "p", reason: "why")),
        (.SQLITE_NOTADB, .corrupt(path: "p", reason: "why")),
        (.SQLITE_READONLY, .readOnly(path: "p", reason: "why")),
        (.SQLITE_CANTOPEN, .readOnly(path: "p", reason: "why")),
        (.SQLITE_FULL, .diskFull(path: "p")),
        (.SQLITE_IOERR, .failed(path: "p", reason: "why")),
    ]

    @Test("each of SQLite's answers becomes a word of the ledger", arguments: codes.indices)
    func translation(index: Int) {
        let (code, expected) = Self.codes[index]
        #expect(LedgerError(DatabaseError(resultCode: code, message: "why"), path: "p") == expected)
    }

    @Test("a write that waits longer than the busy timeout reads as locked")
    func locked() throws {
        let test = try TestFolder()
        _ = try test.open()
        let holder = try DatabaseQueue(path: test.state.ledgerPath)
        let error = try holder.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            defer { try? db.execute(sql: "ROLLBACK") }
            var impatient = Configuration()
            impatient.busyMode = .immediateError
            let other = try DatabaseQueue(path: test.state.ledgerPath, configuration: impatient)
            do {
                try other.write { try $0.execute(sql: "DELETE FROM keys") }
                return LedgerError?.none
            } catch {
                return LedgerError(error, path: "p")
            }
        }
        #expect(error == .locked(path: "p"))
    }

    @Test(
        "a write on a ledger that is read-only, or full, says so and changes nothing",
        arguments: [
            ("PRAGMA query_only = 1", LedgerError.readOnly(path: "", reason: "attempt to write a readonly database")),
            ("PRAGMA max_page_count = 1", LedgerError.diskFull(path: "")),
        ])
    func hindered(pragma: String, expected: LedgerError) throws {
        let test = try TestFolder()
        let ledger = try test.open()
        let error = try ledgerError {
            try ledger.change { db in
                try db.execute(sql: pragma)
                try db.execute(sql: "CREATE TABLE large (bytes BLOB); INSERT INTO large VALUES (zeroblob(100000))")
            }
        }
        switch (error, expected) {
        case (.readOnly(test.state.ledgerPath, let reason), .readOnly(_, let words)): #expect(reason == words)
        case (.diskFull(test.state.ledgerPath), .diskFull): break
        default: Issue.record("\(String(describing: error))")
        }
        #expect(try test.open().verifyAudit().entries == 2)
    }

    @Test("a stored value that does not fit its column's type reads as damage, it does not end the process")
    func misfit() throws {
        let test = try TestFolder()
        let ledger = try test.open()
        _ = try ledger.reconcile(route: "r", fileWeights: [NamedWeight("a", 1)], now: .noon)
        for sql in ["weights = '[1'", "number = 4294967296"] {
            try test.tamper("PRAGMA ignore_check_constraints = ON; UPDATE revisions SET " + sql)
            guard case .corrupt = try ledgerError({ _ = try ledger.snapshot(now: .noon) }) else {
                Issue.record("\(sql)")
                return
            }
        }
    }

    @Test("descriptions say what to do")
    func descriptions() {
        #expect("\(LedgerError.served(folder: "s", pid: 7))".hasPrefix("another weir (pid 7) serves from this state folder"))
        #expect("\(LedgerError.unknownRoute(route: "x", known: ["a", "b"]))" == "no route 'x' in this ledger; known routes: a, b")
        #expect("\(LedgerError.unknownToken(reference: "x", live: []))" == "no token in force is called 'x'; there is none")
        let many = LedgerError.unknownRoute(route: "x", known: (1...12).map { "r\($0)" })
        #expect("\(many)".hasSuffix("r9, r10 and 2 more"))
        let differ = LedgerError.variantsDiffer(route: "r", unknown: ["z"], missing: ["a", "b"])
        #expect("\(differ)" == "route 'r' has no variant z; the split of 'r' lacks a weight for a, b")
        #expect("\(LedgerError.conflict(route: "r", expected: 3, found: 4))".contains("revision 4 is in force, not 3"))
    }

    @Test("connections that share a turn wait for each other, however impatient they are")
    func turn() throws {
        let folder = try TestFolder()
        let turn = WriterTurn()
        let ledgers = try (0..<4).map { _ in try Ledger(folder.state, busyTimeout: 0, turn: turn, now: .noon) }
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 4) { writer in
            for _ in 0..<25 {
                do {
                    _ = try ledgers[writer].rotatePredictionKey(author: "ana", now: .noon)
                } catch {
                    failures.withLock { $0 += 1 }
                }
            }
        }
        #expect(failures.withLock(\.self) == 0)
        #expect(try ledgers[0].snapshot(now: .noon).predictionKeys.count == 1 + 4 * 25)
    }
}
