import Foundation
import Ledgers
import Testing

@Suite struct SplitCommandTests {
    private func served() throws -> Program {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("champion", 90), NamedWeight("challenger", 10), NamedWeight("candidate", 0)])
        return weir
    }

    @Test("a move prints the revision and every share, old and new; the variant at 0 may be left out")
    func move() throws {
        let weir = try served()
        let run = try weir.run("split", "films", "challenger=20", "champion=80", "--why", "ramp up")
        #expect(run.code == 0)
        #expect(run.output.hasPrefix("films: revision 2 by ana, 20"))
        #expect(
            run.output.words.dropFirst() == [
                ["variant", "weight", "share"],
                ["champion", "90", "→", "80", "90", "%", "→", "80", "%"],
                ["challenger", "10", "→", "20", "10", "%", "→", "20", "%"],
                ["candidate", "0", "→", "0", "0", "%", "→", "0", "%"],
            ])
        let newest = try Ledger(weir.state, now: .now).newestRevision(route: "films")
        #expect(newest.weights == [NamedWeight("champion", 80), NamedWeight("challenger", 20), NamedWeight("candidate", 0)])
        #expect(newest.reason == "ramp up")
    }

    @Test("without weights it shows the split in force")
    func show() throws {
        let run = try served().run("split", "films")
        #expect(run.output.hasPrefix("films: revision 1 by file, 20"))
        #expect(run.output.words.dropFirst(2).first == ["champion", "90", "90", "%"])
    }

    @Test("a dry run says what would be and changes nothing", arguments: [["--dry-run"], []])
    func dryRun(words: [String]) throws {
        let weir = try served()
        let variables = ["WEIR_WHY": "try", "WEIR_DRY_RUN": words.isEmpty ? "1" : ""]
        let run = try weir.run(["split", "films", "champion=1", "challenger=1"] + words, environment: variables)
        #expect(run.output.hasPrefix("films: would become revision 2\n"))
        #expect(run.output.contains("90 % → 50 %"))
        #expect(try Ledger(weir.state, now: .now).newestRevision(route: "films").number == 1)
    }

    @Test("the weights in force make no revision")
    func unchanged() throws {
        let run = try served().run("split", "films", "champion=90", "challenger=10", "--why", "again")
        #expect(run.code == 0)
        #expect(run.output.hasPrefix("films: revision 1 by file has these weights already; nothing to change\n"))
    }

    @Test(
        "what makes no sense is refused with what to do",
        arguments: [
            (["films", "champion=80"], "add challenger=10 to keep it as now"),
            (["films", "champion=80", "challenger=20", "zed=1"], "has no variant 'zed'; its variants: champion, challenger, candidate"),
            (["films", "champion=80", "champion=20"], "variant 'champion' is named twice"),
            (["films", "champion=0", "challenger=0"], "every weight is 0"),
            (["books", "a=1"], "no route 'books' in this ledger; known routes: films"),
            (["films", "champion=80", "challenger=20", "--author", "file"], "'file' stands for the route file"),
        ])
    func refused(words: [String], reason: String) throws {
        let weir = try served()
        let run = try weir.run(["split"] + words + ["--why", "x"])
        #expect(run.code == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("weir: ") && run.errors.contains(reason), "\(run.errors)")
        #expect(try Ledger(weir.state, now: .now).newestRevision(route: "films").number == 1)
    }

    @Test("a running server sees the move at its next look")
    func serverFollows() throws {
        let weir = try served()
        let server = try Ledger(weir.state, now: .now)
        let lock = try StateLock(weir.state)
        _ = try server.snapshot(now: .now)
        #expect(try !server.hasChanged())
        #expect(try weir.run("split", "films", "champion=1", "challenger=1", "--why", "even").code == 0)
        #expect(try server.hasChanged())
        #expect(try server.snapshot(now: .now).revisions.map(\.number) == [2])
        withExtendedLifetime(lock) {}
    }

    @Test("history is newest first, can be limited, and comes as JSON")
    func history() throws {
        let weir = try served()
        #expect(try weir.run("split", "films", "champion=50", "challenger=50", "--why", "half and half", "--author", "bo").code == 0)
        let table = try weir.run("history", "films").output
        #expect(table.words.first == ["revision", "when", "who", "split", "why"])
        #expect(table.words.dropFirst().map { $0[0] } == ["2", "1"])
        #expect(table.contains("champion 50 %, challenger 50 %, candidate 0 %  half and half\n"))
        #expect(try weir.run("history", "films", "--limit", "1").output.words.count == 2)
        let json = try weir.run("history", "films", "--json").output
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(rows.map { $0["author"] as? String } == ["bo", "file"])
        #expect(rows.map { $0["revision"] as? Int } == [2, 1])
        let variants = try #require(rows.last?["variants"] as? [[String: Any]])
        #expect(variants.map { $0["name"] as? String } == ["champion", "challenger", "candidate"])
        #expect(variants.map { $0["share"] as? Double } == [0.9, 0.1, 0])
    }
}
