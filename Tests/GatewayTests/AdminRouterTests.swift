import Admin
import Ledgers
import Metrics
import Primitives
import Reactor
import Testing

@testable import Gateway

@Suite("the control plane") struct AdminRouterTests {
    private let rig: AdminRig

    init() throws {
        rig = try AdminRig()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var path = "/metrics"
        var method = ControlRequest.Method.get
        var caller = AdminRig.holder(.view)
        var isOpen = false
        var isLocal = true
        let status: Int
        let code: String?

        var testDescription: String { "\(method) \(path), \(caller), open \(isOpen), local \(isLocal): \(status)" }
    }

    static let cases: [Case] = [
        Case(caller: .missing, status: 401, code: "token-missing"),
        Case(caller: .unknown, status: 401, code: "token-unknown"),
        Case(caller: AdminRig.holder([.predict, .outcome, .override, .adjust, .admin]), status: 403, code: "scope-missing"),
        Case(caller: AdminRig.holder(.view, route: "trees"), status: 403, code: "route-forbidden"),
        Case(status: 200, code: nil),
        Case(caller: .missing, isOpen: true, status: 200, code: nil),
        Case(caller: .unknown, isOpen: true, status: 200, code: nil),
        Case(caller: .missing, isOpen: true, isLocal: false, status: 401, code: "token-missing"),
        Case(isOpen: true, isLocal: false, status: 200, code: nil),
        Case(method: .head, status: 200, code: nil),
        Case(method: .head, caller: .missing, status: 401, code: "token-missing"),
        Case(method: .post, isOpen: true, status: 405, code: "method-not-allowed"),
        Case(method: .other, caller: .missing, status: 405, code: "method-not-allowed"),
        Case(path: "/", isOpen: true, status: 404, code: "path-unknown"),
        Case(path: "/metrics/", isOpen: true, status: 404, code: "path-unknown"),
        Case(path: "/Metrics", isOpen: true, status: 404, code: "path-unknown"),
        Case(path: "/%6Detrics", status: 200, code: nil),
        Case(path: "/%6metrics", status: 404, code: "path-unknown"),
        Case(path: "/v1/trees", caller: .missing, status: 404, code: "path-unknown"),
    ]

    @Test("who may read the metrics", arguments: cases)
    func access(wanted: Case) throws {
        let answer = rig.ask(wanted.path, wanted.method, caller: wanted.caller, isLocal: wanted.isLocal, areMetricsOpen: wanted.isOpen)
        #expect(answer.status == wanted.status)
        #expect(answer.field("allow") == (wanted.status == 405 ? "GET, HEAD" : nil))
        #expect((answer.field("www-authenticate") != nil) == (wanted.status == 401))
        guard let code = wanted.code else {
            #expect("\(answer.contentType)" == "text/plain; version=0.0.4; charset=utf-8" && !answer.body.isEmpty)
            return
        }
        let body = try #require(try answer.json as? [String: String])
        #expect("\(answer.contentType)" == "application/json" && body["code"] == code && body["error"]?.hasSuffix(".") == true)
    }

    static let doors: [(String, ControlRequest.Method, Scopes)] = [
        ("/metrics", .get, .view), ("/api/v1", .get, .view), ("/api/v1/routes", .get, .view), ("/api/v1/routes/trees", .get, .view),
        ("/api/v1/routes/trees/revisions", .get, .view), ("/api/v1/routes/trees/revisions", .post, .adjust),
        ("/api/v1/routes/trees/revisions/1", .get, .view), ("/api/v1/routes/trees/report", .get, .view),
        ("/api/v1/routes/trees/faults", .get, .view), ("/api/v1/routes/trees/faults", .post, .adjust), ("/api/v1/routes/trees/faults", .delete, .adjust),
        ("/api/v1/routes/trees/breakers", .get, .view), ("/api/v1/routes/trees/breakers/old/release", .post, .adjust),
    ]

    @Test("each resource takes its scope and no other opens it", arguments: doors)
    func scopes(door: (path: String, method: ControlRequest.Method, scope: Scopes)) throws {
        try rig.serve()
        func status(_ caller: ControlRequest.Caller) -> Int { rig.ask(door.path, door.method, ifMatch: "*", caller: caller).status }
        #expect(status(.missing) == 401 && status(.unknown) == 401)
        #expect(status(AdminRig.holder(Scopes.all.subtracting(door.scope))) == 403)
        // A POST without a body is let in, and then has a fault of its own.
        #expect(status(AdminRig.holder(door.scope)) == (door.method == .post ? 400 : 200))
    }

