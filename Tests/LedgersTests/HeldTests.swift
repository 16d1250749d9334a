import Testing

@testable import Ledgers

@Suite struct HeldTests {
    private let digest = String(repeating: "a", count: 64)
    private let other = String(repeating: "b", count: 64)

    private func hold(
        _ ledger: Ledger, _ variant: String = "champion", sha256: String? = nil, verdict: String = "crashed", now: Timestamp = .noon
    ) throws -> HeldVariant {
        try ledger.hold(route: "r", variant: variant, sha256: sha256 ?? digest, signal: 11, verdict: verdict, now: now)
    }

    @Test("a held variant is in every snapshot, also of the next program, until it is released")
    func life() throws {
        let test = try TestFolder()
        let ledger = try test.open()
        let held = try hold(ledger)
        #expect((held.id, held.signal, held.since, held.verdict, held.released) == (1, 11, .noon, "crashed", nil))
        #expect(try test.open().snapshot(now: .noon).held == [held])
        _ = try ledger.snapshot(now: .noon)
        let later = Timestamp.noon.advanced(bySeconds: 5)
        let released = try ledger.release(route: "r", variant: "champion", author: "ana", reason: "repaired", now: later)
        #expect(released.map(\.released) == [later] && released.map(\.releasedBy) == ["ana"])
        #expect(try ledger.hasChanged())
        #expect(try ledger.held().isEmpty)
        #expect(try ledger.audit(limit: 1).first?.subject == #"{"id":1,"reason":"repaired","route":"r","variant":"champion"}"#)
        #expect(try hold(ledger, now: later).id == 2, "it may crash again")
        #expect(try ledger.verifyAudit().entries == 5)
    }

    @Test("held again, it gets the new verdict; the same verdict changes nothing")
    func verdict() throws {
        let ledger = try TestFolder().open()
        _ = try hold(ledger)
        _ = try ledger.snapshot(now: .noon)
        #expect(try hold(ledger).id == 1)
        #expect(try !ledger.hasChanged())
        let judged = try hold(ledger, verdict: "crashes on its sample rows", now: .noon.advanced(bySeconds: 9))
        #expect((judged.id, judged.since, judged.verdict) == (1, .noon, "crashes on its sample rows"))
        #expect(try ledger.hasChanged())
        #expect(try ledger.held() == [judged])
        #expect(try ledger.verifyAudit().entries == 4)
    }

    @Test("two models of one name are held apart, and released together or one by one")
    func models() throws {
        let ledger = try TestFolder().open()
        let first = try hold(ledger)
        let second = try hold(ledger, sha256: other)
        let third = try hold(ledger, "challenger")
        #expect(try ledger.held(route: "r") == [third, first, second])
        #expect(try ledger.held(route: "s").isEmpty)
        #expect(try ledger.release(route: "r", variant: "champion", sha256: other, author: "ana", reason: "x", now: .noon).map(\.id) == [2])
        #expect(try hold(ledger, sha256: other).id == 4)
        #expect(try ledger.release(route: "r", variant: "champion", author: "ana", reason: "x", now: .noon).map(\.id) == [1, 4])
        #expect(try ledger.held() == [third])
    }

    @Test("what is not held cannot be released, and those that are held are named")
    func notHeld() throws {
        let ledger = try TestFolder().open()
        _ = try hold(ledger, "challenger")
        let error = LedgerError.notHeld(route: "r", variant: "champion", held: ["challenger"])
        #expect(throws: error) { try ledger.release(route: "r", variant: "champion", author: "ana", reason: "x", now: .noon) }
        #expect("\(error)" == "variant 'champion' of 'r' is not held; held there: challenger")
        #expect(throws: LedgerError.invalid(key: "why", reason: "must not be empty")) {
            try ledger.release(route: "r", variant: "challenger", author: "ana", reason: "", now: .noon)
        }
        #expect(throws: LedgerError.self) { try hold(ledger, sha256: "ABC") }
        #expect(throws: LedgerError.self) { try hold(ledger, "") }
        #expect(throws: LedgerError.self) { try hold(ledger, verdict: "") }
    }
}
