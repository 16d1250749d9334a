import Admin
import Foundation
import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Routing
import Synchronization
import Testing

@testable import Gateway

/// A control plane made of values: the routes trees (old 90, new 10) and lakes (old 1, new 1) in the plan in force and in a ledger.
final class AdminRig {
    let cells = CellRegistry(reactors: 1)
    let view: ServerView
    let ledger: Ledger
    let folder: TestFolder
    let shadows = Shadows()

    /// Where shadows stand, as a test says.
    final class Shadows: Sendable {
        let now = Mutex<[ServedShadow]>([])
    }

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        view = ServerView(cells: cells, shadows: { [shadows] in shadows.now.withLock { $0 } })
        for (name, weights) in [("trees", [90.0, 10]), ("lakes", [1, 1])] {
            _ = try ledger.reconcile(route: name, fileWeights: [NamedWeight("old", weights[0]), NamedWeight("new", weights[1])], now: .now)
        }
    }

    /// Puts a plan in force, as a server does.
    @discardableResult
    func serve(generation: UInt64 = 1) throws -> ServerState {
        let lanes = try Rig.lanes()
        let parts = try ["trees", "lakes"].map { name in
            try PlanRig.parts(name, unit: name == "trees" ? .header("x-user-id") : .none, lanes: [("old", lanes), ("new", lanes)], cells: cells)
        }
        let state = ServerState(
            plan: try PlanRig.plan(parts, generation: generation), mailboxes: [], controlMailbox: try Mailbox(), cells: cells, limits: GatewayLimits(),
            controlHandler: { _ in .fault(404, "", "") }, bell: try Mailbox(), outcomes: try OutcomeDesk())
        view.attach(state)
        return state
    }

    static func holder(_ scopes: Scopes, name: String = "ana", route: String? = nil) -> ControlRequest.Caller {
        .holder(TokenHolder(name: name, scopes: scopes, route: route))
    }

    /// Asks, with a path as it would stand in the request.
    func ask(
        _ target: String, _ method: ControlRequest.Method = .get, body: String = "", ifMatch: String? = nil,
        caller: ControlRequest.Caller = AdminRig.holder([.view, .adjust]), isLocal: Bool = true, areMetricsOpen: Bool = false
    ) -> ControlAnswer {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = ControlRequest(
            method: method, segments: ControlTarget.segments(of: parts[0]), parameters: ControlTarget.parameters(of: parts.count > 1 ? parts[1] : ""),
            body: Array(body.utf8), ifMatch: ifMatch, caller: caller, isLocal: isLocal)
        return AdminRouter(
            view: view, ledger: ledger, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, version: "1.2.3",
            areMetricsOpen: areMetricsOpen, patience: .milliseconds(1)
        ).answer(request)
    }
}

extension ControlAnswer {
    /// A field of the head; nil when it is not there.
    func field(_ name: String) -> String? { fields.first { "\($0.name)" == name }?.value }

    var json: [String: Any] { get throws { try Rig.json(body) } }

    /// The code of an error's body.
    var code: String? { (try? json)?["code"] as? String }
}
