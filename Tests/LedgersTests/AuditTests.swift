import GRDB
import Testing

@testable import Ledgers

@Suite struct AuditTests {
    /// A ledger with two keys, a token (3), a revision by the file (4), one by a person (5) and a revocation (6).
    private func filled() throws -> TestFolder {
        let test = try TestFolder()
        let ledger = try test.open()
        _ = try ledger.createToken(name: "a", scopes: .predict, route: "r", expires: nil, author: "ana", now: .noon)
        _ = try ledger.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        _ = try ledger.newRevision(route: "r", weights: RevisionTests.half, author: "bo", reason: "even", now: .noon)
        _ = try ledger.revokeToken("a", author: "ana", now: .noon.advanced(bySeconds: 1))
        return test
    }

    /// A ledger with two keys, a revision (3), a token with a rate (4), a fault (5) that was ended (6), and a held variant (7) with another
    /// verdict (8) that was released (9).
    private func protected() throws -> TestFolder {
        let test = try TestFolder()
        let ledger = try test.open()
        let digest = String(repeating: "a", count: 64)
        _ = try ledger.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        _ = try ledger.createToken(
            name: "a", scopes: .predict, route: nil, expires: nil, rate: TokenRate(perSecond: 10), author: "ana", now: .noon)
        _ = try ledger.startFault(
            route: "r", variant: "champion", kind: .delay(milliseconds: 30), percent: 50, seconds: 60, author: "ana", reason: "drill", now: .noon)
        _ = try ledger.endFaults(route: "r", author: "ana", now: .noon.advanced(bySeconds: 1))
        _ = try ledger.hold(route: "r", variant: "champion", sha256: digest, signal: 11, verdict: "crashed", now: .noon)
        _ = try ledger.hold(route: "r", variant: "champion", sha256: digest, signal: 11, verdict: "crashes again", now: .noon)
        _ = try ledger.release(route: "r", variant: "champion", author: "ana", reason: "repaired", now: .noon.advanced(bySeconds: 2))
        return test
    }

