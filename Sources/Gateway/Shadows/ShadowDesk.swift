import Breakers
import Ledgers
import Logging
import Metrics
import Primitives
import Processes
import Reactor
import Shadowing
import Synchronization
import TLS

/// The thread that shadows are run and compared on: empties the reactors' rings, hands copies to shadows' processes, and counts what comes of them.
///
/// It runs only when no other thread wants the CPU, as its shadows do (sched(7), SCHED_IDLE): a thread that answers never waits until this one has
/// used up its slice. When it gets no CPU, rings fill up, and copies are dropped and counted. So nobody may ever wait for it: what others
/// hand over goes through queues without locks, and what they want to know they take if it is free, else they take what they knew.
final class ShadowDesk: Sendable {
    let rings: [CopyRing]
    let judge = ShadowJudge()
    private let hosting: @Sendable (Bell) -> any ShadowHosting
    private let logger: Logger
    /// Rung by who hands something over, and by shadows' processes.
    private let bell: Bell
    /// From the thread that makes plans.
    private let orders = ObjectQueue<Order>(capacity: ShadowLimits.queuedOrders)
    /// From the thread that stores outcomes.
    private let truths = ObjectQueue<Truths>(capacity: ShadowLimits.queuedGroups)
    private let truthsWaiting = Atomic(0)
    private let lost = Atomic<UInt64>(0)
    private let now = Mutex<[ServedShadow]>([])
    /// What was read of `now` last; this thread does not touch it.
    private let shown = Mutex<[ServedShadow]>([])

    /// What the thread that makes plans asks of it.
    private final class Order: Sendable {
        /// The leases of a plan that is about to be published; nil: to end.
        let leases: [ShadowLease]?

        init(_ leases: [ShadowLease]?) { self.leases = leases }
    }

    /// Label outcomes of one commit.
    private final class Truths: Sendable {
        let list: [ShadowTruth]

        init(_ list: [ShadowTruth]) { self.list = list }
    }

    /// - Parameter hosting: starts shadows' processes, which ring the bell.
    init(reactors: Int, logger: Logger, hosting: @escaping @Sendable (Bell) -> any ShadowHosting) throws(SystemError) {
        // The control plane's loop has one too, which stays empty.
        rings = (0...reactors).map { _ in CopyRing() }
        bell = try Bell()
        self.hosting = hosting
        self.logger = logger
    }

    deinit {
        bell.shut()
    }

    /// Takes up a plan's shadows: called before the plan is published, so that every copy's set is known when the copy comes.
    func follow(_ plan: Plan) {
        hand(Order(plan.parts.compactMap(\.shadows)))
    }

    /// Ends the thread. Call it when no reactor runs any more.
    func stop() {
        hand(Order(nil))
    }

    /// Plans are rare; where this thread has no CPU for so many of them, the next one waits until it has.
    private func hand(_ order: Order) {
        while !orders.push(order) { Thread.giveWay() }
        bell.ring()
    }

    /// Takes outcomes that were committed.
    func take(_ list: [ShadowTruth]) {
        guard !list.isEmpty else { return }
        guard truthsWaiting.load(ordering: .relaxed) + list.count <= ShadowLimits.queuedTruths, truths.push(Truths(list)) else {
            lost.add(UInt64(list.count), ordering: .relaxed)
            return
        }
        truthsWaiting.add(list.count, ordering: .relaxed)
        bell.ring()
    }

    /// Outcomes that no shadow was scored by, for want of room. Any thread.
    var truthsLost: UInt64 { lost.load(ordering: .relaxed) }

    /// Where the shadows stand. Any thread.
    var standings: [ServedShadow] {
        let fresh = now.withLockIfAvailable { $0 }
        return shown.withLock { shown in
            if let fresh { shown = fresh }
            return shown
        }
    }

    /// Starts the thread; `stop` ends it when every copy is counted.
    func start() throws(SystemError) -> Thread.Handle {
        let poller = try Poller()
        _ = poller.add(bell.number, .read, token: 0)
        let box = PollerBox(poller)
        return try Thread.start("weir-shadows") { [self] in
            // Refused, it steps back by its shadows alone.
            try? ProcessSelf.setIdlePriority()
            run(box)
        }
    }

    private func run(_ box: PollerBox) {
        var work = ShadowWork(rings: rings, hosting: hosting(bell), judge: judge, logger: logger)
        var end: Instant?
        var pause = ShadowLimits.pause.lowerBound
        var nextLook = Instant(nanoseconds: 0)
        while true {
            _ = box.poller.wait(timeout: end != nil || work.isNeeded ? pause : nil)
            bell.clear()
            let moment = MonotonicTime.now()
            while let order = orders.pop() {
                if let leases = order.leases { work.follow(leases, now: moment) } else { end = moment.advanced(by: ShadowLimits.drain) }
            }
            while let group = truths.pop() {
                work.take(group.list, now: moment)
                truthsWaiting.subtract(group.list.count, ordering: .relaxed)
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
