import Foundation
import Ledgers
import Testing

@testable import weir

@Suite struct ProgramTests {
    static let commands: [[String]] = [
        [], ["token"], ["token", "create"], ["token", "list"], ["token", "revoke"], ["split"], ["history"],
    ]

    @Test("every command knows --help and --version", arguments: commands)
    func help(command: [String]) throws {
        let program = try Program()
        let help = try program.run(command + ["--help"])
        #expect(help.code == 0)
        #expect(help.output.hasPrefix("OVERVIEW: ") && help.output.contains("USAGE: " + (["weir"] + command).joined(separator: " ")))
        #expect(help.errors.isEmpty)
        #expect(try program.run(command + ["--version"]) == Program.Run(code: 0, output: Version.text + "\n", errors: ""))
    }

    @Test(
        "a wrong call ends with 64 and one line that begins with weir:",
        arguments: [
            (["bogus"], "Unexpected argument 'bogus'; see 'weir --help'"),
            (["split"], "see 'weir split --help'"),
            (["split", "r", "a"], "write variant=weight, such as champion=80; see 'weir split --help'"),
            (["split", "r", "a=-1"], "a weight is a number from 0 up"),
            (["split", "r", "a=1"], "missing --why (or WEIR_WHY)"),
            (["token", "create", "--scope", "view"], "missing --name (or WEIR_NAME)"),
            (["token", "create", "--name", "a"], "missing --scope (or WEIR_SCOPE)"),
            (
                ["token", "create", "--name", "a", "--scope", "root"],
                "provide one of the following: predict, outcome, override, view, adjust, admin"
            ),
            (["token", "create", "--name", "a", "--scope", "view", "--expires", "soon"], "'soon' is invalid for '--expires <when>'"),
            (["history", "r", "--limit", "0"], "--limit: 0 is less than 1"),
        ])
    func usage(words: [String], message: String) throws {
        let run = try Program().run(words)
        #expect(run.code == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("weir: ") && run.errors.contains(message), "\(run.errors)")
        #expect(run.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    }

    @Test("a bad variable is a wrong call too, but does not stand in the way of --help")
    func badVariable() throws {
        let weir = try Program()
        let run = try weir.run("history", "r", environment: ["WEIR_LIMIT": "many"])
        #expect(run == Program.Run(code: 64, output: "", errors: "weir: WEIR_LIMIT: 'many' is not a value for --limit\n"))
        #expect(try weir.run("history", "--help", environment: ["WEIR_LIMIT": "many"]).code == 0)
    }

    @Test("a command that only looks does not make a ledger", arguments: [["token", "list"], ["history", "r"], ["split", "r"]])
    func noLedger(words: [String]) throws {
        let weir = try Program()
        let run = try weir.run(words)
        #expect(run.code == 1)
        #expect(run.errors.hasPrefix("weir: no ledger in \(weir.state.path); "))
        #expect(!FileManager.default.fileExists(atPath: weir.state.path))
    }

    @Test("a damaged ledger is said to be damaged")
    func damaged() throws {
        let weir = try Program()
        try weir.state.prepare()
        #expect(FileManager.default.createFile(atPath: weir.state.ledgerPath, contents: Data(repeating: 7, count: 5_000)))
        let run = try weir.run("token", "list")
        #expect(run.code == 1)
        #expect(run.errors.hasPrefix("weir: \(weir.state.ledgerPath) is damaged (file is not a database)"))
    }
}
