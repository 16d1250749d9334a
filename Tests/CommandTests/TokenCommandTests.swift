import Foundation
import Ledgers
import Testing

@Suite struct TokenCommandTests {
    @Test("create prints the token alone; what it is goes to standard error")
    func create() throws {
        let weir = try Program()
        let run = try weir.run("token", "create", "--name", "app", "--scope", "predict", "outcome", "--route", "films")
        #expect(run.code == 0)
        #expect(run.output.wholeMatch(of: /weir_[A-Za-z0-9_-]{43}\n/) != nil)
        #expect(run.errors == "token 1 'app': predict, outcome on route films, without end. It is shown only now.\n")
        let stored = try Ledger(weir.state, ifAbsent: .refuse, now: .now).snapshot(now: .now).tokens
        #expect(stored.map(\.hash) == [TokenSecret.hash(of: run.output.dropLast().utf8)])
        #expect(stored.map(\.scopes) == [[.predict, .outcome]])
        #expect(stored.map(\.route) == ["films"])
    }

    @Test("a token that cannot be printed is no success")
    func fullOutput() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let run = try Program().run(["token", "create", "--name", "a", "--scope", "view"], output: full)
        #expect(run.code == 1)
        #expect(run.errors.hasSuffix("weir: standard output cannot be written (No space left on device)\n"))
    }

    @Test("a token for a route that no server has read yet is made with a note")
    func unknownRoute() throws {
        let weir = try Program()
        try weir.enter("films", [NamedWeight("a", 1)])
        let run = try weir.run("token", "create", "--name", "a", "--scope", "view", "--route", "flims")
        #expect(run.code == 0)
        #expect(run.errors.hasSuffix("note: no route 'flims' has been served so far\n"))
        #expect(try !weir.run("token", "create", "--name", "b", "--scope", "view", "--route", "films").errors.contains("note:"))
    }

    @Test("every option can come from the environment, and the command line wins")
    func environment() throws {
        let weir = try Program()
        let variables = [
            "WEIR_NAME": "env", "WEIR_SCOPE": "view,adjust", "WEIR_ROUTE": "films", "WEIR_EXPIRES": "12h", "WEIR_AUTHOR": "bo",
            "WEIR_STATE": weir.folder + "/elsewhere",
        ]
        #expect(try weir.run("token", "create", "--route", "books", environment: variables).code == 0)
        let ledger = try Ledger(StateFolder(path: weir.folder + "/elsewhere"), ifAbsent: .refuse, now: .now)
        let token = try #require(try ledger.tokens().first)
        #expect(token.name == "env")
        #expect(token.scopes == [.view, .adjust])
        #expect(token.route == "books")
        #expect(token.expires == token.created.advanced(bySeconds: 12 * 3_600))
        #expect(try ledger.audit(limit: 1).map(\.author) == ["bo"])
    }

    @Test("a state folder may be given relative to the current one")
    func relativeFolder() throws {
        let weir = try Program()
        #expect(try weir.run("token", "create", "--name", "a", "--scope", "view", "--state", "deep/er/state").code == 0)
        #expect(FileManager.default.fileExists(atPath: weir.folder + "/deep/er/state/ledger.sqlite"))
    }

    @Test("list shows those in force without their secrets; --all the others too; --json is an array")
    func list() throws {
        let weir = try Program()
        let secret = try weir.run("token", "create", "--name", "app", "--scope", "predict", "--expires", "90d").output.dropLast()
        #expect(try weir.run("token", "create", "--name", "old", "--scope", "view").code == 0)
        #expect(try weir.run("token", "revoke", "old") == Program.Run(code: 0, output: "token 2 'old' is revoked\n", errors: ""))
        let live = try weir.run("token", "list")
        #expect(live.output.words.map { $0.prefix(4) } == [["id", "name", "scopes", "route"], ["1", "app", "predict", "every"]])
        #expect(!live.output.contains(secret))
        let all = try weir.run("token", "list", "--all")
        #expect(all.output.words.map { $0[1] } == ["name", "app", "old"])
        #expect(all.output.contains("revoked 20"))
        let json = try weir.run("token", "list", environment: ["WEIR_JSON": "1", "WEIR_ALL": "yes"])
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(rows.map { $0["name"] as? String } == ["app", "old"])
        #expect(rows.map { $0["live"] as? Bool } == [true, false])
        #expect(rows.map { $0["route"] is NSNull } == [true, true])
    }

    @Test("a token's rate is told when it is made, and listed")
    func rate() throws {
        let weir = try Program()
        let run = try weir.run("token", "create", "--name", "app", "--scope", "predict", "--rate", "100", "--burst", "200")
        #expect(run.errors == "token 1 'app': predict on every route, without end, at most 100 requests a second, 200 at once. It is shown only now.\n")
        let variables = ["WEIR_RATE": "0.5", "WEIR_RATE_MODE": "observe"]
        #expect(try weir.run("token", "create", "--name", "slow", "--scope", "predict", environment: variables).code == 0)
        #expect(try weir.run("token", "create", "--name", "free", "--scope", "predict").code == 0)
        let table = try weir.run("token", "list").output
        #expect(table.contains("100 requests a second, 200 at once  ") && table.contains("0.5 requests a second, 1 at once (observed)"))
        #expect(table.words.last?.dropFirst(3).first == "every" && table.words.last?.dropFirst(4).first == "any")
        let json = try weir.run("token", "list", "--json").output
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        let rates = rows.map { $0["rate"] as? [String: Any] }
        #expect(rates.map { $0?["per_second"] as? Double } == [100, 0.5, nil] && rates.map { $0?["burst"] as? Int } == [200, 1, nil])
        #expect(rates.map { $0?["mode"] as? String } == ["enforce", "observe", nil] && rows.allSatisfy { $0.keys.contains("rate") })
    }

    @Test(
        "a rate that makes no sense makes no token",
        arguments: [
            (["--rate", "0"], 1, "rate: is 0.0; a rate is from 0.001 to 1000000 requests a second"),
            (["--rate", "5", "--burst", "0"], 1, "burst: is 0; a burst is from 1 to 1000000 requests at once"),
            (["--burst", "5"], 64, "--burst and --rate-mode belong to a --rate"), (["--rate-mode", "observe"], 64, "belong to a --rate"),
            (["--rate", "many"], 64, "--rate"), (["--rate", "5", "--rate-mode", "off"], 64, "--rate-mode"),
        ] as [([String], Int32, String)])
    func badRate(words: [String], code: Int32, reason: String) throws {
        let weir = try Program()
        let run = try weir.run(["token", "create", "--name", "a", "--scope", "predict"] + words)
        #expect(run.code == code && run.output.isEmpty)
        #expect(run.errors.contains(reason), "\(run.errors)")
    }

    @Test("revoke takes an id as well; a token that is not in force is refused with those that are")
    func revoke() throws {
        let weir = try Program()
        for name in ["a", "b"] { #expect(try weir.run("token", "create", "--name", name, "--scope", "view").code == 0) }
        #expect(try weir.run("token", "revoke", "1").output == "token 1 'a' is revoked\n")
        let again = try weir.run("token", "revoke", "a")
        #expect(again == Program.Run(code: 1, output: "", errors: "weir: no token in force is called 'a'; tokens in force: b\n"))
    }
}
