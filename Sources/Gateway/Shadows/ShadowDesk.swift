import Breakers
import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Shadowing
import Synchronization
import TLS

/// The thread that shadows are run and compared on: empties the reactors' rings, hands copies to shadows' processes, and counts what comes of them.
///
/// Nobody waits for it. It steps back behind every other thread; when it gets no CPU, rings fill up, and copies are dropped and counted.
final class ShadowDesk: Sendable {
    let rings: [CopyRing]
    let judge = ShadowJudge()
    private let orders: Mailbox<Order>
    private let hosting: @Sendable (Bell) -> any ShadowHosting
    private let logger: Logger
    private let now = Mutex<[ServedShadow]>([])
    private let truthsWaiting = Atomic(0)
    private let lost = Atomic<UInt64>(0)

    /// What other threads ask of it.
    private enum Order: Sendable {
        /// A plan is about to be published; its leases.
        case follow([ShadowLease])
        /// Label outcomes that were stored.
        case truths([ShadowTruth])
        case stop
    }

    /// How far it steps back behind threads that answer (nice(2)). Not at idle priority as the shadows themselves: it holds locks now and then, for
    /// some instructions, that other threads want.
    private static let niceness: Int32 = 19

    /// - Parameter hosting: starts shadows' processes, which ring the bell.
    init(reactors: Int, logger: Logger, hosting: @escaping @Sendable (Bell) -> any ShadowHosting) throws(SystemError) {
        // The control plane's loop has one too, which stays empty.
        rings = (0...reactors).map { _ in CopyRing() }
        orders = try Mailbox()
        self.hosting = hosting
        self.logger = logger
    }

    /// Takes up a plan's shadows: called before the plan is published, so that every copy's set is known when the copy comes.
    func follow(_ plan: Plan) {
        orders.post(.follow(plan.parts.compactMap(\.shadows)))
    }

    /// Takes outcomes that were committed; one thread's.
    func take(_ truths: [ShadowTruth]) {
        guard !truths.isEmpty else { return }
        guard truthsWaiting.load(ordering: .relaxed) + truths.count <= ShadowLimits.queuedTruths else {
            lost.add(UInt64(truths.count), ordering: .relaxed)
            return
        }
        truthsWaiting.add(truths.count, ordering: .relaxed)
        orders.post(.truths(truths))
    }

    /// Outcomes that no shadow was scored by, for want of room. Any thread.
    var truthsLost: UInt64 { lost.load(ordering: .relaxed) }

    /// Where the shadows stand. Any thread.
    var standings: [ServedShadow] { now.withLock { $0 } }

    /// Starts the thread; `stop` ends it when every copy is counted.
    func start() throws(SystemError) -> Thread.Handle {
        let bell = try Bell()
        let poller = try Poller()
        _ = poller.add(orders.number, .read, token: 0)
        _ = poller.add(bell.number, .read, token: 1)
        let box = PollerBox(poller)
        return try Thread.start("weir-shadows", niceness: Self.niceness) { [self] in
            defer { bell.shut() }
            var work = ShadowWork(rings: rings, hosting: hosting(bell), judge: judge, logger: logger)
            var end: Instant?
            var pause = ShadowLimits.pause.lowerBound
            var nextLook = Instant(nanoseconds: 0)
            while true {
                if end != nil || work.isNeeded { _ = box.poller.wait(timeout: pause) } else { _ = box.poller.wait(timeout: nil) }
                bell.clear()
                let moment = MonotonicTime.now()
                for order in orders.take() {
                    switch order {
                    case .follow(let leases): work.follow(leases, now: moment)
                    case .truths(let truths):
                        work.take(truths, now: moment)
                        truthsWaiting.subtract(truths.count, ordering: .relaxed)
                    case .stop: end = moment.advanced(by: ShadowLimits.drain)
                    }
                }
                let isBusy = work.turn(now: moment, wall: MonotonicTime.wallMilliseconds())
                pause = isBusy ? ShadowLimits.pause.lowerBound : min(2 * pause, ShadowLimits.pause.upperBound)
                if moment >= nextLook {
                    nextLook = moment.advanced(by: ShadowLimits.lookPause)
                    now.withLock { $0 = work.standings }
                }
                guard let end, !isBusy || moment >= end else { continue }
                return work.stop()
            }
        }
    }

    /// Ends the thread. Call it when no reactor runs any more.
    func stop() {
        orders.post(.stop)
    }
}

/// A label outcome that was stored, as the ledger took it.
struct ShadowTruth: Sendable {
    let route: String
    /// Name of the outcome.
    let name: String
    let id: PredictionID
    /// Name of the assigned variant.
    let assigned: String
    /// The true class.
    let truth: String
    let isReplacement: Bool
}

/// Where one shadow stands.
struct ServedShadow: Sendable {
    let route: String
    let name: String
    let sha256: String
    /// `down`, `starting` or `running`.
    let process: String
    let pid: Int32?
    /// Copies that wait for it.
    let waiting: Int
    let restarts: UInt64
    let breaker: VariantBreaker
}
