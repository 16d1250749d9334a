import Admin
import Breakers
import Foundation
import Ledgers
import Metrics
import Primitives
import Reactor
import Synchronization
import Testing

@testable import Gateway

@Suite("shadows over the control plane") struct AdminShadowTests {
    private let rig: AdminRig
    private static let path = "/api/v1/routes/trees/shadows"
    private static let good = #"{"weight":10,"reason":"as good"}"#

    init() throws {
        rig = try AdminRig()
        try rig.serve()
        try rig.ledger.declareShadows(route: "trees", [PromotionTests.shadow(), PromotionTests.shadow("second", limit: 50)])
    }

    private func count(_ compared: Int, diverged: Int = 0, shadow: String = "candidate") throws {
        let cells = try PromotionTests.cells([("old", 1, compared, diverged)], shadow: shadow)
        try rig.ledger.foldCells(cells.records().map { CellFold($0, worker: 1) })
    }

    private func post(
        _ body: String = good, shadow: String = "candidate", route: String = "trees", query: String = "", ifMatch: String? = "\"1\""
    ) -> ControlAnswer {
        rig.ask(
            "/api/v1/routes/\(route)/shadows/\(shadow)/promote\(query)", .post, body: body, ifMatch: ifMatch,
            caller: AdminRig.holder(.adjust))
    }

    /// A shadow that runs, with a breaker that has seen one good call.
    private func served(_ name: String = "candidate", route: String = "trees") -> ServedShadow {
        let breaker = VariantBreaker(policy: BreakerPolicy(), reactors: 1, seed: 1, now: MonotonicTime.now())
        breaker.gate.report(reactor: 0, .ok, rows: 1, identity: 7, lease: nil, now: MonotonicTime.now())
        return ServedShadow(
            route: route, name: name, sha256: PromotionTests.digest, process: "running", pid: 4_711, waiting: 7, restarts: 2,
            breaker: breaker)
    }

    private func shadows() throws -> [[String: Any]] { try #require(try rig.ask(Self.path).json["shadows"] as? [[String: Any]]) }

    // MARK: - The list

    @Test("each shadow of the file is listed with its figures, its standing and what stands against it")
    func list() throws {
        try count(4, diverged: 1)
        rig.shadows.now.withLock { $0 = [served(), served("elsewhere", route: "lakes")] }
        let answer = rig.ask(Self.path)
        #expect(try answer.status == 200 && answer.json["route"] as? String == "trees")
        let shadows = try shadows()
        #expect(shadows.map { $0["name"] as? String } == ["candidate", "second"])
        let first = shadows[0]
        #expect(first["limit_percent"] as? Double == 1 && first["percent"] as? Double == 100 && first["live"] as? Bool == false)
        #expect(first["obstacle"] as? String == "diverges" && first["sha256"] as? String == PromotionTests.digest)
        let figures = try #require(first["figures"] as? [String: Any])
        #expect(figures["compared"] as? Int == 4 && figures["diverged"] as? Int == 1)
        let standing = try #require(first["standing"] as? [String: Any])
        #expect(standing["process"] as? String == "running" && standing["pid"] as? Int == 4_711 && standing["waiting"] as? Int == 7)
        #expect((standing["breaker"] as? [String: Any])?["state"] as? String == "closed" && standing["restarts"] as? Int == 2)
        #expect(shadows[1]["obstacle"] as? String == "never-compared" && shadows[1]["figures"] == nil && shadows[1]["standing"] == nil)
    }

    @Test("examples are those of the present model, as values and not as texts, the largest divergence first")
    func examples() throws {
        func example(
            _ number: UInt8, divergence: Double, sha256: String = PromotionTests.digest, input: String? = #"{"year":1994,"title":"Speed"}"#
        ) -> ShadowExample {
            ShadowExample(
                route: "trees", shadow: "candidate", sha256: sha256, variant: "old", revision: 1,
                key: [UInt8](repeating: number, count: 14), unit: 5,
                at: Timestamp(milliseconds: 1_700_000_000_000), divergence: divergence,
                answer: #"{"label":"Drama","probabilities":{"Drama":0.75}}"#,
                shadowAnswer: "model-failed", input: input)
        }
        try rig.ledger.keepExamples(
            [
                example(1, divergence: 0.5), example(2, divergence: 1.25, input: nil),
                example(3, divergence: 2, sha256: String(repeating: "b", count: 64)),
            ], atMost: 32)
        let examples = try #require(try shadows()[0]["examples"] as? [[String: Any]])
        #expect(examples.map { $0["divergence"] as? Double } == [1.25, 0.5])
        #expect(examples[1]["prediction"] as? String == "AQEBAQEBAQEBAQEBAQE" && examples[1]["variant"] as? String == "old")
        #expect(examples[1]["at"] as? String == "2023-11-14T22:13:20Z" && examples[0]["input"] == nil)
        let answer = try #require(examples[1]["answer"] as? [String: Any])
        #expect(answer["label"] as? String == "Drama" && (answer["probabilities"] as? [String: Double]) == ["Drama": 0.75])
        #expect(
            examples[1]["shadow_answer"] as? String == "model-failed" && (examples[1]["input"] as? [String: Any])?["year"] as? Int == 1_994)
        #expect(try (shadows()[1]["examples"] as? [Any])?.isEmpty == true)
    }

