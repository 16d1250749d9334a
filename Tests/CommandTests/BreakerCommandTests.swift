import Foundation
import Ledgers
import Testing

@Suite struct BreakerCommandTests {
    private static let digest = String(repeating: "ab", count: 32)

    /// The route films, with a challenger that crashed.
    private func served() throws -> Program {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("champion", 90), NamedWeight("challenger", 10)])
        _ = try Ledger(weir.state, now: .now).hold(
            route: "films", variant: "challenger", sha256: Self.digest, signal: 11, verdict: "crashed in a live model", now: .now)
        return weir
    }

    @Test("each variant is listed, and what is known of one that is held")
    func show() throws {
        let weir = try served()
        let lines = try weir.run("breaker", "films").output.words
        #expect(lines.first == ["variant", "state", "model", "signal", "since", "verdict"])
        #expect(lines[1] == ["champion", "not", "held"])
        #expect(lines[2].prefix(4) == ["challenger", "held", "abababababab", "11"])
        #expect(lines[2].suffix(5) == ["crashed", "in", "a", "live", "model"])
        #expect(try weir.run("breaker", "films", "champion").output.words.count == 2)
        let json = try weir.run("breaker", "films", "--json").output
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let rows = try #require(answer["breakers"] as? [[String: Any]])
        #expect(rows.map { ($0["held"] as? [[String: Any]])?.map { $0["sha256"] as? String } } == [[], [Self.digest]])
        #expect(answer["as_of"] == nil && rows.allSatisfy { $0["state"] == nil })
    }

    /// What a server would leave in the state folder.
    private func leave(_ weir: Program, process: Int32 = getpid(), secondsAgo: Int64 = 1) throws {
        let variants = ["champion", "challenger"].map { name in
            """
            {"name":"\(name)","breaker":{"variant":"\(name)","mode":"enforce","state":"\(name == "champion" ? "closed" : "open")","since":"2026-01-02T03:04:05Z",
            \(name == "champion" ? "" : #""next_probe":"2026-01-02T03:04:07Z","last_trip":"in_a_row","#)
            "share":\(name == "champion" ? 1 : 0),"trips":\(name == "champion" ? 0 : 3),"trips_by_reason":{},"observed_trips":0,
            "calls":{"ok":1234,"failed":15},"window":{"calls":0,"rows":0,"failures":0,"slow":0},
            "transitions":[{"number":1,"at":"2026-01-02T03:04:05Z","from":"closed","to":"open","reason":"in_a_row"}]},
            "model":{"runs":"workers","runs_because":"measured","row_us":312.5,"workers":2,"waiting_rows":7,"ended_calls":1}}
            """
        }
        let written = Timestamp.now.advanced(bySeconds: -secondsAgo).milliseconds
        try weir.state.write(
            """
            {"process":\(process),"written":\(written),"routes":[{"route":"films","as_of":"2026-01-02T03:04:06Z",
            "variants":[\(variants.joined(separator: ","))]}]}
            """, to: weir.state.servingPath)
    }

    @Test("while a server runs, it is shown where breakers stand and where models run")
    func serving() throws {
        let weir = try served()
        try leave(weir)
        let run = try weir.run("breaker", "films")
        let lines = run.output.words
        #expect(lines.contains(["champion", "closed", "2026-01-02T03:04:05Z", "100", "%", "1,249", "15", "0"]), "\(run)")
        #expect(lines.contains(["challenger", "open", "2026-01-02T03:04:05Z", "0", "%", "1,249", "15", "3", "in", "a", "row"]), "\(run)")
        #expect(lines.contains(["challenger", "may", "be", "probed", "from", "2026-01-02T03:04:07Z", "on"]))
        #expect(lines.contains(["champion", "workers", "measured", "312.5", "us", "2", "7", "1"]))
        #expect(try weir.run("report", "films").output.contains("Serving as of 2026-01-02T03:04:06Z"))
        let one = try weir.run("breaker", "films", "champion").output
        #expect(one.contains("312.5") && !one.contains("challenger"))
    }

    @Test("what a server left that is gone, or stands still, is not believed", arguments: [(Int32.max, 1), (getpid(), 60)] as [(Int32, Int64)])
    func gone(process: Int32, secondsAgo: Int64) throws {
        let weir = try served()
        try leave(weir, process: process, secondsAgo: secondsAgo)
        #expect(try !weir.run("breaker", "films").output.contains("Serving"))
        #expect(try !weir.run("report", "films").output.contains("Serving"))
    }

    @Test("a held variant is released with a reason, once")
    func release() throws {
        let weir = try served()
        let run = try weir.run("breaker", "films", "challenger", "--release", "--why", "new runtime")
        #expect(run == Program.Run(code: 0, output: "films: challenger (abababababab…) is released; its breaker probes it\n", errors: ""))
        #expect(try Ledger(weir.state, now: .now).held().isEmpty)
        let again = try weir.run("breaker", "films", "challenger", "--release", "--why", "again")
        #expect(again.code == 1 && again.errors == "weir: variant 'challenger' of 'films' is not held; none is held there\n")
    }

    @Test(
        "what makes no sense is refused with what to do",
        arguments: [
            (["films", "--release", "--why", "x"], 64, "name the variant"), (["films", "challenger", "--release"], 64, "missing --why"),
            (["books"], 1, "no route 'books' in this ledger; known routes: films"),
            (["films", "nobody"], 1, "route 'films' has no variant 'nobody'; it has champion, challenger"),
            (["films", "nobody", "--release", "--why", "x"], 1, "route 'films' has no variant 'nobody'"),
            (["films", "champion", "--release", "--why", "x"], 1, "variant 'champion' of 'films' is not held; held there: challenger"),
        ] as [([String], Int32, String)])
    func refused(words: [String], code: Int32, reason: String) throws {
        let weir = try served()
        let run = try weir.run(["breaker"] + words)
        #expect(run.code == code && run.output.isEmpty)
        #expect(run.errors.contains(reason), "\(run.errors)")
        #expect(try Ledger(weir.state, now: .now).held().count == 1)
    }
}