    @Test("every change writes one entry, each chained to the one before")
    func chain() throws {
        let ledger = try filled().open()
        let entries = try ledger.audit()
        #expect(entries.map(\.number) == [6, 5, 4, 3, 2, 1])
        #expect(
            entries.map(\.action) == [
                .tokenRevoked, .revisionCreated, .revisionCreated, .tokenCreated, .keyCreated, .keyCreated,
            ])
        #expect(entries.map(\.author) == ["ana", "bo", "file", "ana", "weir", "weir"])
        #expect(entries.last?.previous == [UInt8](repeating: 0, count: 32))
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.previous == $1.hash })
        #expect(try ledger.verifyAudit() == AuditSummary(entries: 6, head: try #require(entries.first).hash))
        #expect(try ledger.audit(limit: 2).map(\.number) == [6, 5])
        #expect(entries[1].subject == #"{"number":2,"reason":"even","route":"r","weights":[["champion",50],["challenger",50]]}"#)
    }

    @Test("an entry's hash is over its documented bytes")
    func hashVector() {
        // Computed with Python: hashlib.sha256(b"weir-audit-1" + struct.pack(">qq", 7, -2) + …).hexdigest()
        let hash = AuditEntry.hash(
            number: 7, at: Timestamp(milliseconds: -2), author: "añ", action: "key.create", subject: "{}",
            previous: [UInt8](repeating: 9, count: 32))
        #expect(hexadecimal(hash) == "c95f4ced342a1a4c8ce668419de05de7ffceb1d69668ceee65a70978bded8601")
    }

    /// What is done behind the ledger's back, and the entry at which it shows.
    static let tamperings: [(sql: String, entry: Int64)] = [
        ("UPDATE audit SET author = 'eve' WHERE number = 5", 5),
        ("UPDATE audit SET at = at + 1 WHERE number = 3", 3),
        ("UPDATE audit SET subject = replace(subject, '50', '51') WHERE number = 5", 5),
        ("UPDATE audit SET action = 'token.create' WHERE number = 6", 6),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 6; UPDATE tokens SET name = name", 3),
        ("DELETE FROM audit WHERE number >= 5", 3),
        ("UPDATE audit SET hash = zeroblob(32) WHERE number = 1", 1),
        ("UPDATE tokens SET scopes = 63", 3),
        ("UPDATE tokens SET route = NULL", 3),
        ("UPDATE tokens SET revoked = NULL", 6),
        ("DELETE FROM tokens", 3),
        ("UPDATE tokens SET hash = randomblob(32)", 3),
        ("UPDATE revisions SET weights = '[[\"champion\",1],[\"challenger\",99]]' WHERE number = 2", 5),
        ("UPDATE revisions SET author = 'eve' WHERE number = 2", 5),
        ("DELETE FROM revisions WHERE number = 2", 5),
        ("INSERT INTO revisions VALUES ('r', 3, '[[\"champion\",1]]', 'eve', 'x', 0, 7)", 7),
        ("DELETE FROM keys WHERE purpose = 'unit'", 2),
    ]

    @Test("a change behind the ledger's back shows at the entry concerned", arguments: tamperings.indices)
    func tampering(index: Int) throws {
        let (sql, expected) = Self.tamperings[index]
        let test = try filled()
        let ledger = try test.open()
        #expect(try ledger.verifyAudit().entries == 6)
        try test.tamper(sql)
        guard case .auditBroken(expected, _) = try ledgerError({ _ = try ledger.verifyAudit() }) else {
            Issue.record("\(sql): \(String(describing: try ledgerError { _ = try ledger.verifyAudit() }))")
            return
        }
    }

    /// The same for what protects.
    static let protectionTamperings: [(sql: String, entry: Int64)] = [
        ("UPDATE tokens SET rate = 1000000", 4),
        ("UPDATE tokens SET burst = 11", 4),
        ("UPDATE tokens SET rate_mode = 'observe'", 4),
        ("UPDATE tokens SET rate = NULL", 4),
        ("UPDATE faults SET variant = 'challenger'", 5),
        ("UPDATE faults SET percent = 51", 5),
        ("UPDATE faults SET ends = ends - 1", 5),
        ("UPDATE faults SET author = 'eve'", 5),
        ("UPDATE faults SET ended = NULL", 6),
        ("DELETE FROM faults", 5),
        ("INSERT INTO faults SELECT 2, route, variant, kind, delay_ms, percent, created, ends, author, reason, NULL, 10 FROM faults", 10),
        ("UPDATE held SET sha256 = replace(sha256, 'a', 'b')", 7),
        ("UPDATE held SET signal = 6", 7),
        ("UPDATE held SET verdict = 'crashed'", 7),
        ("UPDATE held SET released = NULL, released_by = NULL", 9),
        ("UPDATE held SET released_by = 'eve'", 9),
        ("DELETE FROM held", 7),
    ]

    @Test("a change of what protects shows as well", arguments: protectionTamperings.indices)
    func protectionTampering(index: Int) throws {
        let (sql, expected) = Self.protectionTamperings[index]
        let test = try protected()
        let ledger = try test.open()
        #expect(try ledger.verifyAudit().entries == 9)
        try test.tamper(sql)
        guard case .auditBroken(expected, _) = try ledgerError({ _ = try ledger.verifyAudit() }) else {
            Issue.record("\(sql): \(String(describing: try ledgerError { _ = try ledger.verifyAudit() }))")
            return
        }
    }

    @Test("an action of a newer program is named, not taken for damage")
    func unknownAction() throws {
        let test = try filled()
        let ledger = try test.open()
        try test.tamper("UPDATE audit SET action = 'moon.land' WHERE number = 2")
        #expect(throws: LedgerError.auditBroken(entry: 2, reason: "its action 'moon.land' is unknown")) { try ledger.verifyAudit() }
    }

    @Test("the file itself refuses to change or drop an entry or a revision", arguments: ["audit", "revisions"])
    func appendOnly(table: String) throws {
        let test = try filled()
        let queue = try DatabaseQueue(path: test.state.ledgerPath)
        for sql in ["UPDATE \(table) SET author = 'eve'", "DELETE FROM \(table)"] {
            #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: sql) } }
        }
    }

    @Test("a change that fails half way leaves neither row nor entry")
    func atomic() throws {
        let test = try filled()
        let ledger = try test.open()
        try test.tamper("CREATE TRIGGER no BEFORE INSERT ON tokens BEGIN SELECT raise(ABORT, 'no'); END")
        let error = try ledgerError {
            _ = try ledger.createToken(name: "b", scopes: .view, route: nil, expires: nil, author: "ana", now: .noon)
        }
        #expect(error == .failed(path: test.state.ledgerPath, reason: "no"))
        #expect(try ledger.verifyAudit().entries == 6)
    }
}