    @Test("a route without shadows has an empty list, one that is not there is not found")
    func none() throws {
        #expect(try (rig.ask("/api/v1/routes/lakes/shadows").json["shadows"] as? [Any])?.isEmpty == true)
        #expect(rig.ask("/api/v1/routes/rivers/shadows").code == "route-unknown")
        #expect(rig.ask(Self.path + "?limit=1").code == "parameter-unknown")
        #expect(rig.ask(Self.path, caller: AdminRig.holder(.adjust)).code == "scope-missing")
    }

    @Test("a report and the metrics say where shadows stand")
    func standing() throws {
        rig.shadows.now.withLock { $0 = [served()] }
        let serving = try #require(rig.view.serving(route: "trees"))
        #expect(serving.shadows?.map(\.name) == ["candidate"] && serving.shadows?.map(\.waiting) == [7])
        #expect(rig.view.serving(route: "lakes")?.shadows == nil)
        let report = try rig.ask("/api/v1/routes/trees/report").json
        #expect(((report["serving"] as? [String: Any])?["shadows"] as? [[String: Any]])?.first?["pid"] as? Int == 4_711)
        let copy = try JSONDecoder().decode(RouteServing.self, from: JSONEncoder().encode(serving))
        #expect(copy.shadows == serving.shadows)
        let metrics = String(decoding: rig.ask("/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"weir_shadow_up{route="trees",shadow="candidate"} 1"#))
        #expect(metrics.contains(#"weir_shadow_queue_rows{route="trees",shadow="candidate"} 7"#))
        #expect(metrics.contains(#"weir_shadow_breaker_state{route="trees",shadow="candidate",state="closed"} 1"#))
    }

    @Test("among very many variants, a route with shadows is not left out")
    func many() throws {
        rig.shadows.now.withLock { $0 = [served()] }
        #expect(rig.view.serving(variantsAtMost: 2).map(\.route) == ["trees"] && rig.view.serving(variantsAtMost: 4).count == 2)
    }

    // MARK: - Going live

    @Test("a shadow goes live in the token's name, and the answer is that of a revision and says what was compared")
    func promotes() throws {
        try count(200, diverged: 2)
        let answer = post()
        #expect(answer.status == 201 && answer.field("etag") == "\"2\"" && answer.field("location") == "/api/v1/routes/trees/revisions/2")
        let body = try answer.json
        #expect(body["in_force"] as? Bool == true && body["author"] as? String == "ana" && body["reason"] as? String == "as good")
        #expect((body["comparison"] as? [String: Any])?["compared"] as? Int == 200)
        let weights = try rig.ledger.newestRevision(route: "trees").weights
        #expect(weights == [NamedWeight("old", 90), NamedWeight("new", 10), NamedWeight("candidate", 10)])
        #expect(try shadows().map { $0["live"] as? Bool } == [true, false])
        #expect(post(ifMatch: "\"2\"").code == "already-live")
    }

    @Test(
        "what stands against it is a conflict with its code, until it is overruled",
        arguments: [(0, 0, "never-compared"), (200, 3, "diverges")])
    func objections(compared: Int, diverged: Int, code: String) throws {
        try count(compared, diverged: diverged)
        let answer = post()
        #expect(answer.status == 409 && answer.code == code)
        #expect(try (answer.json["error"] as? String)?.hasSuffix("Send \"anyway\":true to overrule that.") == true)
        #expect(try rig.ledger.newestRevision(route: "trees").number == 1)
        #expect(post(#"{"weight":10,"reason":"as good","anyway":false}"#).code == code)
        #expect(post(#"{"weight":10,"reason":"as good","anyway":true}"#).status == 201)
    }

    @Test("a dry run says who would move, and what would stand against it, and changes nothing", arguments: [nil, "\"1\"", "*"])
    func dryRun(ifMatch: String?) throws {
        let answer = post(query: "?dry_run=true", ifMatch: ifMatch)
        #expect(answer.status == 200 && answer.field("etag") == "\"1\"")
        let body = try answer.json
        #expect((body["to"] as? [String: Any])?["revision"] as? Int == 2)
        #expect((body["comparison"] as? [String: Any])?["obstacle"] as? String == "never-compared")
        // 10 of 110, from old and new alike.
        #expect(abs(try #require(body["moved"] as? Double) - 1.0 / 11) < 1e-12)
        #expect(try rig.ledger.newestRevision(route: "trees").number == 1)
    }

    struct Refusal: Sendable {
        var body = AdminShadowTests.good
        var shadow = "candidate"
        var route = "trees"
        var query = ""
        var ifMatch: String? = "\"1\""
        let status: Int
        let code: String
        var field: String?
    }

    static let refusals: [Refusal] = [
        Refusal(shadow: "nobody", status: 404, code: "shadow-unknown"), Refusal(shadow: "old", status: 404, code: "shadow-unknown"),
        Refusal(route: "rivers", status: 404, code: "route-unknown"), Refusal(ifMatch: nil, status: 428, code: "precondition-missing"),
        Refusal(ifMatch: "\"7\"", status: 412, code: "precondition-failed"),
        Refusal(query: "?dry-run=true", status: 400, code: "parameter-unknown"),
        Refusal(body: #"{"reason":"r"}"#, status: 400, code: "body-malformed", field: "weight"),
        Refusal(body: #"{"weight":"5","reason":"r"}"#, status: 400, code: "body-malformed", field: "weight"),
        Refusal(body: #"{"weight":5}"#, status: 400, code: "body-malformed", field: "reason"),
        Refusal(body: #"{"weight":5,"reason":"r","anyway":1}"#, status: 400, code: "body-malformed", field: "anyway"),
        Refusal(body: #"{"weight":5,"reason":"r","always":true}"#, status: 400, code: "body-malformed", field: "always"),
        Refusal(body: #"{"weight":-5,"reason":"r"}"#, status: 400, code: "split-malformed", field: "weight"),
        Refusal(body: #"{"weight":5,"reason":""}"#, status: 400, code: "split-malformed", field: "reason"),
    ]

    @Test("what makes no sense is refused with the field, and changes nothing", arguments: refusals)
    func refuses(wanted: Refusal) throws {
        try count(10)
        let answer = post(wanted.body, shadow: wanted.shadow, route: wanted.route, query: wanted.query, ifMatch: wanted.ifMatch)
        #expect(answer.status == wanted.status && answer.code == wanted.code, "\(String(decoding: answer.body, as: UTF8.self))")
        if let field = wanted.field { #expect(try answer.json["field"] as? String == field) }
        #expect(try rig.ledger.newestRevision(route: "trees").number == 1)
    }
}
