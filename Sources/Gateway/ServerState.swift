import Admission
import Metrics
import Primitives
import Reactor
import Synchronization

/// What the threads of one server share: the plan in force, the mailboxes, and a few words.
final class ServerState: @unchecked Sendable {
    let plans: PlanBox
    let mailboxes: [Mailbox<LoopOrder>]
    let controlMailbox: Mailbox<LoopOrder>
    let cells: CellRegistry
    let connectionsAtMost: Int
    let controlHandler: ControlHandler
    /// Rung by who changed the ledger and waits until that is in force.
    let bell: Mailbox<Mailbox<Bool>>
    /// Takes outcomes from the reactors to the ledger.
    let outcomes: OutcomeDesk
    /// How many predictions the process answers at once.
    let concurrency: ConcurrencyGate

    // Open connections of each reactor, the control loop's last. Fixed memory of atomic words; freed with the state.
    private let counts: UnsafeMutablePointer<Atomic<Int>>
    private let reactorCount: Int
    private let draining = Atomic(false)
    /// Keeps alive what `concurrency` points to.
    private let places = SharedWords()
    private let leaving = Atomic(false)

    /// The control plane gets its own few: nobody should be locked out of it by a flood of clients.
    private static let controlConnections = 256

    init(
        plan: Plan, mailboxes: [Mailbox<LoopOrder>], controlMailbox: Mailbox<LoopOrder>, cells: CellRegistry, limits: GatewayLimits,
        controlHandler: @escaping ControlHandler, bell: Mailbox<Mailbox<Bool>>, outcomes: OutcomeDesk
    ) {
        plans = PlanBox(plan)
        self.mailboxes = mailboxes
        self.controlMailbox = controlMailbox
        self.cells = cells
        connectionsAtMost = limits.connections
        concurrency = ConcurrencyGate(places, limit: limits.concurrency, isEnforced: limits.concurrencyStrictness == .enforce)
        self.controlHandler = controlHandler
        self.bell = bell
        self.outcomes = outcomes
        reactorCount = mailboxes.count
        counts = .allocate(capacity: reactorCount + 1)
        for index in 0...reactorCount { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: reactorCount + 1)
        counts.deallocate()
    }

    /// Whether this worker finishes what it has and takes nothing new.
    var isDraining: Bool { draining.load(ordering: .relaxed) }
    /// Whether new traffic is welcome at this address: also while this worker leaves it to another.
    var isWelcoming: Bool { !isDraining || leaving.load(ordering: .relaxed) }

    /// Tells every reactor to finish by `deadline`. The control plane goes on: somebody may want to watch.
    func drain(by deadline: Instant) {
        draining.store(true, ordering: .relaxed)
        for mailbox in mailboxes { mailbox.post(.drain(deadline)) }
    }

    /// Tells every loop that another worker takes what is new from now on, and to finish what it has by `deadline`.
    func leave(by deadline: Instant) {
        leaving.store(true, ordering: .relaxed)
        draining.store(true, ordering: .relaxed)
        for mailbox in mailboxes { mailbox.post(.leave(deadline)) }
        controlMailbox.post(.leave(deadline))
    }

    /// Publishes a plan and wakes every reactor, so that an idle one lets the old plan go as well.
    func publish(_ plan: Plan) {
        plans.publish(plan)
        for mailbox in mailboxes { mailbox.post(.newPlan) }
        controlMailbox.post(.newPlan)
    }

    /// The reactor with the fewest connections, its place already taken; nil when there are too many connections.
    func homeForConnection(acceptedBy number: Int, isControl: Bool) -> Int? {
        if isControl {
            guard counts[reactorCount].load(ordering: .relaxed) < Self.controlConnections else { return nil }
            counts[reactorCount].add(1, ordering: .relaxed)
            return number
        }
        var home = number
        var fewest = counts[number].load(ordering: .relaxed)
        var total = 0
        for index in 0..<reactorCount {
            let count = counts[index].load(ordering: .relaxed)
            total += count
            if count < fewest { (home, fewest) = (index, count) }
        }
        guard total < connectionsAtMost else { return nil }
        if isDraining { home = number }  // another reactor may have left already
        counts[home].add(1, ordering: .relaxed)
        return home
    }

    func connectionEnded(reactor: Int, isControl: Bool) {
        counts[isControl ? reactorCount : reactor].subtract(1, ordering: .relaxed)
    }
}
