import GRDB
import Testing

@testable import Ledgers

@Suite struct ShadowTests {
    /// A shadow like those of route files.
    static func shadow(
        _ name: String = "candidate", digest: Character = "a", percent: Double = 100, follow: [String] = [], limit: Double = 10,
        tolerance: Double = 0.1
    ) -> ShadowDeclaration {
        ShadowDeclaration(
            name: name, sha256: String(repeating: digest, count: 64), percent: percent, follow: follow, limit: limit, tolerance: tolerance)
    }

    @Test("what the file lists comes back as it is, in its order; what it lists no more is forgotten")
    func declares() throws {
        let ledger = try TestFolder().open()
        let two = [
            Self.shadow("z", percent: 12.5, follow: ["champion", "a"], limit: 0, tolerance: 0.001),
            Self.shadow("a", digest: "b", percent: 0),
        ]
        try ledger.declareShadows(route: "r", two)
        try ledger.declareShadows(route: "s", [Self.shadow()])
        #expect(try ledger.shadows(route: "r") == two)
        try ledger.declareShadows(route: "r", two.reversed())
        #expect(try ledger.shadows(route: "r") == two.reversed())
        try ledger.declareShadows(route: "r", [Self.shadow("a", digest: "c")])
        #expect(try ledger.shadows(route: "r") == [Self.shadow("a", digest: "c")])
        try ledger.declareShadows(route: "r", [])
        #expect(try ledger.shadows(route: "r").isEmpty)
        #expect(try ledger.shadows(route: "s") == [Self.shadow()])
    }

    @Test("the same again writes nothing, and a server sees no change in any case")
    func quiet() throws {
        let test = try TestFolder()
        let ledger = try test.open()
        _ = try ledger.snapshot(now: .noon)
        try ledger.declareShadows(route: "r", [Self.shadow(), Self.shadow("other")])
        #expect(try !ledger.hasChanged())
        #expect(try ledger.verifyAudit().entries == 2)
        // Whoever wrote now would be refused.
        try test.tamper("CREATE TRIGGER no BEFORE DELETE ON shadows BEGIN SELECT raise(ABORT, 'no'); END")
        try ledger.declareShadows(route: "r", [Self.shadow(), Self.shadow("other")])
        #expect(throws: LedgerError.self) { try ledger.declareShadows(route: "r", [Self.shadow()]) }
        #expect(try ledger.shadows(route: "r").map(\.name) == ["candidate", "other"])
    }

    static let refusals: [(key: String, shadows: [ShadowDeclaration])] = [
        ("shadow", [shadow("")]), ("shadow", [shadow("two\nlines")]), ("shadows", [shadow(), shadow()]),
        ("shadows", (0..<9).map { shadow("s\($0)") }), ("sha256", [shadow(digest: "g")]), ("percent", [shadow(percent: -1)]),
        ("percent", [shadow(percent: 100.1)]), ("percent", [shadow(percent: .nan)]), ("limit", [shadow(limit: -0.1)]),
        ("limit", [shadow(limit: 101)]), ("tolerance", [shadow(tolerance: 0)]), ("tolerance", [shadow(tolerance: .infinity)]),
        ("tolerance", [shadow(tolerance: .nan)]), ("follow", [shadow(follow: ["a", "a"])]), ("follow", [shadow(follow: [""])]),
        ("follow", [shadow(follow: (0..<41).map { "v\($0)" })]),
    ]

    @Test("what makes no sense is refused by its name, and what was listed stays", arguments: refusals.indices)
    func refused(index: Int) throws {
        let refusal = Self.refusals[index]
        let ledger = try TestFolder().open()
        try ledger.declareShadows(route: "r", [Self.shadow("before")])
        let error = try ledgerError { try ledger.declareShadows(route: "r", refusal.shadows) }
        guard case .invalid(refusal.key, _) = error else {
            Issue.record("\(refusal): \(String(describing: error))")
            return
        }
        #expect(try ledger.shadows(route: "r").map(\.name) == ["before"])
    }

    @Test("a fault may be for a shadow; for another name variants are listed, then shadows, each once")
    func faults() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        func start(_ variant: String) throws -> FaultEntry {
            try ledger.startFault(
                route: "r", variant: variant, kind: .abort, percent: 50, seconds: 60, author: "ana", reason: "drill", now: .noon)
        }
        try ledger.declareShadows(route: "s", [Self.shadow()])
        #expect(throws: LedgerError.unknownVariant(route: "r", variant: "candidate", known: ["champion", "challenger"])) {
            try start("candidate")
        }
        try ledger.declareShadows(route: "r", [Self.shadow(), Self.shadow("other")])
        let fault = try start("candidate")
        #expect(try ledger.faults(route: "r", now: .noon) == [fault])
        _ = try ledger.promote(route: "r", shadow: "other", weight: 5, author: "ana", reason: "better", now: .noon)
        let known = ["champion", "challenger", "other", "candidate"]
        #expect(throws: LedgerError.unknownVariant(route: "r", variant: "nobody", known: known)) { try start("nobody") }
        #expect(try ledger.endFaults(route: "r", variant: "candidate", author: "bo", now: .noon).map(\.id) == [fault.id])
        _ = try ledger.verifyAudit()
    }

    @Test("a ledger of the fourth schema gets the tables of shadows and keeps its revisions")
    func fourthSchema() throws {
        let test = try TestFolder()
        _ = try test.open().reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        // What the fifth schema adds is taken away again.
        try test.tamper("DROP TABLE shadows; DROP TABLE shadow_examples; PRAGMA user_version = 4")
        let ledger = try test.open()
        #expect(try ledger.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 5)
        #expect(try ledger.newestRevision(route: "r").weights == RevisionTests.nine)
        try ledger.declareShadows(route: "r", [Self.shadow()])
        #expect(try ledger.shadows(route: "r") == [Self.shadow()])
    }
}
