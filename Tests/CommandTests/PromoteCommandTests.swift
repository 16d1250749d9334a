import Foundation
import Ledgers
import Metrics
import Testing

@testable import Gateway

@Suite struct PromoteCommandTests {
    private static let digest = "0badcafe" + String(repeating: "0", count: 56)

    /// The route films with the shadow `candidate`, which was compared so often and diverged so often.
    private func served(_ compared: Int = 200, diverged: Int = 2) throws -> Program {
        let weir = try Program()
        let ledger = try Ledger(weir.state, now: .now)
        let weights = [NamedWeight("champion", 90), NamedWeight("challenger", 5)]
        _ = try ledger.reconcile(route: "films", fileWeights: weights, shadows: ["candidate"], now: .now)
        try ledger.declareShadows(
            route: "films", [ShadowDeclaration(name: "candidate", sha256: Self.digest, percent: 100, limit: 1, tolerance: 0.01)])
        let registry = CellRegistry(reactors: 1)
        let shape = ShadowShape(shadow: Self.digest, primary: Self.digest, name: "champion", outputs: 1, classes: 0)
        let cells = try #require(registry.shadow(ShadowKey(route: "films", shadow: "candidate", revision: 1, shape: shape)))
        for number in 0..<compared {
            cells.copies(reactor: 0).sampled()
            let pair = AnswerPair(primaryLabel: -1, shadowLabel: -1, primary: [1], shadow: [number < diverged ? 2 : 1])
            _ = cells.pairs.compare(pair, primaryTime: 0, shadowTime: 0, tolerance: 0.01)
        }
        try ledger.foldCells(registry.records().map { CellFold($0, worker: 1) })
        return weir
    }

    private func newest(_ weir: Program) throws -> RevisionEntry { try Ledger(weir.state, now: .now).newestRevision(route: "films") }

