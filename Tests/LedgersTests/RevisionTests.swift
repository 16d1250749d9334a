import Testing

@testable import Ledgers

@Suite struct RevisionTests {
    static let nine = [NamedWeight("champion", 90), NamedWeight("challenger", 10)]
    static let half = [NamedWeight("champion", 50), NamedWeight("challenger", 50)]
    static let eight = [NamedWeight("champion", 80), NamedWeight("challenger", 20)]
    static let three = nine + [NamedWeight("candidate", 0)]

    /// A step of a story: what the file gives or a person sets, and what is in force after it.
    struct Step: Sendable {
        var person: String?
        var weights: [NamedWeight]
        var number: UInt32
        var inForce: [NamedWeight]
        var author: String
    }

    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: [Step]
    }

    private static func file(_ weights: [NamedWeight], _ number: UInt32, _ inForce: [NamedWeight], by author: String = "file") -> Step {
        Step(person: nil, weights: weights, number: number, inForce: inForce, author: author)
    }

    private static func ana(_ weights: [NamedWeight], _ number: UInt32) -> Step {
        Step(person: "ana", weights: weights, number: number, inForce: weights, author: "ana")
    }

    static let stories = [
        Story(testDescription: "the first read makes revision 1, the second none", steps: [file(nine, 1, nine), file(nine, 1, nine)]),
        Story(
            testDescription: "an unchanged file leaves a person's split in force",
            steps: [file(nine, 1, nine), ana(half, 2), file(nine, 2, half, by: "ana")]),
        Story(
            testDescription: "a changed file replaces a person's split",
            steps: [file(nine, 1, nine), ana(half, 2), file(eight, 3, eight), file(eight, 3, eight)]),
        Story(
            testDescription: "a file that comes to agree with a person's split is still a change of the file",
            steps: [file(nine, 1, nine), ana(half, 2), file(half, 3, half)]),
        Story(
            testDescription: "a file set back to its first weights is a change, though revision 1 had them",
            steps: [file(nine, 1, nine), file(eight, 2, eight), file(nine, 3, nine)]),
        Story(
            testDescription: "a variant more replaces a person's split as a whole",
            steps: [file(nine, 1, nine), ana(half, 2), file(three, 3, three)]),
        Story(
            testDescription: "a variant less as well", steps: [file(three, 1, three), file(nine, 2, nine), ana(half, 3)]),
        Story(
            testDescription: "another order is no change",
            steps: [file(nine, 1, nine), file(nine.reversed(), 1, nine)]),
    ]

    @Test("file and people take turns", arguments: stories)
    func reconcile(story: Story) throws {
        let ledger = try TestFolder().open()
        for step in story.steps {
            let made =
                if let person = step.person {
                    try ledger.newRevision(route: "r", weights: step.weights, author: person, reason: "why", now: .noon)
                } else {
                    try ledger.reconcile(route: "r", fileWeights: step.weights, now: .noon)
                }
            #expect(made.number == step.number)
            #expect(made.weights == step.inForce)
            #expect(made.author == step.author)
            #expect(try ledger.newestRevision(route: "r") == made)
        }
        #expect(try ledger.verifyAudit().entries == 2 + Int64(try ledger.history(route: "r").count))
    }

    @Test("the file's revisions say what the file changed and whose split they replace")
    func fileReasons() throws {
        let ledger = try TestFolder().open()
        #expect(try ledger.reconcile(route: "r", fileWeights: Self.nine, now: .noon).reason == "first read of the route file")
        _ = try ledger.newRevision(route: "r", weights: Self.half, author: "ana", reason: "even", now: .noon)
        let added = try ledger.reconcile(route: "r", fileWeights: Self.three, now: .noon)
        #expect(added.reason == "the route file adds candidate; replaces revision 2 by ana")
        #expect(try ledger.reconcile(route: "r", fileWeights: Self.eight, now: .noon).reason == "the route file drops candidate")
        #expect(try ledger.reconcile(route: "r", fileWeights: Self.nine, now: .noon).reason == "the route file changed")
    }

    @Test("routes have their own numbers, and the snapshot carries the newest of each")
    func routes() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "b", fileWeights: Self.nine, now: .noon)
        _ = try ledger.reconcile(route: "a", fileWeights: Self.eight, now: .noon)
        let newest = try ledger.newRevision(route: "b", weights: Self.half, author: "ana", reason: "even", now: .noon)
        #expect(try ledger.routes() == ["a", "b"])
        #expect(try ledger.snapshot(now: .noon).revisions.map { "\($0.route) \($0.number)" } == ["a 1", "b 2"])
        #expect(try ledger.history(route: "b").map(\.number) == [2, 1])
        #expect(try ledger.history(route: "b", limit: 1) == [newest])
        #expect(throws: LedgerError.unknownRoute(route: "c", known: ["a", "b"])) { try ledger.history(route: "c") }
        #expect(throws: LedgerError.unknownRoute(route: "c", known: ["a", "b"])) { try ledger.newestRevision(route: "c") }
    }

    @Test("the same weights again make no revision")
    func unchanged() throws {
        let ledger = try TestFolder().open()
        let first = try ledger.reconcile(route: "r", fileWeights: Self.nine, now: .noon)
        let again = try ledger.newRevision(route: "r", weights: Self.nine.reversed(), author: "ana", reason: "again", now: .noon)
        #expect(again == first)
    }

    @Test("whoever expects an older revision is told of the newer one")
    func conflict() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: Self.nine, now: .noon)
        _ = try ledger.newRevision(route: "r", weights: Self.half, author: "ana", reason: "even", expecting: 1, now: .noon)
        #expect(throws: LedgerError.conflict(route: "r", expected: 1, found: 2)) {
            try ledger.newRevision(route: "r", weights: Self.eight, author: "bo", reason: "more", expecting: 1, now: .noon)
        }
        #expect(try ledger.newestRevision(route: "r").weights == Self.half)
    }

    @Test("a person must name the variants of the route, all and no others")
    func names() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: Self.nine, now: .noon)
        #expect(throws: LedgerError.variantsDiffer(route: "r", unknown: ["z"], missing: ["challenger"])) {
            try ledger.newRevision(
                route: "r", weights: [NamedWeight("champion", 1), NamedWeight("z", 1)], author: "bo", reason: "x", now: .noon)
        }
    }

    @Test(
        "weights that make no split are refused",
        arguments: [
            [], [NamedWeight("a", 0), NamedWeight("b", 0)], [NamedWeight("a", -1), NamedWeight("b", 2)], [NamedWeight("a", .nan)],
            [NamedWeight("a", .infinity)], [NamedWeight("a", 1), NamedWeight("a", 2)], (0..<33).map { NamedWeight("v\($0)", 1) },
        ])
    func badWeights(weights: [NamedWeight]) throws {
        let ledger = try TestFolder().open()
        guard case .invalid("weights", _) = try ledgerError({ _ = try ledger.reconcile(route: "r", fileWeights: weights, now: .noon) })
        else {
            Issue.record("\(weights)")
            return
        }
        #expect(try ledger.routes().isEmpty)
    }

    @Test("nobody may sign as the file, or without a reason")
    func badSignature() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.reconcile(route: "r", fileWeights: Self.nine, now: .noon)
        for (author, reason, key) in [("file", "x", "author"), ("", "x", "author"), ("ana", "", "why"), ("ana", "a\nb", "why")] {
            let error = try ledgerError {
                _ = try ledger.newRevision(route: "r", weights: Self.half, author: author, reason: reason, now: .noon)
            }
            guard case .invalid(key, _) = error else {
                Issue.record("\(author) \(reason): \(String(describing: error))")
                return
            }
        }
    }
}
