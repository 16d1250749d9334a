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
