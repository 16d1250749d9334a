package import Gateway
import Metrics

/// The control plane's URLs. Health and readiness are answered before a request gets here.
package struct AdminRouter: Sendable {
    private let view: ServerView
    private let version: String
    private let areMetricsOpen: Bool

    /// - Parameter areMetricsOpen: whether `/metrics` is readable without a token; for a control plane on loopback.
    package init(view: ServerView, version: String, areMetricsOpen: Bool) {
        self.view = view
        self.version = version
        self.areMetricsOpen = areMetricsOpen
    }

    /// Answers one request.
    package func answer(_ request: ControlRequest) -> ControlAnswer {
        switch request.path {
        case "/metrics": metrics(request)
        default: .fault(404, "path-unknown", "The control plane has no such path.")
        }
    }

    /// Why this token may not read; nil when it may.
    private func refusal(_ token: ControlRequest.Token) -> ControlAnswer? {
        switch token {
        case .view: nil
        case .other: .fault(403, "scope-missing", "This needs a token with the scope view.")
        case .unknown: .fault(401, "token-unknown", "The token is not known here, has expired or was revoked.")
        case .missing:
            .fault(401, "token-missing", "This needs a token with the scope view: send the header Authorization: Bearer and your token.")
        }
    }

    private func metrics(_ request: ControlRequest) -> ControlAnswer {
        guard request.method == "GET" || request.method == "HEAD" else {
            return .fault(405, "method-not-allowed", "Metrics are read with GET.")
        }
        if !areMetricsOpen, let refusal = refusal(request.token) { return refusal }
        let plan = view.plan
        let process = ProcessFigures.current(version: version, generation: plan.generation, routes: plan.routes, models: plan.models)
        let text = PrometheusText.render(view.counters(), process)
        return ControlAnswer(status: 200, contentType: ExpositionFormat.prometheus.contentType, body: Array(text.utf8))
    }
}
