import Testing

@testable import Ledgers

@Suite struct FaultTests {
    private func ledger() throws -> Ledger {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: RevisionTests.three, now: .noon)
        _ = try ledger.reconcile(route: "s", fileWeights: RevisionTests.nine, now: .noon)
        return ledger
    }

    @discardableResult
    private func start(
        _ ledger: Ledger, route: String = "r", _ variant: String = "champion", _ kind: FaultKind = .abort, percent: Double = 50,
        seconds: Int64 = 600, reason: String = "drill", now: Timestamp = .noon
    ) throws -> FaultEntry {
        try ledger.startFault(
            route: route, variant: variant, kind: kind, percent: percent, seconds: seconds, author: "ana", reason: reason, now: now)
    }

    @Test("every kind of fault comes back as it was begun, also for a variant at weight 0")
    func kinds() throws {
        let ledger = try ledger()
        let kinds: [FaultKind] = [.delay(milliseconds: 30), .abort, .nonFinite, .crash]
        let faults = try kinds.enumerated().map { index, kind in try start(ledger, "candidate", kind, percent: Double(index) * 33 + 0.5) }
        #expect(faults.map(\.id) == [1, 2, 3, 4])
        #expect(faults.first?.ends == .noon.advanced(bySeconds: 600))
        #expect(try ledger.snapshot(now: .noon).faults == faults)
        #expect(kinds.map(\.name) == FaultKind.names)
        #expect(kinds.map { FaultKind(name: $0.name, milliseconds: $0.milliseconds) } == kinds)
        #expect(FaultKind(name: "abort", milliseconds: 1) == nil && FaultKind(name: "delay", milliseconds: nil) == nil)
    }

    @Test("a fault is over at its end, and not before")
    func end() throws {
        let ledger = try ledger()
        let fault = try start(ledger, seconds: 10)
        #expect(try ledger.faults(now: Timestamp(milliseconds: fault.ends.milliseconds - 1)) == [fault])
        #expect(try ledger.faults(now: fault.ends).isEmpty)
        #expect(try ledger.snapshot(now: fault.ends).faults.isEmpty)
        #expect(try ledger.endFaults(route: "r", author: "bo", now: fault.ends).isEmpty, "there is nothing left to end")
    }

    @Test("faults are ended by route or by variant, others go on, and a server sees it")
    func ending() throws {
        let ledger = try ledger()
        let first = try start(ledger)
        let second = try start(ledger, "challenger")
        let other = try start(ledger, route: "s")
        _ = try ledger.snapshot(now: .noon)
        let later = Timestamp.noon.advanced(bySeconds: 5)
        #expect(try ledger.endFaults(route: "r", variant: "challenger", author: "bo", now: later).map(\.id) == [second.id])
        #expect(try ledger.hasChanged())
        #expect(try ledger.faults(now: later) == [first, other])
        #expect(try ledger.endFaults(route: "r", author: "bo", now: later).map(\.ended) == [later])
        #expect(try ledger.faults(route: "r", now: later).isEmpty)
        #expect(try ledger.faults(route: "s", now: later) == [other])
        #expect(try ledger.endFaults(route: "r", variant: "nobody", author: "bo", now: later).isEmpty)
        #expect(throws: LedgerError.unknownRoute(route: "x", known: ["r", "s"])) { try ledger.endFaults(route: "x", author: "bo", now: later) }
        #expect(try ledger.audit(limit: 1).first?.subject == #"{"id":1,"route":"r","variant":"champion"}"#)
    }

    @Test("unknown routes and variants are named with those that are known")
    func unknown() throws {
        let ledger = try ledger()
        #expect(throws: LedgerError.unknownRoute(route: "x", known: ["r", "s"])) { try start(ledger, route: "x") }
        let error = LedgerError.unknownVariant(route: "s", variant: "candidate", known: ["champion", "challenger"])
        #expect(throws: error) { try start(ledger, route: "s", "candidate") }
        #expect("\(error)" == "route 's' has no variant 'candidate'; it has champion, challenger")
    }

    @Test("sixteen faults may go on in a route; one that is over makes room")
    func tooMany() throws {
        let ledger = try ledger()
        for _ in 0..<15 { try start(ledger) }
        let short = try start(ledger, seconds: 1)
        #expect(throws: LedgerError.tooManyFaults(route: "r", limit: 16)) { try start(ledger) }
        try start(ledger, route: "s")
        #expect(try start(ledger, now: short.ends).id == 18)
    }

    static let refusals: [(key: String, kind: FaultKind, percent: Double, seconds: Int64, reason: String)] = [
        ("share", .abort, 0, 60, "x"), ("share", .abort, 100.1, 60, "x"), ("share", .abort, .nan, 60, "x"),
        ("for", .abort, 1, 0, "x"), ("for", .abort, 1, 3_601, "x"), ("for", .abort, 1, .max, "x"),
        ("delay", .delay(milliseconds: 0), 1, 60, "x"), ("delay", .delay(milliseconds: 60_001), 1, 60, "x"),
        ("why", .abort, 1, 60, ""), ("why", .abort, 1, 60, "two\nlines"),
    ]

    @Test("what makes no sense is refused by its name", arguments: refusals.indices)
    func refused(index: Int) throws {
        let refusal = Self.refusals[index]
        let ledger = try ledger()
        let error = try ledgerError {
            try start(ledger, refusal.kind, percent: refusal.percent, seconds: refusal.seconds, reason: refusal.reason)
        }
        guard case .invalid(refusal.key, _) = error else {
            Issue.record("\(refusal): \(String(describing: error))")
            return
        }
        #expect(try ledger.faults(now: .noon).isEmpty)
    }

    private func start(_ ledger: Ledger, _ kind: FaultKind, percent: Double, seconds: Int64, reason: String) throws {
        try start(ledger, route: "r", "champion", kind, percent: percent, seconds: seconds, reason: reason)
    }
}
