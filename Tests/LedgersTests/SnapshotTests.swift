import Testing

@testable import Ledgers

@Suite struct SnapshotTests {
    @Test("a reader sees each commit of another connection once, and none of its own reading")
    func polling() throws {
        let test = try TestFolder()
        let server = try test.open()
        let command = try test.open()
        #expect(try server.hasChanged())
        _ = try server.snapshot(now: .noon)
        #expect(try !server.hasChanged())
        _ = try command.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        #expect(try server.hasChanged())
        #expect(try server.hasChanged())
        #expect(try server.snapshot(now: .noon).revisions.map(\.number) == [1])
        #expect(try !server.hasChanged())
        _ = try command.snapshot(now: .noon)
        _ = try command.tokens()
        #expect(try !server.hasChanged())
    }

    @Test("a change through the same connection is seen as well, a refused one is not")
    func ownChanges() throws {
        let ledger = try TestFolder().open()
        _ = try ledger.snapshot(now: .noon)
        _ = try ledger.rotatePredictionKey(author: "ana", now: .noon)
        #expect(try ledger.hasChanged())
        _ = try ledger.snapshot(now: .noon)
        #expect(throws: LedgerError.self) { try ledger.revokeToken("nobody", author: "ana", now: .noon) }
        #expect(try !ledger.hasChanged())
    }

    @Test("a reader that polls while another connection writes ends with the last of its commits, and every state is whole")
    func concurrent() async throws {
        let test = try TestFolder()
        let server = try test.open()
        let command = try test.open()
        let last: UInt32 = 60
        _ = try command.reconcile(route: "r", fileWeights: RevisionTests.nine, now: .noon)
        async let written: Void = {
            for number in 2...last {
                let weights = [NamedWeight("champion", Double(number)), NamedWeight("challenger", 1)]
                _ = try command.newRevision(route: "r", weights: weights, author: "ana", reason: "step", expecting: number - 1, now: .noon)
            }
        }()
        var seen: [UInt32] = []
        while seen.last != last {
            guard try server.hasChanged() else {
                await Task.yield()
                continue
            }
            let revision = try #require(try server.snapshot(now: .noon).revisions.first)
            #expect(revision.number == 1 || revision.weights.first?.weight == Double(revision.number))
            seen.append(revision.number)
        }
        try await written
        #expect(seen == seen.sorted())
        #expect(try server.verifyAudit().entries == 2 + Int64(last))
    }

    @Test("two writers at once lose nothing: every number is there once and the chain holds")
    func twoWriters() async throws {
        let test = try TestFolder()
        let ledgers = try [test.open(), test.open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (writer, ledger) in ledgers.enumerated() {
                group.addTask {
                    for index in 0..<25 {
                        _ = try ledger.createToken(
                            name: "t\(writer)-\(index)", scopes: .predict, route: nil, expires: nil, author: "ana", now: .noon)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try ledgers[0].tokens().map(\.id) == Array(1...50))
        #expect(try ledgers[1].verifyAudit().entries == 52)
    }
}
