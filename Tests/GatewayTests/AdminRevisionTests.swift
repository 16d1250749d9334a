import Admin
import Foundation
import Ledgers
import Testing

@testable import Gateway

@Suite("revisions over the control plane") struct AdminRevisionTests {
    private let rig: AdminRig
    private static let path = "/api/v1/routes/trees/revisions"
    private static let good = #"{"weights":{"old":80,"new":20},"reason":"ramp up"}"#

    init() throws {
        rig = try AdminRig()
        try rig.serve()
    }

    private func post(_ body: String = good, to path: String = path, ifMatch: String? = "\"1\"", name: String = "ana") -> ControlAnswer {
        rig.ask(path, .post, body: body, ifMatch: ifMatch, caller: AdminRig.holder(.adjust, name: name))
    }

    @Test("a split is moved in the token's name, and the answer says where to find it")
    func moves() throws {
        let answer = post()
        // The plan in force says revision 7: all up to that are in force.
        #expect(answer.status == 201 && answer.field("etag") == "\"2\"" && answer.field("location") == Self.path + "/2")
        let body = try answer.json
        #expect(body["route"] as? String == "trees" && body["revision"] as? Int == 2 && body["in_force"] as? Bool == true)
        #expect(body["author"] as? String == "ana" && body["reason"] as? String == "ramp up")
        #expect(try rig.ledger.newestRevision(route: "trees").weights == [NamedWeight("old", 80), NamedWeight("new", 20)])
        #expect(try rig.ledger.audit(limit: 1).first?.author == "ana")
        #expect(try rig.ledger.verifyAudit().entries == rig.ledger.audit(limit: 1).first?.number)
        #expect(try rig.ask(Self.path + "/2").json["reason"] as? String == "ramp up")
    }

