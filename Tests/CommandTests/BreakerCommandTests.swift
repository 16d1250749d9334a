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
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(rows.map { $0["sha256"] as? String } == [Self.digest])
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