    @Test("a promotion prints the revision, every share, and how many were compared and diverged")
    func promotes() throws {
        let weir = try served()
        let run = try weir.run("promote", "films", "candidate", "--weight", "5", "--why", "as good")
        #expect(run.code == 0 && run.errors.isEmpty, "\(run)")
        #expect(run.output.hasPrefix("films: revision 2 by ana, 20"))
        #expect(
            run.output.words.dropFirst() == [
                ["variant", "weight", "share"],
                ["champion", "90", "→", "90", "94.74", "%", "→", "90", "%"],
                ["challenger", "5", "→", "5", "5.26", "%", "→", "5", "%"],
                ["candidate", "5", "5", "%"],
                ["candidate:", "200", "pairs", "compared,", "2", "diverged", "(1", "%;", "limit", "1", "%)"],
            ])
        let entry = try newest(weir)
        #expect(entry.weights == [NamedWeight("champion", 90), NamedWeight("challenger", 5), NamedWeight("candidate", 5)])
        #expect(entry.author == "ana" && entry.reason == "as good")
        // From then on it is a variant like the others.
        #expect(try weir.run("split", "films", "champion=0", "challenger=0", "candidate=1", "--why", "won").code == 0)
    }

    @Test(
        "one that diverged beyond its limit, or was never compared, does not go live, unless anyway",
        arguments: [
            (200, 3, "it diverged in 3 of 200 pairs, 1.5 %, and its limit is 1 %"),
            (0, 0, "its model 0badcafe0000… was never compared, so nobody knows what it answers"),
        ])
    func refused(compared: Int, diverged: Int, reason: String) throws {
        let weir = try served(compared, diverged: diverged)
        let words = ["promote", "films", "candidate", "--weight", "5", "--why", "as good"]
        let run = try weir.run(words)
        let sentence = "weir: shadow 'candidate' of 'films' does not go live: \(reason); --anyway overrules that\n"
        #expect(run == Program.Run(code: 1, output: "", errors: sentence))
        let dry = try weir.run(words + ["--dry-run"])
        #expect(dry.code == 1 && dry.errors == sentence && dry.output.hasPrefix("films: would become revision 2\n"))
        #expect(try newest(weir).number == 1)
        #expect(try weir.run(words, environment: ["WEIR_ANYWAY": "1"]).code == 0)
        #expect(try newest(weir).number == 2)
    }

    @Test("a dry run says what would be, who would move and what was compared, and changes nothing")
    func dryRun() throws {
        let weir = try served()
        let run = try weir.run("promote", "films", "candidate", environment: ["WEIR_WEIGHT": "5", "WEIR_WHY": "try", "WEIR_DRY_RUN": "1"])
        #expect(run.code == 0 && run.output.hasPrefix("films: would become revision 2\n"), "\(run)")
        #expect(run.output.contains("candidate: 200 pairs compared, 2 diverged (1 %; limit 1 %)\n"))
        #expect(run.output.contains("5 % of units move: challenger → candidate 0.26 %, champion → candidate 4.74 %"), "\(run.output)")
        #expect(try newest(weir).number == 1)
    }

    @Test("one that is live already moves by the split")
    func live() throws {
        let weir = try served()
        let words = ["promote", "films", "candidate", "--weight", "5", "--why", "as good"]
        #expect(try weir.run(words).code == 0)
        let again = try weir.run(words)
        #expect(again.code == 1 && again.errors == "weir: candidate: is live already in revision 2; move its weight by weir split\n")
    }

    @Test(
        "what makes no sense is refused with what to do",
        arguments: [
            (["films", "nobody", "--weight", "5", "--why", "x"], 1, "route 'films' has no shadow 'nobody'; it has candidate"),
            (["films", "champion", "--weight", "5", "--why", "x"], 1, "route 'films' has no shadow 'champion'"),
            (["books", "candidate", "--weight", "5", "--why", "x"], 1, "no route 'books' in this ledger; known routes: films"),
            (["films", "candidate", "--why", "x"], 64, "missing --weight (or WEIR_WEIGHT)"),
            (["films", "candidate", "--weight", "5"], 64, "missing --why (or WEIR_WHY)"),
            (["films", "candidate", "--weight=-5", "--why", "x"], 1, "candidate"),
            (["films", "candidate", "--weight", "5", "--why", "x", "--author", "file"], 1, "'file' stands for the route file"),
        ] as [([String], Int32, String)])
    func senseless(words: [String], code: Int32, reason: String) throws {
        let weir = try served()
        let run = try weir.run(["promote"] + words)
        #expect(run.code == code && run.output.isEmpty && run.errors.contains(reason), "\(run)")
        #expect(try newest(weir).number == 1)
    }

    @Test("a shadow has its place among the breakers, and a line of its own while a server runs")
    func breaker() throws {
        let weir = try served()
        #expect(try weir.run("breaker", "films", "candidate").output.words.last == ["candidate", "not", "held"])
        let unknown = try weir.run("breaker", "films", "nobody")
        #expect(unknown.errors == "weir: route 'films' has no variant 'nobody'; it has champion, challenger, candidate\n")
        let breaker = """
            {"variant":"candidate","mode":"enforce","state":"open","since":"2026-01-02T03:04:05Z","share":0,"trips":3,"trips_by_reason":{},"observed_trips":0,
            "calls":{"ok":1},"window":{"calls":0,"rows":0,"failures":0,"slow":0},"transitions":[]}
            """
        try weir.state.write(
            """
            {"process":\(getpid()),"written":\(Timestamp.now.milliseconds),"routes":[{"route":"films","as_of":"2026-01-02T03:04:06Z","variants":[],
            "shadows":[{"name":"candidate","process":"running","pid":4711,"waiting":7,"restarts":1234,"breaker":\(breaker)}]}]}
            """, to: weir.state.servingPath)
        let row: [Substring] = ["candidate", "running", "(pid", "4711)", "open", "7", "1,234"]
        for words in [["breaker", "films"], ["breaker", "films", "candidate"], ["report", "films"]] {
            let lines = try weir.run(words).output.words
            #expect(lines.contains(["shadow", "process", "breaker", "waiting", "restarts"]) && lines.contains(row), "\(words) \(lines)")
        }
        #expect(try !weir.run("breaker", "films", "champion").output.contains("candidate"))
        let json = try weir.run("breaker", "films", "candidate", "--json").output
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect((answer["shadows"] as? [[String: Any]])?.map { $0["waiting"] as? Int } == [7])
        #expect((answer["breakers"] as? [[String: Any]])?.map { $0["state"] as? String } == ["open"])
    }
}
