import Foundation
import Ledgers
import Testing

@testable import weir

@Suite struct FaultCommandTests {
    private func served() throws -> Program {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("champion", 90), NamedWeight("challenger", 10)])
        try weir.enter("books", [NamedWeight("only", 1)])
        return weir
    }

    private func faults(_ weir: Program) throws -> [FaultEntry] { try Ledger(weir.state, now: .now).faults(now: .now) }

    @Test("a fault is begun for a share of the units and a time, and says until when")
    func begin() throws {
        let weir = try served()
        let run = try weir.run("fault", "films", "challenger", "--delay", "30ms", "--share", "2.5", "--for", "90s", "--why", "drill")
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
        let fault = try #require(try faults(weir).first)
        #expect((fault.kind, fault.percent, fault.author, fault.reason) == (.delay(milliseconds: 30), 2.5, "ana", "drill"))
        #expect(fault.ends == fault.created.advanced(bySeconds: 90))
        #expect(run.output == "films: fault 1 on challenger: delay 30 ms for 2.5 % of units until \(fault.ends), by ana: drill\n")
    }

    @Test("without share and time it is all units for ten minutes", arguments: [("--abort", FaultKind.abort), ("--non-finite", .nonFinite)])
    func defaults(flag: String, kind: FaultKind) throws {
        let weir = try served()
        #expect(try weir.run("fault", "films", "champion", flag, "--why", "drill").code == 0)
        let fault = try #require(try faults(weir).first)
        #expect((fault.kind, fault.percent) == (kind, 100))
        #expect(fault.ends == fault.created.advanced(bySeconds: 600))
    }

    @Test("a crash comes with a note that not every server does it")
    func crash() throws {
        let run = try served().run("fault", "films", "champion", "--crash", "--why", "drill")
        #expect(run.code == 0)
        #expect(run.errors == "note: a server that was not started with --allow-crash-faults leaves this fault out\n")
    }

    @Test("a shadow is named like a variant, and every server does its crash")
    func shadow() throws {
        let weir = try served()
        try Ledger(weir.state, now: .now).declareShadows(
            route: "films", [ShadowDeclaration(name: "candidate", sha256: String(repeating: "a", count: 64), percent: 100, limit: 1, tolerance: 0.01)])
        let run = try weir.run("fault", "films", "candidate", "--crash", "--why", "drill")
        #expect(run.code == 0 && run.errors.isEmpty && run.output.hasPrefix("films: fault 1 on candidate: crash for 100 % of units"), "\(run)")
    }

    @Test("those that are going on are listed, of all routes or one, also as JSON")
    func list() throws {
        let weir = try served()
        #expect(try weir.run("fault", "--list") == Program.Run(code: 0, output: "", errors: "no fault is going on\n"))
        #expect(try weir.run("fault", "films", "champion", "--abort", "--share", "50", "--why", "first drill").code == 0)
        #expect(try weir.run("fault", "books", "only", "--delay", "1s", "--why", "second", environment: ["WEIR_FOR": "1h"]).code == 0)
        let words = try weir.run("fault", "--list").output.words
        #expect(words.first == ["id", "route", "variant", "fault", "until", "who", "why"])
        #expect(words.dropFirst().map { $0.prefix(8).joined(separator: " ") } == [
            "1 films champion abort for 50 % of", "2 books only delay 1000 ms for 100",
        ])
        #expect(try weir.run("fault", "books", "--list").output.words.count == 2)
        let json = try weir.run("fault", "--list", environment: ["WEIR_JSON": "1"]).output
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(rows.map { $0["kind"] as? String } == ["abort", "delay"])
        #expect(rows.map { $0["delay_ms"] as? Int } == [nil, 1_000])
        #expect(rows.map { $0["percent"] as? Double } == [50, 100])
    }

    @Test("faults are ended by route or variant")
    func end() throws {
        let weir = try served()
        for variant in ["champion", "challenger"] { #expect(try weir.run("fault", "films", variant, "--abort", "--why", "drill").code == 0) }
        let run = try weir.run("fault", "films", "challenger", "--end")
        #expect(run == Program.Run(code: 0, output: "films: fault 2 on challenger is over: abort for 100 % of units\n", errors: ""))
        #expect(try weir.run("fault", "films", "--end", "--author", "bo").output.words.count == 1)
        #expect(try faults(weir).isEmpty)
        #expect(try weir.run("fault", "films", "--end") == Program.Run(code: 0, output: "", errors: "no fault is going on there\n"))
        #expect(try Ledger(weir.state, now: .now).audit(limit: 1).map(\.author) == ["bo"])
    }

    static let refusals: [(words: [String], code: Int32, reason: String)] = [
        (["films", "champion", "--abort"], 64, "missing --why"),
        (["films", "champion", "--why", "x"], 64, "give one of --abort, --delay, --non-finite, --crash, --list and --end"),
        (["films", "champion", "--abort", "--crash", "--why", "x"], 64, "give one of"),
        (["films", "champion", "--abort", "--end"], 64, "give one of"),
        (["--abort", "--why", "x"], 64, "name the route and the variant"),
        (["--end"], 64, "name the route"),
        (["films", "champion", "--delay", "30", "--why", "x"], 64, "--delay"),
        (["films", "champion", "--delay", "0ms", "--why", "x"], 64, "--delay"),
        (["films", "champion", "--abort", "--for", "1500ms", "--why", "x"], 64, "--for is a whole number of seconds"),
        (["films", "champion", "--abort", "--for", "61m", "--why", "x"], 1, "for: is 3660 s; a fault lasts from 1 s to an hour"),
        (["films", "champion", "--delay", "2m", "--why", "x"], 1, "delay: is 120000 ms; a delay is from 1 ms to 60 s"),
        (["films", "champion", "--abort", "--share", "0", "--why", "x"], 1, "share: is 0.0 %; a share is above 0 and at most 100 %"),
        (["films", "nobody", "--abort", "--why", "x"], 1, "route 'films' has no variant 'nobody'; it has champion, challenger"),
        (["films", "champion", "--abort", "--why", "x", "--author", "file"], 1, "'file' stands for the route file"),
        (["flims", "--list"], 1, "no route 'flims' in this ledger; known routes: books, films"),
        (["flims", "--end"], 1, "no route 'flims' in this ledger"),
    ]

    @Test("what makes no sense is refused with what to do", arguments: refusals.indices)
    func refused(index: Int) throws {
        let (words, code, reason) = Self.refusals[index]
        let weir = try served()
        let run = try weir.run(["fault"] + words)
        #expect(run.code == code && run.output.isEmpty)
        #expect(run.errors.hasPrefix("weir: ") && run.errors.contains(reason), "\(run.errors)")
        #expect(try faults(weir).isEmpty)
    }

    @Test("a length of time is a whole number above 0 with its unit")
    func periods() {
        let right: [(String, Int64)] = [("1ms", 1), ("90s", 90_000), ("10m", 600_000), ("1h", 3_600_000)]
        for (text, milliseconds) in right { #expect(Period(argument: text) == Period(milliseconds: milliseconds)) }
        for text in ["", "1", "ms", "0s", "-1s", "1.5s", "1 s", "1d", "٣s", "9223372036854775807h", "9223372036854775808ms"] {
            #expect(Period(argument: text) == nil, "\(text)")
        }
    }
}
