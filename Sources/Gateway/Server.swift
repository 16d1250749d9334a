import HTTPWire
import Inference
package import Ledgers
package import Logging
import Metrics
import Primitives
import Processes
import Reactor
import RouteFiles
import TLS

/// The composition root of a worker: opens everything but the sockets, which are the supervisor's, starts the threads, watches files and
/// ledger, and stops in order.
package final class Server {
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let log: LogLines
    private let signals: Signals
    private let inheritance: WorkerInheritance
    private let inquest: Inquest
    private let quarantine: Quarantine
    private let view: ServerView
    private let ledger: Ledger
    private let maker: PlanMaker
    private let routesReader: BackgroundReader
    private let state: ServerState
    private let tls: TLSContext
    private let rings: [AccessRing]
    private let recording: Recording
    private let reactors: Int
    private let quarters: CrewQuarters
    private let watchdog: Watchdog

    private let routeCount: Int
    /// The route files as they were before they were read: what changed since then is read again.
    private var seen: Fingerprint

    /// A change of the ledger or of a route file is seen within this time.
    private static let watchPause: Nanoseconds = .milliseconds(200)
    /// With thousands of routes a look takes longer, and so does the pause: looking takes a fiftieth of one CPU at most.
    private static let watchShare: UInt64 = 50

    /// Opens everything that serving needs; nothing is answered before `run`. Call it on the main thread, before any other thread is started.
    ///
    /// - Parameters:
    ///   - inheritance: what the supervisor gave.
    ///   - handler: makes the control plane's handler of what it can see and a ledger of its own.
    /// - Throws: `ServerError` and the edges' errors; each says what to do.
    package init(
        _ configuration: ServerConfiguration, _ inheritance: WorkerInheritance, logger: Logger, log: LogLines, handler: (ServerView, Ledger) -> ControlHandler,
        progress: (String) -> Void
    ) throws {
        self.configuration = configuration
        self.logger = logger
        self.log = log
        self.inheritance = inheritance
        reactors = inheritance.brief.reactors
        signals = try Signals()
        _ = ProcessLimits.raiseDescriptors()
        let folder = StateFolder(path: configuration.state)
        try folder.prepare()
        let turn = WriterTurn()
        ledger = try Ledger(folder, turn: turn, now: .now)
        _ = try ledger.hasChanged()
        tls = try TLSContext(
            certificate: configuration.certificates + "/server.pem", key: configuration.certificates + "/server.key.pem",
            tickets: inheritance.brief.tickets)
        guard let library = configuration.onnxRuntime ?? Engine.find(near: configuration.executable) else {
            throw ServerError.failed("ONNX Runtime is not here: run Sources/build, or set ORT_LIBRARY to libonnxruntime.so")
        }
        let recorder = try Recorder(ledger, nonce: SecureRandom.word(), writers: reactors + 1, logger: logger)
        recorder.recover(into: ledger, isBesideAnother: inheritance.brief.isBesideAnother)
        quarters = try CrewQuarters(reactors: reactors, slots: inheritance.slots)
        // This thread opens the models, in the slot of the control plane's loop, which runs none.
        try inheritance.slots.slot(reactors).bind()
        watchdog = Watchdog(quarters.watchList) { slot in
            logger.critical("a model hangs: it went on after its deadline and the order to end", metadata: ["slot": "\(slot)"])
        }
        let engine = try Engine(library: library)
        quarantine = Quarantine(library: library, runtime: engine.version, limits: configuration.limits, folder: folder.path)
        let loader = RouteLoader(engine: engine, reactors: reactors, quarters: quarters, quarantine: quarantine)
        routesReader = try BackgroundReader(loader.reader, configuration.routes)
        maker = PlanMaker(
            loader: loader, ledger: ledger, recorder: recorder, directory: configuration.routes, reactors: reactors,
            allowsCrashFaults: configuration.allowsCrashFaults)
        seen = Fingerprint.of(configuration.routes)
        let reading = loader.reader.read(configuration.routes, held: try maker.held(), progress: progress)
        inquest = try Inquest(inheritance, reading: reading, ledger: try Ledger(folder, turn: turn, now: .now), logger: logger)
        let plan = try maker.reload(reading, progress: progress)
        recorder.removeOldMaps()
        routeCount = plan.routeCount
        let mailboxes = try (0..<reactors).map { _ in try Mailbox<LoopOrder>() }
        recording = try Recording(recorder, folder, turn, reactors: reactors, limits: configuration.limits, library: library, logger: logger)
        view = ServerView(
            cells: recorder.cells, recording: recording, shadows: { [shadows = recording.shadows] in shadows.standings }, log: log,
            allowsCrashFaults: configuration.allowsCrashFaults,
            history: inheritance.brief.history)
        state = ServerState(
            plan: plan, mailboxes: mailboxes, controlMailbox: try Mailbox(), cells: recorder.cells, limits: configuration.limits,
            controlHandler: handler(view, try Ledger(folder, turn: turn, now: .now)), bell: try Mailbox(), outcomes: recording.desk)
        view.attach(state)
        view.noteCrashes(inquest.facts)
        rings = (0...reactors).map { _ in AccessRing(share: configuration.accessLog) }
    }

    /// Serves until SIGTERM or SIGINT, or until SIGUSR2 says that another worker takes over; then drains.
    package func run() throws {
        let accessLog = try AccessLog(rings: rings, log: log)
        let logThread = try accessLog.start()
        defer {
            accessLog.stop()
            logThread.join()
        }
        let watchdogThread = try watchdog.start()
        try recording.start(state)
        var threads: [Thread.Handle] = []
        let started = try Mailbox<LoopStart>()
        for number in 0..<reactors { threads.append(try start(number, isControl: false, listener: inheritance.data, started)) }
        let controlThread = try start(reactors, isControl: true, listener: inheritance.control, started)
        try awaitStart(of: reactors + 1, started)
        logger.notice(
            "ready",
            metadata: [
                "data": "\(inheritance.data.host):\(inheritance.data.port)", "control": "\(inheritance.control.host):\(inheritance.control.port)",
                "reactors": "\(reactors)",
            ])
        inheritance.report(.ready(routes: routeCount))
        let inquestThread = try inquest.start(quarantine) { [view] in view.noteCrashes($0) }
        defer { inquestThread?.join() }
        let isStop = try watch() == .stop
        logger.notice(isStop ? "stopping" : "leaving", metadata: ["drain_ms": "\(configuration.limits.drain / 1_000_000)"])
        let deadline = MonotonicTime.now().advanced(by: configuration.limits.drain)
        if isStop {
            state.drain(by: deadline)
            // What waits in the backlog is accepted by now.
            _ = try Poller().wait(timeout: GatewayLimits.goAwayPause)
            inheritance.report(.draining)
        } else {
            state.leave(by: deadline)
        }
        for thread in threads { thread.join() }
        state.controlMailbox.post(.drain(MonotonicTime.now()))
        controlThread.join()
        recording.stop()
        watchdog.stop()
        watchdogThread.join()
        logger.notice("stopped")
    }

    private func start(_ number: Int, isControl: Bool, listener: Listener, _ started: Mailbox<LoopStart>) throws -> Thread.Handle {
        let seed = EventLoopSeed(
            number: number, isControl: isControl, allowsCrashFaults: configuration.allowsCrashFaults, quarters: quarters, state: state, listener: listener, tls: tls, ring: rings[number],
            records: recording.rings[number], copies: recording.shadows.rings[number], limits: configuration.limits, meter: state.cells.reactors.meter(reactor: number), nonce: recording.recorder.nonce)
        return try Thread.start(isControl ? "weir-control" : "weir-reactor\(number)") { seed.run(started) }
    }

    /// Waits until every loop runs.
    /// - Throws: `ServerError` when one cannot: a server that lacks a reactor would leave connections unanswered.
    private func awaitStart(of count: Int, _ started: Mailbox<LoopStart>) throws {
        let poller = try Poller()
        _ = poller.add(started.number, .read, token: 0)
        var running = 0
        while running < count {
            _ = poller.wait(timeout: nil)
            for report in started.take() {
                if case .failed(let reason) = report { throw ServerError.failed("a reactor cannot start: \(reason)") }
                running += 1
            }
        }
    }

    // MARK: - Watching

    /// Follows files, ledger and signals until told to stop, or to leave.
    private func watch() throws -> Signals.Order {
        let poller = try Poller()
        _ = poller.add(signals.number, .read, token: 0)
        _ = poller.add(state.bell.number, .read, token: 0)
        _ = poller.add(routesReader.number, .read, token: 0)
        defer { routesReader.stop() }
        var pause = Self.watchPause
        var failures = FailureLog(logger)
        var serving = ServingWriter(StateFolder(path: configuration.state))
        while true {
            let events = poller.wait(timeout: pause)
            var isReload = false
            while events > 0, let order = signals.next() {
                guard order == .reload else { return order }
                isReload = true
            }
            answerBell()
            maker.breakers.tell(logger)
            let before = MonotonicTime.now()
            failures.tell(view.parts, state.cells.reactors.totals(), now: before)
            if let reason = serving.write(view, now: before) {
                logger.error("commands cannot be told where breakers stand", metadata: ["reason": "\(reason)"])
            }
            let now = Fingerprint.of(configuration.routes)
            state.plans.freeRetired()
            recording.shadows.nudge()
            pause = max(Self.watchPause, Self.watchShare * MonotonicTime.now().since(before))
            if isReload || now != seen {
                seen = now
                routesReader.start(held: (try? maker.held()) ?? [])
            }
            if let reading = routesReader.take() {
                replacePlan("routes") { try maker.reload(reading) }
            } else if hasLedgerChanged() || maker.haveModelsMoved(logger) {
                replacePlan("ledger") { try maker.refresh() }
            }
        }
    }

    /// Follows the ledger at once for those who wait for it, and tells them how it went.
    private func answerBell() {
        let waiting = state.bell.take()
        guard !waiting.isEmpty else { return }
        let isFollowed = !hasLedgerChanged() || replacePlan("ledger") { try maker.refresh() }
        for answer in waiting { answer.post(isFollowed) }
    }

    private func hasLedgerChanged() -> Bool {
        do {
            return try ledger.hasChanged()
        } catch {
            logger.error("the ledger cannot be read; the plan stays", metadata: ["reason": "\(error)"])
            return false
        }
    }

    /// Publishes a new plan, or keeps the old one and says why. Returns whether there is a new one.
    @discardableResult
    private func replacePlan(_ source: String, _ make: () throws -> Plan) -> Bool {
        do {
            let plan = try make()
            recording.shadows.follow(plan)
            state.publish(plan)
            logger.notice("plan", metadata: ["generation": "\(plan.generation)", "source": "\(source)", "routes": "\(plan.routeCount)"])
            for trouble in maker.troubles { logger.error("a promotion is not in force", metadata: ["source": "\(source)", "reason": "\(trouble)"]) }
            return true
        } catch ServerError.routes(let complaints) {
            for complaint in complaints { logger.error("the plan stays", metadata: ["source": "\(source)", "reason": "\(complaint)"]) }
        } catch {
            logger.error("the plan stays", metadata: ["source": "\(source)", "reason": "\(error)"])
        }
        return false
    }
}