    @Test("a revision that no plan has yet is a 202: stored, and not in force")
    func inForce() throws {
        for number in 2...7 { #expect(post(#"{"weights":{"old":\#(number),"new":1},"reason":"r"}"#, ifMatch: "\"\(number - 1)\"").status == 201) }
        let answer = post(#"{"weights":{"old":8,"new":1},"reason":"r"}"#, ifMatch: "\"7\"")
        #expect(try answer.status == 202 && answer.json["in_force"] as? Bool == false && answer.field("etag") == "\"8\"")
        #expect(try rig.ledger.newestRevision(route: "trees").number == 8)
    }

    @Test("the weights in force make no revision")
    func unchanged() throws {
        let answer = post(#"{"weights":{"new":10,"old":90},"reason":"again"}"#)
        #expect(answer.status == 200 && answer.field("etag") == "\"1\"" && answer.field("location") == nil)
        #expect(try rig.ledger.newestRevision(route: "trees").number == 1)
    }

    @Test("who has not seen the newest is told which it is, by whom and when")
    func conflict() throws {
        #expect(post().status == 201)
        let answer = post()
        #expect(answer.status == 412 && answer.code == "precondition-failed" && answer.field("etag") == "\"2\"")
        let newest = try rig.ledger.newestRevision(route: "trees")
        let sentence = try #require(try answer.json["error"] as? String)
        #expect(sentence == "Revision 2 is in force, by ana, \(newest.at): ramp up")
        #expect(post(#"{"weights":{"old":1,"new":1},"reason":"r"}"#, ifMatch: "*").status == 201)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var body = AdminRevisionTests.good
        var path = AdminRevisionTests.path
        var ifMatch: String? = "\"1\""
        let status: Int
        let code: String
        var field: String?

        var testDescription: String { "\(path) \(ifMatch ?? "-") \(body.prefix(60)): \(status) \(code)" }
    }

    static let refusals: [Refusal] = [
        Refusal(ifMatch: nil, status: 428, code: "precondition-missing", field: "If-Match"),
        Refusal(ifMatch: "", status: 400, code: "precondition-malformed", field: "If-Match"),
        Refusal(ifMatch: "1", status: 400, code: "precondition-malformed", field: "If-Match"),
        Refusal(ifMatch: "W/\"1\"", status: 400, code: "precondition-malformed", field: "If-Match"),
        Refusal(ifMatch: "\"1\", \"2\"", status: 400, code: "precondition-malformed", field: "If-Match"),
        Refusal(ifMatch: "\"99999999999\"", status: 400, code: "precondition-malformed", field: "If-Match"),
        Refusal(ifMatch: "\"2\"", status: 412, code: "precondition-failed", field: "If-Match"),
        Refusal(path: "/api/v1/routes/rivers/revisions", status: 404, code: "route-unknown"),
        Refusal(path: path + "?dry-run=true", status: 400, code: "parameter-unknown", field: "dry-run"),
        Refusal(path: path + "?dry_run=yes", status: 400, code: "parameter-malformed", field: "dry_run"),
        Refusal(path: path + "?dry_run=true&dry_run=false", status: 400, code: "parameter-malformed"),
        Refusal(body: "", status: 400, code: "body-malformed"),
        Refusal(body: "{", status: 400, code: "body-malformed"),
        Refusal(body: "\u{0}", status: 400, code: "body-malformed"),
        Refusal(body: "[]", status: 400, code: "body-malformed"),
        Refusal(body: "7", status: 400, code: "body-malformed"),
        Refusal(body: String(repeating: "[", count: 60_000), status: 400, code: "body-malformed"),
        Refusal(body: #"{"weights":{"old":1,"new":1},"reason":"r","why":1}"#, status: 400, code: "body-malformed", field: "why"),
        Refusal(body: #"{"weights":{"old":1,"new":1},"weights":{"old":2,"new":1},"reason":"r"}"#, status: 400, code: "body-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":1,"new":1,"o\u006cd":2},"reason":"r"}"#, status: 400, code: "body-malformed", field: "old"),
        Refusal(body: #"{"reason":"r"}"#, status: 400, code: "body-malformed", field: "weights"),
        Refusal(body: #"{"weights":[1,2],"reason":"r"}"#, status: 400, code: "body-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":"1","new":1},"reason":"r"}"#, status: 400, code: "body-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":true,"new":1},"reason":"r"}"#, status: 400, code: "body-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":null,"new":1},"reason":"r"}"#, status: 400, code: "body-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":1e999,"new":1},"reason":"r"}"#, status: 400, code: "body-malformed"),
        Refusal(body: #"{"weights":{"old":1,"new":1}}"#, status: 400, code: "body-malformed", field: "reason"),
        Refusal(body: #"{"weights":{"old":1,"new":1},"reason":7}"#, status: 400, code: "body-malformed", field: "reason"),
        Refusal(body: #"{"weights":{"old":1,"new":1},"reason":""}"#, status: 400, code: "split-malformed", field: "reason"),
        Refusal(body: #"{"weights":{"old":1,"new":1},"reason":"a\nb"}"#, status: 400, code: "split-malformed", field: "reason"),
        Refusal(body: #"{"weights":{},"reason":"r"}"#, status: 400, code: "split-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":1},"reason":"r"}"#, status: 400, code: "split-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":1,"new":1,"third":1},"reason":"r"}"#, status: 400, code: "split-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":0,"new":0},"reason":"r"}"#, status: 400, code: "split-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":-1,"new":1},"reason":"r"}"#, status: 400, code: "split-malformed", field: "weights"),
        Refusal(body: #"{"weights":{"old":1e300,"new":1},"reason":"r"}"#, status: 400, code: "split-malformed", field: "weights"),
    ]

    @Test("what makes no sense is refused with the field, and changes nothing", arguments: refusals)
    func refuses(wanted: Refusal) throws {
        let before = try rig.ledger.audit().count
        let answer = post(wanted.body, to: wanted.path, ifMatch: wanted.ifMatch)
        #expect(answer.status == wanted.status && answer.code == wanted.code)
        if let field = wanted.field { #expect(try answer.json["field"] as? String == field) }
        #expect(try rig.ledger.audit().count == before)
    }

    @Test("nobody can pass for the route file")
    func reservedAuthor() { #expect(post(name: "file").code == "author-reserved") }

    @Test("a dry run says who would move and changes nothing", arguments: [nil, "\"1\"", "*"])
    func dryRun(ifMatch: String?) throws {
        let answer = post(to: Self.path + "?dry_run=true", ifMatch: ifMatch)
        #expect(answer.status == 200 && answer.field("etag") == "\"1\"")
        let body = try answer.json
        #expect((body["from"] as? [String: Any])?["revision"] as? Int == 1 && (body["to"] as? [String: Any])?["revision"] as? Int == 2)
        // 90/10 to 80/20: a tenth of all units, all of them from old to new, by the closed form.
        let moved = try #require(body["moved"] as? Double)
        let moves = try #require(body["moves"] as? [String: [String: Double]])
        #expect(abs(moved - 0.1) < 1e-12 && moves["new"]?["old"] == 0 && abs((moves["old"]?["new"] ?? 0) - 0.1) < 1e-12)
        #expect(abs(moves.values.flatMap(\.values).reduce(0, +) - 1) < 1e-12)
        #expect(try rig.ledger.newestRevision(route: "trees").number == 1)
    }

    @Test("a dry run against another revision is refused like the move itself")
    func dryRunConflict() { #expect(post(to: Self.path + "?dry_run=true", ifMatch: "\"2\"").status == 412) }

    @Test("the history is read in pages, newest first, each revision once", arguments: [1, 2, 3, 7, 8])
    func pages(limit: Int) throws {
        for number in 2...7 { _ = post(#"{"weights":{"old":\#(number),"new":1},"reason":"r"}"#, ifMatch: "*") }
        var (found, next): ([Int], String?) = ([], Self.path + "?limit=\(limit)")
        while let path = next, found.count < 20 {
            let answer = rig.ask(path)
            let body = try answer.json
            let page = try #require(body["revisions"] as? [[String: Any]])
            #expect(answer.status == 200 && answer.field("etag") == "\"7\"" && (1...limit).contains(page.count))
            found += page.compactMap { $0["revision"] as? Int }
            next = body["next"] as? String
        }
        #expect(found == Array((1...7).reversed()))
    }

    @Test("pages have bounds", arguments: ["limit=0", "limit=201", "limit=x", "limit=-1", "before=0", "before=4294967296", "limit=", "limit=1&limit=2", "limit=%"])
    func bounds(query: String) { #expect(rig.ask(Self.path + "?" + query).code == "parameter-malformed") }

    @Test("a revision that is not there is not found", arguments: ["0", "2", "4294967295", "x", "-1", "1.0"])
    func unknownRevision(number: String) { #expect(rig.ask(Self.path + "/" + number).code == "revision-unknown") }

    @Test("a ledger that is locked is a 503 that says when to come back, and nothing was changed")
    func locked() throws {
        // Another program holds the write lock; the ledger waits as long as it always does.
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/env")
        tool.arguments = ["python3", "-c", Self.holdLock, rig.folder.path + "/state/ledger.sqlite"]
        let (input, output) = (Pipe(), Pipe())
        (tool.standardInput, tool.standardOutput) = (input, output)
        try tool.run()
        #expect(output.fileHandleForReading.availableData == Data("!".utf8))
        let answer = post()
        #expect(answer.status == 503 && answer.code == "ledger-unavailable" && answer.field("retry-after") == "1")
        #expect(!String(decoding: answer.body, as: UTF8.self).contains(rig.folder.path), "paths are for the log")
        try input.fileHandleForWriting.close()
        tool.waitUntilExit()
        #expect(post().status == 201)
    }

    private static let holdLock = """
        import sqlite3, sys
        held = sqlite3.connect(sys.argv[1], isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        print("!", end="", flush=True)
        sys.stdin.read()
        """
}
