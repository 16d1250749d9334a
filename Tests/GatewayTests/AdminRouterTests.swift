import Admin
import Metrics
import Reactor
import Testing

@testable import Gateway

@Suite("the control plane") struct AdminRouterTests {
    private let cells = CellRegistry(reactors: 1)
    private let view: ServerView

    init() throws {
        view = ServerView(cells: cells, log: try LogLines(to: KeptOutput(), version: "1.2.3"))
    }

    private func answer(
        _ path: String = "/metrics", _ method: String = "GET", token: ControlRequest.Token = .view, areMetricsOpen: Bool = false
    ) -> ControlAnswer {
        AdminRouter(view: view, version: "1.2.3", areMetricsOpen: areMetricsOpen)
            .answer(ControlRequest(method: method, path: path, query: "", token: token))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var path = "/metrics"
        var method = "GET"
        let token: ControlRequest.Token
        let isOpen: Bool
        let status: Int
        let code: String?

        var testDescription: String { "\(method) \(path), token \(token), open \(isOpen): \(status)" }
    }

    static let cases: [Case] = [
        Case(token: .missing, isOpen: false, status: 401, code: "token-missing"),
        Case(token: .unknown, isOpen: false, status: 401, code: "token-unknown"),
        Case(token: .other, isOpen: false, status: 403, code: "scope-missing"),
        Case(token: .view, isOpen: false, status: 200, code: nil),
        Case(token: .missing, isOpen: true, status: 200, code: nil),
        Case(token: .unknown, isOpen: true, status: 200, code: nil),
        Case(token: .other, isOpen: true, status: 200, code: nil),
        Case(method: "HEAD", token: .view, isOpen: false, status: 200, code: nil),
        Case(method: "HEAD", token: .missing, isOpen: false, status: 401, code: "token-missing"),
        Case(method: "POST", token: .view, isOpen: true, status: 405, code: "method-not-allowed"),
        Case(method: "DELETE", token: .missing, isOpen: false, status: 405, code: "method-not-allowed"),
        Case(method: "get", token: .view, isOpen: true, status: 405, code: "method-not-allowed"),
        Case(path: "/", token: .view, isOpen: true, status: 404, code: "path-unknown"),
        Case(path: "/metrics/", token: .view, isOpen: true, status: 404, code: "path-unknown"),
        Case(path: "/Metrics", token: .view, isOpen: true, status: 404, code: "path-unknown"),
        Case(path: "/v1/trees", token: .missing, isOpen: false, status: 404, code: "path-unknown"),
    ]

    @Test("who may read what", arguments: cases)
    func access(wanted: Case) throws {
        let answer = answer(wanted.path, wanted.method, token: wanted.token, areMetricsOpen: wanted.isOpen)
        #expect(answer.status == wanted.status)
        guard let code = wanted.code else {
            #expect("\(answer.contentType)" == "text/plain; version=0.0.4; charset=utf-8" && !answer.body.isEmpty)
            return
        }
        let body = try #require(try Rig.json(answer.body) as? [String: String])
        #expect("\(answer.contentType)" == "application/json" && body["code"] == code && body["error"]?.hasSuffix(".") == true)
    }

    /// Samples of an exposition by name and labels; fails on a line that is none.
    private func samples() throws -> [String: Double] {
        let text = String(decoding: answer().body, as: UTF8.self)
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
        let lanes = try Rig.lanes()
        let plan = try PlanRig.plan([try PlanRig.parts(lanes: [("one", lanes), ("two", lanes)], cells: cells)], generation: 41)
        let state = ServerState(
            plan: plan, mailboxes: [], controlMailbox: try Mailbox(), cells: cells, connectionsAtMost: 1, controlHandler: { _ in .fault(404, "", "") })
        view.attach(state)
        plan.routes[0].variants[1].meters[0].record(status: .s200, rows: 3, latency: 1_000_000, model: 1_000)
        plan.routes[0].meters[0].answered(.s401)
        let samples = try samples()
        #expect(samples["weir_plan_generation"] == 41 && samples["weir_routes"] == 1 && samples["weir_models_loaded"] == 1)
        #expect(samples[#"weir_build_info{version="1.2.3"}"#] == 1)
        #expect(samples[#"weir_requests_total{route="trees",variant="two",code="200"}"#] == 1)
        #expect(samples[#"weir_requests_total{route="trees",variant="",code="401"}"#] == 1)
        #expect(samples[#"weir_rows_total{route="trees",variant="two"}"#] == 3)
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
