import Foundation
import Ledgers
import Primitives
import Testing

@Suite struct ForgetCommandTests {
    /// A state folder with the route `films` and `count` predictions of the unit `u-1234567`.
    private func logged(_ count: Int) throws -> Program {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("champion", 1)])
        try append(count, weir)
        return weir
    }

    private func append(_ count: Int, _ weir: Program, from first: Int = 0) throws {
        let ledger = try Ledger(weir.state, now: .now)
        let unit = try ledger.unitHash(of: Array("u-1234567".utf8))
        try ledger.appendPredictions(
            (first..<first + count).map { number in
                PredictionRecord(
                    key: [UInt8](repeating: UInt8(number), count: 14), route: "films", at: .now, unit: unit, assigned: "champion",
                    served: "champion", revision: 1, reason: .assigned, status: 200, latencyMicroseconds: 250, label: 1, scores: [],
                    answer: nil, input: #"{"email":"someone@example.org"}"#)
            })
    }

    private func isInState(_ text: String, _ weir: Program) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: weir.state.path).contains { name in
            try Data(contentsOf: URL(fileURLWithPath: weir.state.path + "/" + name)).range(of: Data(text.utf8)) != nil
        }
    }

    @Test("says what it did; afterwards nothing is stored, nowhere; the audit says how many and why")
    func forgets() throws {
        let weir = try logged(3)
        #expect(try isInState("someone@example.org", weir))
        let words = ["forget", "--route", "films", "--unit", "u-1234567", "--why", "asked for"]
        #expect(
            try weir.run(words)
                == Program.Run(code: 0, output: "films: 3 logged predictions deleted, 0 outcomes made anonymous\n", errors: ""))
        #expect(try !isInState("someone@example.org", weir))
        #expect(try !isInState("u-1234567", weir))
        #expect(try weir.run(words).output == "films: nothing is stored about this unit\n")
        let ledger = try Ledger(weir.state, now: .now)
        #expect(try ledger.predictionUsage().rows == 0)
        let entries = try ledger.audit(limit: 2)
        #expect(entries.map(\.author) == ["ana", "ana"])
        #expect(entries.last?.subject == #"{"outcomes":0,"predictions":3,"reason":"asked for","route":"films"}"#)
        _ = try ledger.verifyAudit()
    }

    @Test("examples of shadows are told of where there were any")
    func examples() throws {
        let weir = try logged(1)
        let ledger = try Ledger(weir.state, now: .now)
        let unit = try ledger.unitHash(of: Array("u-1234567".utf8))
        try ledger.keepExamples(
            [
                ShadowExample(
                    route: "films", shadow: "candidate", sha256: String(repeating: "a", count: 64), variant: "champion", revision: 1,
                    key: [UInt8](repeating: 1, count: 14), unit: unit, at: .now, divergence: 1, answer: "{}", shadowAnswer: "{}",
                    input: #"{"email":"someone@example.org"}"#)
            ], atMost: 5)
        let run = try weir.run("forget", "--route", "films", "--unit", "u-1234567", "--why", "asked for")
        #expect(run.output == "films: 1 logged prediction and 1 example of shadows deleted, 0 outcomes made anonymous\n")
        #expect(try !isInState("someone@example.org", weir))
    }

    @Test("another unit's rows stay")
    func others() throws {
        let weir = try logged(3)
        let run = try weir.run("forget", "--route", "films", "--unit", "u-1", "--why", "asked for")
        #expect(run.output == "films: nothing is stored about this unit\n")
        #expect(try Ledger(weir.state, now: .now).predictionUsage().rows == 3)
    }

    @Test("the unit may come by standard input, so that no list of processes holds it")
    func standardInput() throws {
        let weir = try logged(2)
        let path = weir.folder + "/unit"
        try Data("u-1234567\nmore\n".utf8).write(to: URL(fileURLWithPath: path))
        let input = try #require(FileHandle(forReadingAtPath: path))
        let run = try weir.run(["forget", "--route", "films", "--unit-stdin", "--why", "asked for"], input: input)
        #expect(run.output == "films: 2 logged predictions deleted, 0 outcomes made anonymous\n")
    }

    @Test("beside a server it looks once more after two seconds", .timeLimit(.minutes(1)))
    func besideServer() async throws {
        let weir = try logged(1)
        let lock = try StateLock(weir.state)
        async let run = Task.detached {
            try weir.run("forget", "--route", "films", "--unit", "u-1234567", "--why", "asked for")
        }.value
        // The first look has an entry in the audit; what is appended then is for the second.
        let ledger = try Ledger(weir.state, now: .now)
        while try ledger.audit(limit: 1).first?.action != .unitForgotten { await Task.yield() }
        try append(2, weir, from: 10)
        let result = try await run
        withExtendedLifetime(lock) {}
        #expect(result.output == "films: 3 logged predictions deleted, 0 outcomes made anonymous\n")
        #expect(result.errors == "a server runs: once more in 2 s, for what it had in memory\n")
        #expect(try ledger.audit().filter { $0.action == .unitForgotten }.count == 2)
    }

    @Test("what cannot be is refused with the name of the option")
    func refusals() throws {
        let weir = try logged(1)
        let cases: [([String], Int32, String)] = [
            (["--route", "flims", "--unit", "u", "--why", "x"], 1, "weir: no route 'flims' in this ledger; known routes: films\n"),
            (["--route", "films", "--unit", "u"], 64, "weir: missing --why (or WEIR_WHY)"),
            (["--route", "films", "--why", "x"], 64, "weir: missing --unit (or WEIR_UNIT)"),
            (["--route", "films", "--why", "x", "--unit", ""], 64, "weir: --unit: is empty"),
            (["--route", "films", "--why", "x", "--unit", "u", "--unit-stdin"], 64, "weir: --unit and --unit-stdin: give one of them"),
            (["--route", "films", "--why", "x", "--unit-stdin"], 64, "weir: --unit-stdin: standard input has no first line"),
            (["--route", "films", "--why", "u-1234567 asked", "--unit", "u-1234567"], 1, "weir: --why holds the unit"),
        ]
        for (words, code, message) in cases {
            let run = try weir.run(["forget"] + words)
            #expect(run.code == code && run.errors.hasPrefix(message) && run.output.isEmpty, "\(run)")
        }
        #expect(try Ledger(weir.state, now: .now).predictionUsage().rows == 1)
    }
}
