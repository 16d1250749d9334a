import Breakers
import Primitives

/// A prediction that waits for something other than its turn: for a worker that runs its model, or for the end of a practised delay.
///
/// A ticket for a worker outlives the answer: when the deadline passes first, the exchange is answered and gone, and what the worker still finds
/// out about the variant is reported when it is done.
struct Ticket {
    /// nil once it is answered or its client is gone.
    var exchange: ExchangePointer?
    /// What a worker runs; nil for a delay.
    var job: UnsafeMutablePointer<CrewJob>?
    var variant: UnsafePointer<PlanVariant>?
    /// Held until the ticket ends: the variant belongs to its plan.
    var planSlot: UnsafeMutablePointer<PlanSlot>?
    var lease: BreakerLease?
    /// Who is behind it, as breakers tell callers apart.
    var identity: UInt64 = 0
    /// Its caller named the variant: what comes of it tells nothing about the variant's traffic.
    var isOverride = false
    /// What copies for shadows are to be made of when the worker is done: its request was answered before, or its client is gone.
    var copy: CopySource?
    /// The next free ticket.
    var nextFree: Int32 = -1
}

/// The tickets of one reactor, each with a timer. Fixed memory, 100 bytes a ticket.
struct TicketTable: ~Copyable {
    var wheel: TimerWheel
    private let tickets: UnsafeMutablePointer<Ticket>
    private var firstFree: Int32 = 0
    private(set) var count = 0

    init(now: Instant) {
        wheel = TimerWheel(capacity: GatewayLimits.tickets, now: now)
        tickets = .allocate(capacity: GatewayLimits.tickets)
        for index in 0..<GatewayLimits.tickets {
            (tickets + index).initialize(to: Ticket(nextFree: index + 1 < GatewayLimits.tickets ? Int32(index + 1) : -1))
        }
    }

    subscript(index: Int32) -> UnsafeMutablePointer<Ticket> { tickets + Int(index) }

    /// A ticket that nobody has; -1 when all are taken.
    mutating func take() -> Int32 {
        let index = firstFree
        guard index >= 0 else { return -1 }
        firstFree = tickets[Int(index)].nextFree
        count += 1
        return index
    }

    mutating func giveBack(_ index: Int32) {
        wheel.cancel(Int(index))
        tickets[Int(index)] = Ticket(nextFree: firstFree)
        firstFree = index
        count -= 1
    }

    deinit {
        tickets.deallocate()
    }
}
