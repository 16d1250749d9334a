import Testing

@testable import Ledgers

@Suite struct PromotionTests {
    static let nine = RevisionTests.nine
    static let promoted = nine + [NamedWeight("candidate", 5)]

    /// A ledger with revision 1, by the file, and the shadow `candidate`.
    private func ledger(_ shadows: [String] = ["candidate"]) throws -> Ledger {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: Self.nine, shadows: shadows, now: .noon)
        try ledger.declareShadows(route: "r", shadows.map { ShadowTests.shadow($0) })
        return ledger
    }

    @discardableResult
    private func promote(
        _ ledger: Ledger, _ shadow: String = "candidate", weight: Double = 5, author: String = "ana", reason: String = "as good",
        expecting: UInt32? = nil
    ) throws -> RevisionEntry {
        try ledger.promote(
            route: "r", shadow: shadow, weight: weight, author: author, reason: reason, expecting: expecting,
            now: .noon.advanced(bySeconds: 1))
    }

    @Test("a promotion is a revision with the newest weights and the shadow's; a server sees it, and the audit agrees")
    func promotes() throws {
        let ledger = try ledger()
        _ = try ledger.snapshot(now: .noon)
        let entry = try promote(ledger, expecting: 1)
        #expect(
            entry
                == RevisionEntry(
                    route: "r", number: 2, weights: Self.promoted, author: "ana", reason: "as good", at: .noon.advanced(bySeconds: 1)))
        #expect(try ledger.hasChanged())
        #expect(try ledger.newestRevision(route: "r") == entry)
        #expect(try ledger.history(route: "r").map(\.number) == [2, 1])
        let audit = try #require(try ledger.audit(limit: 1).first)
        #expect(audit.action == .revisionCreated && audit.author == "ana")
        #expect(
            audit.subject == #"{"number":2,"reason":"as good","route":"r","weights":[["champion",90],["challenger",10],["candidate",5]]}"#)
        _ = try ledger.verifyAudit()
        // From then on it is a variant like the others.
        let split = [NamedWeight("candidate", 50), NamedWeight("champion", 50), NamedWeight("challenger", 0)]
        #expect(try ledger.newRevision(route: "r", weights: split, author: "bo", reason: "more", now: .noon).number == 3)
        #expect(try ledger.shadows(route: "r").map(\.name) == ["candidate"], "what the file lists stays")
    }

    @Test("a proposal says what a promotion would make, and writes nothing")
    func proposes() throws {
        let ledger = try ledger()
        let moment = Timestamp.noon.advanced(bySeconds: 1)
        func propose(_ shadow: String = "candidate", expecting: UInt32? = nil) throws -> RevisionEntry {
            try ledger.proposedPromotion(
                route: "r", shadow: shadow, weight: 5, author: "ana", reason: "as good", expecting: expecting, now: moment)
        }
        let proposed = try propose(expecting: 1)
        #expect(try ledger.history(route: "r").map(\.number) == [1])
        #expect(throws: LedgerError.conflict(route: "r", expected: 2, found: 1)) { try propose(expecting: 2) }
        #expect(throws: LedgerError.unknownShadow(route: "r", shadow: "x", known: ["candidate"])) { try propose("x") }
        #expect(try promote(ledger) == proposed)
    }

    @Test("only a shadow of the route that is not live can be promoted, by whoever saw the newest revision")
    func refusals() throws {
        let ledger = try ledger(["candidate", "other"])
        try promote(ledger, "other")
        let unknown = LedgerError.unknownShadow(route: "r", shadow: "champion", known: ["candidate", "other"])
        #expect(throws: unknown) { try promote(ledger, "champion") }
        #expect("\(unknown)" == "route 'r' has no shadow 'champion'; it has candidate, other")
        #expect("\(LedgerError.unknownShadow(route: "r", shadow: "x", known: []))" == "route 'r' has no shadow 'x'; it has none")
        #expect(throws: LedgerError.invalid(key: "other", reason: "is live already in revision 2; move its weight by weir split")) {
            try promote(ledger, "other", weight: 50)
        }
        #expect(throws: LedgerError.conflict(route: "r", expected: 1, found: 2)) { try promote(ledger, expecting: 1) }
        #expect(throws: LedgerError.unknownRoute(route: "x", known: ["r"])) {
            try ledger.promote(route: "x", shadow: "candidate", weight: 5, author: "ana", reason: "why", now: .noon)
        }
        for (weight, author, reason, key) in [
            (-1, "ana", "why", "weights"), (.nan, "ana", "why", "weights"), (5, "file", "why", "author"), (5, "ana", "", "why"),
        ] as [(Double, String, String, String)] {
            guard case .invalid(key, _) = try ledgerError({ try promote(ledger, weight: weight, author: author, reason: reason) }) else {
                Issue.record("\(weight) \(author) \(reason)")
                return
            }
        }
        #expect(try ledger.newestRevision(route: "r").number == 2)
    }

    @Test("a route of 32 variants takes no other")
    func full() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: (0..<32).map { NamedWeight("v\($0)", 1) }, shadows: ["candidate"], now: .noon)
        try ledger.declareShadows(route: "r", [ShadowTests.shadow()])
        #expect(throws: LedgerError.invalid(key: "weights", reason: "33 variants; at most 32")) { try promote(ledger) }
    }

    /// What the file gives after a promotion, and what is then in force.
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var weights: [NamedWeight]
        var shadows: [String]
        /// Nil where the promotion stays in force; otherwise what the file's revision says.
        var reason: String?
    }

    static let changes = [
        Change(testDescription: "an unchanged file leaves a promoted shadow live", weights: nine, shadows: ["candidate"]),
        Change(testDescription: "also in another order, and with other shadows", weights: nine.reversed(), shadows: ["x", "candidate"]),
        Change(
            testDescription: "a file that drops the shadow takes it out of traffic", weights: nine, shadows: [],
            reason: "the route file drops candidate; replaces revision 2 by ana"),
        Change(
            testDescription: "so does one that lists another in its place", weights: nine, shadows: ["x"],
            reason: "the route file drops candidate; replaces revision 2 by ana"),
        Change(
            testDescription: "a file that lists the shadow as a variant differs from what it gave last", weights: RevisionTests.three,
            shadows: [], reason: "the route file changed; replaces revision 2 by ana"),
        Change(
            testDescription: "as a variant it may have the very weight of the promotion", weights: promoted, shadows: [],
            reason: "the route file changed; replaces revision 2 by ana"),
        Change(
            testDescription: "a file with other weights replaces the promotion: its shadow is one again", weights: RevisionTests.eight,
            shadows: ["candidate"], reason: "the route file changed; candidate is a shadow; replaces revision 2 by ana"),
    ]

    @Test("a promotion stays in force as long as the file lists what it names", arguments: changes)
    func reconcile(change: Change) throws {
        let ledger = try ledger()
        let promotion = try promote(ledger)
        // Twice: the second reading finds what the first has made.
        for _ in 0..<2 {
            let inForce = try ledger.reconcile(route: "r", fileWeights: change.weights, shadows: change.shadows, now: .noon)
            #expect(try ledger.newestRevision(route: "r") == inForce)
            guard let reason = change.reason else {
                #expect(inForce == promotion)
                continue
            }
            #expect(inForce.number == 3)
            #expect(inForce.author == "file")
            #expect(inForce.weights == change.weights)
            #expect(inForce.reason == reason)
        }
        _ = try ledger.verifyAudit()
    }

    @Test("a variant that the file makes a shadow is named as one, not as dropped")
    func demotion() throws {
        let ledger = try ledger([])
        let only = [NamedWeight("champion", 1)]
        let entry = try ledger.reconcile(route: "r", fileWeights: only, shadows: ["challenger"], now: .noon)
        #expect(entry.weights == only)
        #expect(entry.reason == "the route file changed; challenger is a shadow")
    }
}
