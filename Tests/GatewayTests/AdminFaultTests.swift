import Admin
import Foundation
import Ledgers
import Testing

@testable import Gateway

@Suite("faults and breakers over the control plane") struct AdminFaultTests {
    private let rig: AdminRig
    private static let faults = "/api/v1/routes/trees/faults"
    private static let breakers = "/api/v1/routes/trees/breakers"
    private static let good = #"{"variant":"old","kind":"abort","percent":50,"seconds":60,"reason":"drill"}"#
    private static let digest = String(repeating: "a", count: 64)

    init() throws {
        rig = try AdminRig()
        try rig.serve()
    }

    private func post(_ body: String, to path: String = faults, name: String = "ana") -> ControlAnswer {
        rig.ask(path, .post, body: body, caller: AdminRig.holder(.adjust, name: name))
    }

    private func list(_ answer: ControlAnswer) throws -> [[String: Any]] { try #require(try answer.json["faults"] as? [[String: Any]]) }

    private func hold(_ variant: String = "new", sha256: String = digest) throws {
        _ = try rig.ledger.hold(route: "trees", variant: variant, sha256: sha256, signal: 11, verdict: "crashed", now: .now)
    }

    @Test("a fault is begun in the token's name; without a server that follows it is a 202")
    func begin() throws {
        let answer = post(Self.good)
        #expect(answer.status == 202)
        let body = try answer.json
        #expect(body["fault"] as? Int == 1 && body["variant"] as? String == "old" && body["kind"] as? String == "abort")
        #expect(body["percent"] as? Double == 50 && body["author"] as? String == "ana" && body["in_force"] as? Bool == false)
        let entry = try #require(try rig.ledger.faults(route: "trees", now: .now).first)
        #expect(entry.ends == entry.created.advanced(bySeconds: 60) && entry.reason == "drill")
        #expect(try rig.ledger.verifyAudit().entries == rig.ledger.audit(limit: 1).first?.number)
    }

    @Test("a fault is for all units and ten minutes unless it says else; a delay has its time")
    func defaults() throws {
        #expect(post(#"{"variant":"new","kind":"delay","delay_ms":30,"reason":"drill"}"#).status == 202)
        let fault = try #require(try list(rig.ask(Self.faults)).first)
        #expect(fault["delay_ms"] as? Int == 30 && fault["percent"] as? Double == 100 && fault["in_force"] as? Bool == true)
        let entry = try #require(try rig.ledger.faults(now: .now).first)
        #expect(entry.ends == entry.created.advanced(bySeconds: 600))
    }

    @Test("a crash is stored, and listed as not in force on a server that does not allow it")
    func crash() throws {
        #expect(post(#"{"variant":"new","kind":"crash","reason":"drill"}"#).status == 202)
        #expect(try list(rig.ask(Self.faults)).map { $0["in_force"] as? Bool } == [false])
    }

    @Test("a crash of a shadow is in force on every server")
    func shadowCrash() throws {
        try rig.ledger.declareShadows(
            route: "trees", [ShadowDeclaration(name: "candidate", sha256: Self.digest, percent: 100, limit: 1, tolerance: 0.01)])
        #expect(post(#"{"variant":"candidate","kind":"crash","reason":"drill"}"#).status == 202)
        #expect(try list(rig.ask(Self.faults)).map { $0["in_force"] as? Bool } == [true])
    }

    @Test("faults are ended all, or of one variant; ending nothing is well")
    func end() throws {
        for variant in ["old", "new"] { #expect(post(#"{"variant":"\#(variant)","kind":"abort","reason":"drill"}"#).status == 202) }
        let one = rig.ask(Self.faults + "?variant=new", .delete)
        #expect(try one.status == 202 && list(one).map { $0["fault"] as? Int } == [2])
        #expect(try list(rig.ask(Self.faults)).map { $0["fault"] as? Int } == [1])
        #expect(try list(rig.ask(Self.faults, .delete)).count == 1)
        let none = rig.ask(Self.faults, .delete)
        #expect(try none.status == 200 && list(none).isEmpty)
        #expect(try rig.ledger.audit(limit: 2).map(\.action) == [.faultEnded, .faultEnded])
    }

    @Test("a seventeenth fault is a conflict")
    func tooMany() throws {
        for _ in 0..<16 { #expect(post(Self.good).status == 202) }
        let answer = post(Self.good)
        #expect(answer.status == 409 && answer.code == "too-many-faults")
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let body: String
        let code: String
        var field: String?
        var testDescription: String { "\(body): \(code)" }
    }

    static let refusals: [Refusal] = [
        Refusal(body: "", code: "body-malformed"),
        Refusal(body: "[]", code: "body-malformed"),
        Refusal(body: #"{"variant":"old","variant":"new","kind":"abort","reason":"r"}"#, code: "body-malformed", field: "variant"),
        Refusal(body: #"{"variant":"old","kind":"abort","reason":"r","share":50}"#, code: "body-malformed", field: "share"),
        Refusal(body: #"{"kind":"abort","reason":"r"}"#, code: "body-malformed", field: "variant"),
        Refusal(body: #"{"variant":7,"kind":"abort","reason":"r"}"#, code: "body-malformed", field: "variant"),
        Refusal(body: #"{"variant":"old","reason":"r"}"#, code: "body-malformed", field: "kind"),
        Refusal(body: #"{"variant":"old","kind":"abort"}"#, code: "body-malformed", field: "reason"),
        Refusal(body: #"{"variant":"old","kind":"abort","reason":"r","percent":"50"}"#, code: "body-malformed", field: "percent"),
        Refusal(body: #"{"variant":"old","kind":"abort","reason":"r","seconds":1.5}"#, code: "body-malformed", field: "seconds"),
        Refusal(body: #"{"variant":"old","kind":"abort","reason":"r","seconds":1e300}"#, code: "body-malformed", field: "seconds"),
        Refusal(body: #"{"variant":"old","kind":"slow","reason":"r"}"#, code: "fault-malformed", field: "kind"),
        Refusal(body: #"{"variant":"old","kind":"delay","reason":"r"}"#, code: "fault-malformed", field: "delay_ms"),
        Refusal(body: #"{"variant":"old","kind":"abort","delay_ms":5,"reason":"r"}"#, code: "fault-malformed", field: "delay_ms"),
        Refusal(body: #"{"variant":"old","kind":"delay","delay_ms":60001,"reason":"r"}"#, code: "fault-malformed", field: "delay_ms"),
        Refusal(body: #"{"variant":"old","kind":"abort","percent":0,"reason":"r"}"#, code: "fault-malformed", field: "percent"),
        Refusal(body: #"{"variant":"old","kind":"abort","seconds":3601,"reason":"r"}"#, code: "fault-malformed", field: "seconds"),
        Refusal(body: #"{"variant":"third","kind":"abort","reason":"r"}"#, code: "fault-malformed", field: "variant"),
        Refusal(body: #"{"variant":"old","kind":"abort","reason":""}"#, code: "fault-malformed", field: "reason"),
    ]

    @Test("what makes no sense is a 400 with the field, and changes nothing", arguments: refusals)
    func refuses(wanted: Refusal) throws {
        let before = try rig.ledger.audit().count
        let answer = post(wanted.body)
        #expect(answer.status == 400 && answer.code == wanted.code)
        if let field = wanted.field { #expect(try answer.json["field"] as? String == field) }
        #expect(try rig.ledger.audit().count == before)
    }

    @Test("unknown routes, strange parameters and the reserved name are refused")
    func others() throws {
        let unknown = "/api/v1/routes/rivers"
        for answer in [
            rig.ask(unknown + "/faults"), post(Self.good, to: unknown + "/faults"), rig.ask(unknown + "/faults", .delete), rig.ask(unknown + "/breakers"),
            post(#"{"reason":"r"}"#, to: unknown + "/breakers/old/release"),
        ] { #expect(answer.status == 404 && answer.code == "route-unknown") }
        #expect(rig.ask(Self.faults + "?id=1", .delete).code == "parameter-unknown")
        #expect(rig.ask(Self.breakers, .delete).field("allow") == "GET, HEAD")
        #expect(post(Self.good, name: "file").code == "author-reserved")
        try hold()
        #expect(post(#"{"reason":"r"}"#, to: Self.breakers + "/new/release", name: "file").code == "author-reserved")
        #expect(try rig.ledger.held().count == 1 && rig.ledger.faults(now: .now).isEmpty)
    }

    @Test("breakers name every variant, and the models of it that are held")
    func breakers() throws {
        try hold()
        let rows = try #require(try rig.ask(Self.breakers).json["breakers"] as? [[String: Any]])
        #expect(rows.map { $0["variant"] as? String } == ["old", "new"])
        let held = rows.map { ($0["held"] as? [[String: Any]] ?? []).map { $0["sha256"] as? String } }
        #expect(held == [[], [Self.digest]])
        #expect(rows.map { $0["state"] as? String } == ["closed", "closed"] && rows.map { $0["share"] as? Double } == [1, 1])
        let calls = try #require(rows[0]["calls"] as? [String: Int])
        #expect(calls == ["ok": 0, "slow": 0, "failed": 0, "invalid": 0, "late": 0, "faulted": 0])
    }

    @Test("breakers say where they stand and what they have seen, and so does the report, with where each model runs")
    func breakerStates() throws {
        let rows = try #require(try rig.ask(Self.breakers).json["breakers"] as? [[String: Any]])
        let serving = try #require(try rig.ask("/api/v1/routes/trees/report").json["serving"] as? [String: Any])
        let variants = try #require(serving["variants"] as? [[String: Any]])
        #expect(serving["as_of"] is String && variants.map { $0["name"] as? String } == ["old", "new"])
        #expect(variants.map { ($0["model"] as? [String: Any])?["runs"] as? String } == ["inline", "inline"])
        for figures in try rows + variants.map({ try #require($0["breaker"] as? [String: Any]) }) {
            #expect(figures["state"] as? String == "closed" && figures["mode"] as? String == "enforce" && figures["trips"] as? Int == 0)
            #expect(figures["last_trip"] == nil && figures["next_probe"] == nil && (figures["transitions"] as? [Any])?.isEmpty == true)
            #expect((figures["trips_by_reason"] as? [String: Int])?.isEmpty == true && (figures["window"] as? [String: Int])?["calls"] == 0)
        }
    }

    @Test("a held variant is released in the token's name, once")
    func release() throws {
        try hold()
        let path = Self.breakers + "/new/release"
        #expect(post("{}", to: path).code == "body-malformed")
        let answer = post(#"{"reason":"new runtime"}"#, to: path)
        #expect(try answer.status == 202 && answer.json["in_force"] as? Bool == false)
        let released = try #require(try answer.json["released"] as? [[String: Any]])
        #expect(released.map { $0["released_by"] as? String } == ["ana"])
        #expect(try rig.ledger.held().isEmpty && rig.ledger.audit(limit: 1).first?.author == "ana")
        let again = post(#"{"reason":"again"}"#, to: path)
        #expect(again.status == 409 && again.code == "not-held")
    }
}