    @Test("a token for one route sees that one alone")
    func oneRoute() throws {
        try rig.serve()
        let lakes = AdminRig.holder([.view, .adjust], route: "lakes")
        let routes = try #require(try rig.ask("/api/v1/routes", caller: lakes).json["routes"] as? [[String: Any]])
        #expect(routes.map { $0["route"] as? String } == ["lakes"])
        #expect(rig.ask("/api/v1/routes/lakes/revisions", caller: lakes).status == 200)
        for path in ["/api/v1/routes/trees", "/api/v1/routes/trees/faults", "/api/v1/routes/trees/breakers", "/api/v1/routes/trees/revisions", "/api/v1/routes/trees/report", "/api/v1/routes/nothing"] {
            #expect(rig.ask(path, caller: lakes).code == "route-forbidden")
        }
        #expect(rig.ask("/api/v1/routes/trees/revisions", .post, ifMatch: "*", caller: lakes).code == "route-forbidden")
    }

    @Test("the list of resources names each with its methods and their scopes")
    func resources() throws {
        let list = try #require(try rig.ask("/api/v1").json["resources"] as? [[String: Any]])
        let methods = Dictionary(uniqueKeysWithValues: list.map { ($0["path"] as? String ?? "", $0["methods"] as? [String: String]) })
        #expect(methods["/api/v1/routes/{route}/revisions"] == ["GET": "view", "POST": "adjust"])
        #expect(methods["/api/v1/routes/{route}/faults"] == ["GET": "view", "POST": "adjust", "DELETE": "adjust"])
        #expect(methods["/metrics"] == ["GET": "view"] && methods.count == 12)
    }

    @Test("routes are those of the plan in force")
    func routes() throws {
        #expect(try rig.ask("/api/v1/routes").json["routes"] as? [String] == [])
        #expect(rig.ask("/api/v1/routes/trees").code == "route-unknown")
        try rig.serve()
        let routes = try #require(try rig.ask("/api/v1/routes").json["routes"] as? [[String: Any]])
        #expect(routes.map { $0["route"] as? String } == ["lakes", "trees"])
        let answer = rig.ask("/api/v1/routes/trees")
        let route = try answer.json
        #expect(answer.field("etag") == "\"7\"" && route["revision"] as? Int == 7 && route["path"] as? String == "/v1/trees")
        #expect(route["unit"] as? [String: String] == ["header": "x-user-id"])
        let variants = try #require(route["variants"] as? [[String: Any]])
        #expect(variants.map { $0["name"] as? String } == ["old", "new"] && variants.map { $0["share"] as? Double } == [0.5, 0.5])
        #expect(variants.map { $0["runs"] as? String } == ["inline", "inline"] && variants.map { $0["workers"] as? Int } == [0, 0])
        #expect(variants.allSatisfy { $0["runs_because"] as? String == "given" && $0["row_us"] == nil })
        #expect(rig.ask("/api/v1/routes/trees?deep=1").code == "parameter-unknown")
    }

    /// Samples of an exposition by name and labels; fails on a line that is none.
    private func samples() throws -> [String: Double] {
        let text = String(decoding: rig.ask("/metrics").body, as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("# ") {
            let match = try #require(line.wholeMatch(of: #/([a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (\S+)/#), "\(line)")
            #expect(samples.updateValue(try #require(Double(match.2), "\(line)"), forKey: String(match.1)) == nil, "twice: \(line)")
        }
        return samples
    }

    @Test("metrics tell what was counted, what is in force and what the process is")
    func metrics() throws {
        #expect(try samples()["weir_plan_generation"] == 0)
        let state = try rig.serve(generation: 41)
        let plan = state.plans.plan
        plan.routes[0].variants[1].meters[0].answered(
            status: .s200, reason: .assigned, rows: 3, latency: 1_000_000, queue: 0, model: 1_000)
        plan.routes[0].meters[0].answered(.s401)
        let samples = try samples()
        #expect(samples["weir_plan_generation"] == 41 && samples["weir_routes"] == 2 && samples["weir_models_loaded"] == 1)
        #expect(samples[#"weir_build_info{version="1.2.3"}"#] == 1)
        #expect(samples[#"weir_requests_total{route="trees",variant="new",code="200"}"#] == 1)
        #expect(samples[#"weir_requests_total{route="trees",variant="",code="401"}"#] == 1)
        #expect(samples[#"weir_rows_total{route="trees",variant="new"}"#] == 3)
        state.publish(try PlanRig.plan([], generation: 42))
        #expect(try self.samples()["weir_plan_generation"] == 42)
    }

    @Test("the figures of the process are plausible")
    func process() throws {
        let samples = try samples()
        let resident = try #require(samples["process_resident_memory_bytes"])
        #expect((1e6...1e11).contains(resident))
        #expect(try #require(samples["process_open_fds"]) >= 3)
        #expect(try #require(samples["process_cpu_seconds_total"]) > 0)
        // After this was written, and not in the future.
        let start = try #require(samples["process_start_time_seconds"])
        #expect((1_700_000_000...Double(MonotonicTime.wallMilliseconds()) / 1_000 + 1).contains(start))
    }
}
