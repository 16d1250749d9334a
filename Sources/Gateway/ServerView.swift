package import Metrics
package import Primitives
import Reactor
package import Routing
import Synchronization

/// What the control plane can see of a running server, and ask of it.
package final class ServerView: @unchecked Sendable {
    // Set once, before any thread that reads it is started.
    private var state: ServerState?
    private let cells: CellRegistry
    private let recording: Recording?
    private let log: LogLines?
    private let standings: @Sendable () -> [ServedShadow]
    /// Whether faults for practice may crash this server; otherwise such a fault does nothing.
    package let allowsCrashFaults: Bool
    /// What became of the workers before this one.
    package let history: WorkerHistory
    private let crashFacts = Mutex<[CrashFact]>([])

    /// - Parameters:
    ///   - recording: what keeps the records; nil where nothing is recorded.
    ///   - shadows: where they stand at the moment; none where nothing shadows.
    ///   - log: where log lines go; nil where there is no log.
    ///   - history: what the supervisor tells of workers before this one.
    init(
        cells: CellRegistry, recording: Recording? = nil, shadows: @escaping @Sendable () -> [ServedShadow] = { [] }, log: LogLines? = nil,
        allowsCrashFaults: Bool = false, history: WorkerHistory = WorkerHistory()
    ) {
        self.cells = cells
        self.recording = recording
        standings = shadows
        self.log = log
        self.allowsCrashFaults = allowsCrashFaults
        self.history = history
    }

    /// The variants that the worker before this one died in. Any thread.
    package var crashes: [CrashFact] { crashFacts.withLock { $0 } }

    func noteCrashes(_ facts: [CrashFact]) {
        crashFacts.withLock { $0 = facts }
    }

    /// What became of what was to be recorded.
    package var recordingFigures: RecordingFigures {
        var figures = recording?.figures(cells.snapshot()) ?? RecordingFigures()
        figures.revisions = Dictionary(routes.map { ($0.name, UInt64($0.revision)) }) { $1 }
        figures.logLinesLost = log?.linesLost ?? 0
        return figures
    }

    /// Where the shadows of all routes stand, by route and name. Any thread but a reactor's.
    var shadows: [ServedShadow] { standings() }

    func attach(_ state: ServerState) {
        self.state = state
    }

    /// All counters, merged over the reactors.
    package func counters() -> Snapshot { cells.snapshot() }

    /// Generation, routes and models of the plan in force.
    package var plan: (generation: UInt64, routes: Int, models: Int) {
        guard let plan = state?.plans.plan else { return (0, 0, 0) }
        return (plan.generation, plan.routeCount, plan.modelCount)
    }

    /// What the plan in force was made of.
    var parts: [RouteParts] { state?.plans.plan.parts ?? [] }

    /// The routes of the plan in force, by name.
    package var routes: [ServedRoute] {
        parts.map(ServedRoute.init).sorted { $0.name < $1.name }
    }

    /// The route of that name in the plan in force; nil when it is not served.
    package func route(named name: String) -> ServedRoute? {
        parts.first { $0.name == name }.map(ServedRoute.init)
    }

    /// Has a plan made of what the ledger says now, and waits until it is published: a request that is read after that is answered by it.
    ///
    /// - Returns: false when that did not come about within `patience`; the server follows by itself as soon as it can.
    package func followLedger(within patience: Nanoseconds) -> Bool {
        // Without a descriptor for the answer there is nothing to wait with; the server looks five times a second anyway.
        guard let state, !state.isDraining, let done = try? Mailbox<Bool>(), let poller = try? Poller() else { return false }
        guard poller.add(done.number, .read, token: 0) else { return false }
        state.bell.post(done)
        _ = poller.wait(timeout: patience)
        return done.take().last ?? false
    }
}

/// One route of the plan in force.
package struct ServedRoute: Sendable {
    package let name: String
    package let path: String
    /// Where the unit key comes from.
    package let unit: UnitSource
    package let revision: UInt32
    package let split: Split
    /// Where each variant's model runs, by the variant's name.
    package let models: [String: ServedModel]

    init(_ parts: RouteParts) {
        name = parts.name
        path = parts.path
        unit = parts.unit
        revision = parts.revision
        split = parts.split
        models = Dictionary(parts.variants.map { ($0.name, ServedModel($0.lanes)) }) { $1 }
    }
}

/// Where one model of the plan in force runs.
package struct ServedModel: Sendable {
    /// `inline` or `workers`.
    package let place: String
    /// `measured`, `pinned`, `moved` or `given`: see ``Placement/Reason``.
    package let reason: String
    /// Time of one row alone, as measured before it served; nil when it was not.
    package let row: Nanoseconds?
    /// Threads of its own; 0 on the reactors.
    package let workers: Int

    init(_ lanes: LaneSet) {
        let placement = lanes.placement
        place = placement.place.rawValue
        reason = placement.reason.rawValue
        row = placement.row
        workers = lanes.workers
    }
}
