import Foundation
import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway
@testable import weir

@Suite struct ReportCommandTests {
    /// A state folder with the route `films` and counters that the ledger has folded.
    private func counted(variants: [String] = ["champion", "challenger"], requests: Int = 1_234) throws -> Program {
        let weir = try Program()
        try weir.enter("films", variants.map { NamedWeight($0, 1) })
        let cells = CellRegistry(reactors: 1)
        for (index, name) in variants.enumerated() {
            let meter = cells.variant(route: "films", variant: name, revision: 1).meter(reactor: 0)
            for _ in 0..<(requests + index) {
                meter.exposed(status: .s200, rows: 1)
                meter.answered(status: .s200, reason: .assigned, rows: 1, latency: 2_000_000, queue: 1_000, model: 40_000)
            }
        }
        try Ledger(weir.state, now: .now).foldCells(cells.records().map { CellFold($0, worker: 1) })
        return weir
    }

    @Test("a table has a column for each variant, and thousands apart")
    func table() throws {
        let run = try counted().run("report", "films")
        #expect(run.code == 0 && run.errors.isEmpty)
        let lines = run.output.words
        #expect(lines.first?.prefix(5) == ["films:", "revision", "1", "by", "file,"])
        #expect(lines.contains(["champion", "challenger"]))
        #expect(lines.contains(["exposures", "1,234", "1,235"]) && lines.contains(["expected", "1,234.5", "1,234.5"]))
        #expect(lines.contains(["mean", "2.000", "2.000"]) && lines.contains(["assigned", "1,234", "1,235"]))
        let text = run.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(text.allSatisfy { $0.last != " " && $0.count <= 120 })
    }

    @Test("a fault that is going on and a held variant stand at the top")
    func protection() throws {
        let weir = try counted()
        #expect(try weir.run("fault", "films", "champion", "--delay", "30ms", "--share", "50", "--why", "drill").code == 0)
        let digest = String(repeating: "a", count: 64)
        _ = try Ledger(weir.state, now: .now).hold(
            route: "films", variant: "challenger", sha256: digest, signal: 11, verdict: "crashed in a live model", now: .now)
        let top = try weir.run("report", "films").output.split(separator: "\n").prefix(4)
        #expect(top.contains { $0.hasPrefix("Fault on champion until 20") && $0.hasSuffix(", by ana: delay 30 ms for 50 % of units: drill") })
        #expect(top.contains { $0.hasPrefix("Held since 20") && $0.hasSuffix(": challenger, signal 11: crashed in a live model") })
    }

    @Test("many variants stand below each other in lines that fit")
    func wide() throws {
        let names = (1...9).map { "variant-number-\($0)" }
        let run = try counted(variants: names, requests: 1).run("report", "films")
        let lines = run.output.split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("exposures  ") }.count == 3)
        #expect(lines.allSatisfy { $0.count <= ReportText.lineWidth || $0.hasPrefix("- ") })
        for name in names { #expect(lines.count { $0.split(separator: " ").contains(name[...]) } == 1) }
    }

    @Test("--json and WEIR_JSON print the same facts for programs")
    func json() throws {
        let weir = try counted()
        let run = try weir.run("report", "films", "--json")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(report["exposures"] as? Int == 2_469 && report["route"] as? String == "films")
        let variants = try #require(report["variants"] as? [[String: Any]])
        #expect(variants.map { $0["expected_exposures"] as? Double } == [1_234.5, 1_234.5])
        #expect(try weir.run("report", "films", environment: ["WEIR_JSON": "1"]).output.hasPrefix("{\n"))
    }

    @Test("a route that nobody knows is refused with those that are known, a folder without a ledger with what is missing")
    func refusals() throws {
        let run = try counted(requests: 1).run("report", "flims")
        #expect(run == Program.Run(code: 1, output: "", errors: "weir: no route 'flims' in this ledger; known routes: films\n"))
        let empty = try Program().run("report", "films")
        #expect(empty.code == 1 && empty.output.isEmpty && empty.errors.hasPrefix("weir: "))
        #expect(try !FileManager.default.fileExists(atPath: Program().state.path))
        #expect(try Program().run("report").code == 64)
    }

    @Test(
        "numbers read well",
        arguments: [
            (Figure.count(0), "0"), (Figure.count(999), "999"), (Figure.count(1_000), "1,000"), (Figure.count(.max), "18,446,744,073,709,551,615"),
            (Figure.decimal(-1_234.56, places: 1), "-1,234.6"), (Figure.significant(0.123_456), "0.1235"), (Figure.significant(12_345.6), "12,346"),
            (Figure.milliseconds(0.042), "0.042"), (Figure.milliseconds(12.34), "12.3"), (Figure.duration(seconds: 604_800), "7 d"),
            (Figure.duration(seconds: 90), "90 s"), (Figure.duration(seconds: 120), "2 min"), (Figure.duration(seconds: 5_400), "90 min"),
        ])
    func figures(text: String, wanted: String) {
        #expect(text == wanted)
    }
}
