package import Gateway
package import Ledgers
package import Logging
import Metrics
package import Primitives

/// The control plane's URLs. Health and readiness are answered before a request gets here.
package struct AdminRouter: Sendable {
    let view: ServerView
    /// The control plane's own; used on its thread alone.
    let ledger: Ledger
    let logger: Logger
    let patience: Nanoseconds
    private let version: String
    private let areMetricsOpen: Bool

    /// Everything that can be asked for, by whom. A request's path is compared with the rows from the top.
    static let resources: [Resource] = [
        Resource("/metrics", get: .init(.view, canBeOpen: true, AdminRouter.metrics)),
        Resource("/api/v1", get: .init(.view, AdminRouter.listResources)),
        Resource("/api/v1/routes", get: .init(.view, AdminRouter.listRoutes)),
        Resource("/api/v1/routes/{route}", get: .init(.view, AdminRouter.showRoute)),
        Resource(
            "/api/v1/routes/{route}/revisions", get: .init(.view, AdminRouter.listRevisions), post: .init(.adjust, AdminRouter.makeRevision)),
        Resource("/api/v1/routes/{route}/revisions/{number}", get: .init(.view, AdminRouter.showRevision)),
        Resource("/api/v1/routes/{route}/report", get: .init(.view, AdminRouter.showReport)),
        Resource(
            "/api/v1/routes/{route}/faults", get: .init(.view, AdminRouter.listFaults), post: .init(.adjust, AdminRouter.startFault),
            delete: .init(.adjust, AdminRouter.endFaults)),
        Resource("/api/v1/routes/{route}/shadows", get: .init(.view, AdminRouter.listShadows)),
        Resource("/api/v1/routes/{route}/shadows/{shadow}/promote", post: .init(.adjust, AdminRouter.promoteShadow)),
        Resource("/api/v1/routes/{route}/breakers", get: .init(.view, AdminRouter.listBreakers)),
        Resource("/api/v1/routes/{route}/breakers/{variant}/release", post: .init(.adjust, AdminRouter.releaseVariant)),
    ]

    /// - Parameters:
    ///   - areMetricsOpen: whether `/metrics` is readable without a token, for callers over loopback.
    ///   - patience: what a change may wait until it is in force.
    package init(
        view: ServerView, ledger: Ledger, logger: Logger, version: String, areMetricsOpen: Bool,
        patience: Nanoseconds = GatewayLimits.changePatience
    ) {
        self.view = view
        self.ledger = ledger
        self.logger = logger
        self.version = version
        self.areMetricsOpen = areMetricsOpen
        self.patience = patience
    }

    /// Answers one request.
    package func answer(_ request: ControlRequest) -> ControlAnswer {
        do throws(AdminFault) {
            for resource in Self.resources {
                guard let names = resource.match(request.segments) else { continue }
                guard let action = resource.action(request.method) else {
                    throw .methodNotAllowed(resource.methods.joined(separator: ", "))
                }
                let holder = try admit(request, to: action, route: names["route"])
                return try action.verb(self)(Visit(request: request, names: names, holder: holder))
            }
            throw .pathUnknown
        } catch {
            return error.answer
        }
    }

    /// Who asks, if they may do this; nil where nobody has to say.
    private func admit(_ request: ControlRequest, to action: Resource.Action, route: String?) throws(AdminFault) -> TokenHolder? {
        if action.canBeOpen, areMetricsOpen, request.isLocal { return nil }
        let scope = action.scope.names.joined(separator: " ")
        switch request.caller {
        case .missing: throw .tokenMissing(scope)
        case .unknown: throw .tokenUnknown
        case .holder(let holder):
            guard holder.scopes.isSuperset(of: action.scope) else { throw .scopeMissing(scope) }
            if let only = holder.route, let route, only != route { throw .routeForbidden(only) }
            return holder
        }
    }

    /// Metrics are of all routes, so a token for one is not enough.
    private func metrics(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        if let only = visit.holder?.route { throw .routeForbidden(only) }
        let plan = view.plan
        let process = ProcessFigures.current(version: version, generation: plan.generation, routes: plan.routes, models: plan.models)
        let format = ExpositionFormat(accept: visit.request.accept ?? "")
        let text = PrometheusText.render(
            view.counters(), process, breakers: view.breakers().filter(\.saysSomething).map(\.figures), crews: view.crews,
            shadows: view.shadowStandings, recording: view.recordingFigures, supervision: view.supervisionFigures, format: format)
        return ControlAnswer(status: 200, contentType: format.contentType, body: Array(text.utf8))
    }

    private func listResources(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        return .json(200, ResourceList(resources: Self.resources.map(ResourceList.Entry.init)))
    }
}

/// The body of `GET /api/v1`.
private struct ResourceList: Encodable {
    struct Entry: Encodable {
        let path: String
        /// Method to the scope it takes.
        let methods: [String: String]

        init(_ resource: Resource) {
            path = resource.pattern
            var methods: [String: String] = [:]
            if let get = resource.get { methods["GET"] = get.scope.names.joined(separator: " ") }
            if let post = resource.post { methods["POST"] = post.scope.names.joined(separator: " ") }
            if let delete = resource.delete { methods["DELETE"] = delete.scope.names.joined(separator: " ") }
            self.methods = methods
        }
    }

    let resources: [Entry]
}
