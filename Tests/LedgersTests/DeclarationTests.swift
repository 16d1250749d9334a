import Testing

@testable import Ledgers

@Suite struct DeclarationTests {
    @Test("a declaration that says the same keeps its number; every other one makes the next")
    func numbers() throws {
        let ledger = try TestFolder().open()
        var rules = OutcomeRig.rules
        #expect(try ledger.declare(route: "r", outcomes: rules, sliceMilliseconds: 1_000, now: .noon) == 1)
        #expect(try ledger.declare(route: "r", outcomes: rules, sliceMilliseconds: 1_000, now: .noon.advanced(bySeconds: 9)) == 1)
        rules[0].windowMilliseconds = 31_000
        #expect(try ledger.declare(route: "r", outcomes: rules, sliceMilliseconds: 1_000, now: .noon) == 2)
        #expect(try ledger.declare(route: "r", outcomes: rules, sliceMilliseconds: 2_000, now: .noon) == 3)
        #expect(try ledger.declare(route: "r", outcomes: OutcomeRig.rules, sliceMilliseconds: 1_000, now: .noon) == 4)
        #expect(try ledger.declare(route: "s", outcomes: [], sliceMilliseconds: 1_000, now: .noon) == 1)
        let declarations = try ledger.declarations(route: "r")
        #expect(declarations.map(\.number) == [1, 2, 3, 4])
        #expect(declarations[1].outcomes == rules)
        #expect(declarations[0].at == .noon)
    }

    @Test("the classes of a label outcome are declared too: in another order they are another declaration")
    func classes() throws {
        let ledger = try TestFolder().open()
        func declare(_ classes: [String: [String]]) throws -> UInt32 {
            let rule = OutcomeRule(name: "category", kind: .label, windowMilliseconds: 1_000, classes: classes)
            return try ledger.declare(route: "r", outcomes: [rule], sliceMilliseconds: 1_000, now: .noon)
        }
        #expect(try declare(["": ["low", "high"]]) == 1)
        #expect(try declare(["": ["low", "high"]]) == 1)
        #expect(try declare(["": ["high", "low"]]) == 2)
        #expect(try declare(["": ["high", "low"], "new": ["low", "high"]]) == 3)
        let rules = try ledger.declarations(route: "r").compactMap(\.outcomes.first)
        #expect(rules.map { $0.classes(of: "old") } == [["low", "high"], ["high", "low"], ["high", "low"]])
        #expect(rules.map { $0.classes(of: "new") } == [["low", "high"], ["high", "low"], ["low", "high"]])
    }

    @Test(
        "declarations that cannot be are refused",
        arguments: [
            [OutcomeRule(name: "a", kind: .rate, windowMilliseconds: 0)],
            [OutcomeRule(name: "a", kind: .rate, windowMilliseconds: 34_560_000_001)],
            [OutcomeRule(name: "a.b", kind: .rate, windowMilliseconds: 1)], [OutcomeRule(name: "", kind: .rate, windowMilliseconds: 1)],
            [OutcomeRule(name: "a", kind: .rate, windowMilliseconds: 1, cap: 1)],
            [OutcomeRule(name: "a", kind: .mean, windowMilliseconds: 1)],
            [OutcomeRule(name: "a", kind: .mean, windowMilliseconds: 1, cap: 0)],
            [OutcomeRule(name: "a", kind: .mean, windowMilliseconds: 1, cap: 9_000_000_000_001)],
            [OutcomeRule](repeating: OutcomeRule(name: "a", kind: .rate, windowMilliseconds: 1), count: 2),
            (0...16).map { OutcomeRule(name: "a\($0)", kind: .rate, windowMilliseconds: 1) },
        ])
    func refused(rules: [OutcomeRule]) throws {
        let ledger = try TestFolder().open()
        guard case .invalid = try ledgerError({ _ = try ledger.declare(route: "r", outcomes: rules, sliceMilliseconds: 1, now: .noon) })
        else {
            Issue.record("taken")
            return
        }
        #expect(try ledger.declarations(route: "r").isEmpty)
    }

    @Test(
        "a slice is a 64th of the longest window, a second at least",
        arguments: [
            ([], 1_000), ([30_000], 1_000), ([64_000], 1_000), ([64_001], 1_001), ([1, 86_400_000], 1_350_000),
        ] as [([Int64], Int64)])
    func slices(windows: [Int64], length: Int64) {
        let rules = windows.map { OutcomeRule(name: "a", kind: .rate, windowMilliseconds: $0) }
        #expect(OutcomeDeclaration.sliceMilliseconds(for: rules) == length)
    }

    @Test("a slice is matured when its end, the window and two seconds have passed")
    func maturity() {
        let declaration = OutcomeDeclaration(
            route: "r", number: 1, at: .noon, sliceMilliseconds: 1_500, outcomes: OutcomeRig.rules, mergedBefore: 0)
        // Slice 10 ends at 16 500; with 30 s and 2 s that is 48 500.
        for (asOf, first) in [(48_499, 10), (48_500, 11), (32_000, 0), (0, 0), (Int64.min, 0)] as [(Int64, Int64)] {
            let moment = Timestamp(milliseconds: asOf)
            #expect(declaration.firstMaturing(windowMilliseconds: 30_000, asOf: moment) == first)
            #expect(declaration.isMatured(slice: 10, windowMilliseconds: 30_000, asOf: moment) == (first > 10))
        }
    }
}
