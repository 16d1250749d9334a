import Logging
import Primitives
import Processes
import Reactor
import Synchronization

/// The thread that shadows are run and compared on: empties the reactors' rings, hands copies to shadows' processes, and counts what comes of them.
///
/// It runs only when no other thread wants the CPU, as its shadows do (sched(7), SCHED_IDLE): a thread that answers never waits until this one has
/// used up its slice. When it gets no CPU, rings fill up, and copies are dropped and counted. So nobody should ever wait for it: what others
/// hand over goes through queues without locks, and what they want to know they take if it is free, else they take what they knew. (It writes
/// log lines like everybody else, but only when a process starts or ends or a breaker moves.)
final class ShadowDesk: Sendable {
    let rings: [CopyRing]
    let judge = ShadowJudge()
    private let hosting: @Sendable (PollerBox) -> any ShadowHosting
    private let logger: Logger
    /// Rung by who hands something over; no other process has it.
    private let bell: Bell
    /// From the thread that makes plans.
    private let orders = ObjectQueue<Order>(capacity: ShadowLimits.queuedOrders)
    /// What found no room there. Only that thread's.
    private let backlog = Backlog()
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

    /// The order of orders is kept, also where this thread has no CPU for so many of them.
    private final class Backlog: @unchecked Sendable {
        // Unchecked: one thread's, which also starts and stops the other.
        var orders: [Order] = []
    }

    /// Label outcomes of one commit.
    private final class Truths: Sendable {
        let list: [ShadowTruth]

        init(_ list: [ShadowTruth]) { self.list = list }
    }

    /// - Parameter hosting: starts shadows' processes, which wake the poller.
    init(reactors: Int, logger: Logger, hosting: @escaping @Sendable (PollerBox) -> any ShadowHosting) throws(SystemError) {
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

    /// Ends the thread, once it has taken all orders. Call it when no reactor runs any more: then it has a CPU for that.
    func stop() {
        hand(Order(nil))
        while !backlog.orders.isEmpty {
            Thread.giveWay()
            nudge()
        }
    }

    /// Hands over what found no room before: called now and then by the thread that makes plans.
    func nudge() {
        guard !backlog.orders.isEmpty else { return }
        backlog.orders.removeFirst(backlog.orders.prefix { orders.push($0) }.count)
        bell.ring()
    }

    private func hand(_ order: Order) {
        backlog.orders.append(order)
        nudge()
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
        var work = ShadowWork(rings: rings, hosting: hosting(box), judge: judge, logger: logger)
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
            if moment >= nextLook || !work.isNeeded {
                nextLook = moment.advanced(by: ShadowLimits.lookPause)
                now.withLock { $0 = work.standings }
            }
            guard let end, !isBusy || moment >= end else { continue }
            return work.stop()
        }
    }
}
