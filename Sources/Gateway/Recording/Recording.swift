import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Recordings
import Synchronization

/// Everything that keeps records beside the reactors: the counters' files, and the threads that store outcomes and predictions and keep the
/// books. Each thread has a connection to the ledger of its own, so that none waits for another's reading.
final class Recording: @unchecked Sendable {
    // `threads` belongs to the main thread, which starts and stops; all else is Sendable.
    let recorder: Recorder
    let desk: OutcomeDesk
    let rings: [PredictionRing]
    let shadows: ShadowDesk
    private let log: PredictionLog
    private let keeper: Keeper
    private let outcomeLedger: Ledger
    private let logger: Logger
    private var threads: [Thread.Handle] = []

    /// Seconds that a transaction waits for another process's. Short, because the others of this process wait behind it: clients with outcomes
    /// are to be told soon to come back, and what else waits is tried again by itself.
    private static let patience = 1.0

    /// Opens the ledgers and makes the rings; nothing runs before `start`.
    init(_ recorder: Recorder, _ folder: StateFolder, _ turn: WriterTurn, reactors: Int, limits: GatewayLimits, library: String, logger: Logger) throws {
        self.recorder = recorder
        self.logger = logger
        desk = try OutcomeDesk()
        // The control plane's loop has one too, which stays empty.
        rings = (0...reactors).map { _ in PredictionRing(reactors: reactors) }
        shadows = try ShadowDesk(reactors: reactors, logger: logger) { poller in
            ShadowLauncher(program: "/proc/self/exe", library: library, bytes: limits.quarantineBytes, poller: poller)
        }
        outcomeLedger = try Ledger(folder, busyTimeout: Self.patience, turn: turn, now: .now)
        log = try PredictionLog(rings: rings, shadows: shadows.judge, ledger: try Ledger(folder, busyTimeout: Self.patience, turn: turn, now: .now), logger: logger)
        keeper = try Keeper(recorder, ledger: try Ledger(folder, busyTimeout: Self.patience, turn: turn, now: .now), desk: desk, limits: limits, logger: logger)
    }

    func start(_ state: ServerState) throws(SystemError) {
        shadows.follow(state.plans.plan)
        threads = [try desk.start(outcomeLedger, state, logger, shadows: shadows), try shadows.start(), try log.start(), try keeper.start()]
    }

    /// Stops in an order in which nothing is lost: first who adds, then who adds up. Call it when no reactor runs any more.
    func stop() {
        // Each leaves something to the next: outcomes to shadows, examples to the log, everything to the books.
        for (thread, stop) in zip(threads, [desk.stop, shadows.stop, log.stop, keeper.stop]) {
            stop()
            thread.join()
        }
    }

    /// The figures of a scrape.
    func figures(_ snapshot: Snapshot) -> RecordingFigures {
        let counted = desk.counted
        let now = MonotonicTime.wallMilliseconds()
        let age = { (moment: UInt64?) in moment.map { Nanoseconds.milliseconds(now > $0 ? now - $0 : 0) } }
        var figures = RecordingFigures()
        figures.outcomes = counted.counts
        figures.outcomesRefused = counted.refused
        figures.outcomeCommits = counted.commits
        figures.outcomeQueue = desk.waiting
        figures.exposures = snapshot.variants.map {
            ExposureTotals(route: $0.route, variant: $0.variant, rows: $0.exposedRows)
        }
        figures.exposuresUncounted = snapshot.reactors[.exposuresUncounted]
        figures.predictionsLogged = log.count
        figures.predictionsDropped = snapshot.reactors[.recordsDropped]
        figures.recorderBytes = UInt64(recorder.bytes)
        figures.isRecorderInMemory = recorder.isInMemory
        figures.checkpointAge = age(keeper.lastCheckpoint)
        figures.foldLag = age(keeper.lastFold)
        figures.isLedgerUp = counted.isLedgerUp
        figures.shadowOutcomesLost = shadows.truthsLost
        return figures
    }
}
