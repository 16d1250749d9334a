import Glibc
import Ledgers
package import Logging
import Primitives
import Processes
import Reactor
import TLS

/// The process that outlives its workers: owns the listening sockets, the ticket keys and the lock of the state folder, and sees to it that
/// one worker answers. It loads no model, reads nothing from clients and opens no ledger: there is little in it that could crash.
///
/// One thread, the main one; its children die with it.
package final class Supervisor {
    let configuration: ServerConfiguration
    let program: Program
    let logger: Logger
    let log: LogLines
    let poller: Poller
    let lock: StateLock
    let data: Listener
    let control: Listener
    let tickets: TicketKeys
    /// Reactors of every worker.
    let reactors: Int
    var history: WorkerHistory
    var pace: RestartPace
    /// By the number that is their token in the poller.
    var workers: [UInt64: WorkerProcess] = [:]
    /// What the last worker that died left in its slots, until a worker has looked at it.
    var deadSlots: ThreadSlots?
    /// When the worker that died is to be replaced.
    var restartAt: Instant?
    /// A program that is asked whether it would take over, and until when it may answer.
    var candidate: (child: Child, until: Instant)?
    /// Whether any worker was ever ready: until then a failure is the operator's to see, not to be tried again.
    var hasServed: Bool
    var isStopping = false
    /// How the last worker ended when its end is the server's.
    var lastWords: Ending?
    private let signals: Signals
    private var nextNumber: UInt64 = 1

    /// How the whole server is to end.
    struct Ending: Equatable {
        var code: Int32
        /// In words, where the worker has not said it itself.
        var reason: String?
    }

    /// Tokens of the poller beside the workers', which are even for their end and odd for what they say.
    static let signalToken: UInt64 = 0
    static let candidateToken: UInt64 = 1

    /// Opens the sockets and takes the lock; or takes all of it over, when this program was put in the place of another.
    ///
    /// - Throws: `ServerError` and the edges' errors; each says what to do.
    package init(_ configuration: ServerConfiguration, program: Program, logger: Logger, log: LogLines) throws {
        self.configuration = configuration
        self.program = program
        self.logger = logger
        self.log = log
        signals = try Signals()
        poller = try Poller()
        _ = ProcessLimits.raiseDescriptors()
        if let handover = try program.handover() {
            (reactors, tickets, history) = (handover.reactors, handover.tickets, handover.history)
            pace = RestartPace(streak: handover.streak)
            lock = StateLock(adopting: handover.lock)
            data = try Listener(adopting: handover.data, host: Listener.host(of: configuration.listen))
            control = try Listener(adopting: handover.control, host: Listener.host(of: configuration.control))
            hasServed = true
            try adopt(handover)
        } else {
            reactors = configuration.reactorCount
            (history, pace, tickets) = (WorkerHistory(), RestartPace(), try TicketKeys())
            lock = try Self.lock(configuration)
            data = try Listener(address: configuration.listen)
            control = try configuration.openControl()
            hasServed = false
        }
        _ = poller.add(signals.number, .read, token: Self.signalToken)
    }

    /// Takes the lock of the state folder. A supervisor that was killed takes its worker along, but not in the same instant.
    private static func lock(_ configuration: ServerConfiguration) throws -> StateLock {
        let poller = try Poller()
        return try StateLock(StateFolder(path: configuration.state)) { attempt in
            _ = poller.wait(timeout: SupervisionLimits.lockPause)
            return attempt < SupervisionLimits.lockAttempts
        }
    }

    /// Supervises until SIGTERM or SIGINT, then waits until the workers have drained.
    ///
    /// - Parameter announce: called once, when the first worker is ready, with the addresses of both planes and the number of routes.
    /// - Returns: the code to end with. A worker that refused to start has said why.
    /// - Throws: `ServerError` when the first worker cannot be started, or dies before it is ready.
    package func run(announce: (_ data: String, _ control: String, _ routes: Int) -> Void) throws -> Int32 {
        try begin()
        while true {
            let count = poller.wait(timeout: timeout())
            var ready: Int?
            for index in 0..<count { ready = handle(poller.event(index).token) ?? ready }
            expire(MonotonicTime.now())
            if let ready, !hasServed {
                hasServed = true
                announce("\(data.host):\(data.port)", "\(control.host):\(control.port)", ready)
            }
            log.follow()
            log.flush()
            guard let ending = ending() else { continue }
            if let reason = ending.reason { throw ServerError.failed(reason) }
            return ending.code
        }
    }

    /// The number of a new worker.
    func takeNumber() -> UInt64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    func worker(_ role: WorkerProcess.Role) -> WorkerProcess? {
        workers.values.first { $0.role == role }
    }

    // MARK: - Events

    /// Returns the number of routes when a worker became ready.
    private func handle(_ token: UInt64) -> Int? {
        switch token {
        case Self.signalToken: while let order = signals.next() { obey(order) }
        case Self.candidateToken: judgeCandidate()
        default:
            guard let worker = workers[token / 2] else { return nil }
            let routes = listen(to: worker)
            if token % 2 == 0 { bury(worker, number: token / 2) }
            return routes
        }
        return nil
    }

    private func obey(_ order: Signals.Order) {
        switch order {
        case .reload: worker(.current)?.child.signal(SIGHUP)
        case .renew: askCandidate()
        case .stop:
            guard !isStopping else { return }
            isStopping = true
            restartAt = nil
            for worker in workers.values { end(worker, by: SIGTERM) }
        }
    }

    /// Asks a worker to leave, and gives it the time that it promised to need.
    func end(_ worker: WorkerProcess, by signal: Int32) {
        worker.patienceEnds = MonotonicTime.now().advanced(by: configuration.limits.drain + SupervisionLimits.drainGrace)
        worker.child.signal(signal)
    }

    // MARK: - Time

    private func timeout() -> Nanoseconds? {
        let moments = [restartAt, candidate?.until] + workers.values.map(\.patienceEnds)
        return moments.compactMap(\.self).min().map { $0.since(MonotonicTime.now()) }
    }

    private func expire(_ now: Instant) {
        for worker in workers.values where worker.patienceEnds.map({ $0 <= now }) == true {
            worker.patienceEnds = nil
            logger.error("worker out of time", metadata: ["pid": "\(worker.child.pid)", "role": "\(worker.role)"])
            worker.child.signal(SIGKILL)
        }
        if let candidate, candidate.until <= now { candidate.child.signal(SIGKILL) }
        guard let due = restartAt, due <= now else { return }
        restartAt = nil
        replace()
    }
}

/// The bounds of supervision: each with its unit, its reason and the answer when it is exceeded.
enum SupervisionLimits {
    /// Looks at a lock that another process holds, and the pause between two: together 2 s. Then the state folder counts as served.
    static let lockAttempts = 80
    static let lockPause: Nanoseconds = .milliseconds(25)

    /// What a worker may need beyond its drain: the last round of the books, which may wait for another program's transaction. Then it is killed.
    static let drainGrace: Nanoseconds = .seconds(15)

    /// How long new code may load models before it answers. Then it is killed, and the old code goes on.
    static let renewalPatience: Nanoseconds = .seconds(120)

    /// How long a program may take to say whether it would take over. Then it is killed, and would not.
    static let questionPatience: Nanoseconds = .seconds(10)
}
