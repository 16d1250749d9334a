import Admission
import Contracts
import HTTPWire
import Metrics
import Primitives
import Reactor
import TLS

typealias EventLoopPointer = UnsafeMutablePointer<EventLoop>

/// What other threads ask of a reactor.
enum LoopOrder: Sendable {
    /// Serve this accepted connection.
    case adopt(Int32)
    /// A newer plan was published: wake up and pick it up.
    case newPlan
    /// The outcomes of the request at this address are stored, or cannot be; and what is to be counted of them.
    case outcomes(UInt, OutcomeReply, [OutcomeArrival])
    /// Accept no more, finish what is open, and end by this instant.
    case drain(Instant)
    /// The same, while another worker accepts at the same addresses: nobody out there is to notice.
    case leave(Instant)
}

/// One reactor: a thread's epoll, connections, timers, memory and lanes. Everything in it belongs to that thread; only `Plan`, `Mailbox` and
/// descriptors cross over. Handled by pointer, because callbacks from C come back to it in the middle of its own turn.
struct EventLoop: ~Copyable {
    let number: Int
    /// The control plane's loop has a handler instead of models.
    let isControl: Bool
    /// Whether faults that end the process may be practised.
    let allowsCrashFaults: Bool
    let server: Unmanaged<ServerState>
    let poller: Poller
    let listener: Unmanaged<Listener>
    let tls: Unmanaged<TLSContext>

    let pipe: UnsafeMutablePointer<CipherPipe>
    let cipherIn: UnsafeMutablePointer<UInt8>
    let plainIn: UnsafeMutablePointer<UInt8>
    let plainOut: UnsafeMutablePointer<UInt8>
    let sink: UnsafeMutablePointer<WireSink>
    let limits: UnsafeMutablePointer<GatewayLimits>
    let wireLimits: UnsafeMutablePointer<WireLimits>
    let scratch: UnsafeMutablePointer<H1Scratch>
    let fields: UnsafeMutablePointer<WireField>
    let faults: FaultAnswers
    let rules: H2Rules
    let meter: ReactorMeter
    let log: Unmanaged<AccessRing>
    let records: Unmanaged<PredictionRing>
    /// Where copies for shadows go.
    let copyRing: Unmanaged<CopyRing>
    let predictionNonce: UInt64
    /// How many predictions the process answers at once.
    let concurrency: ConcurrencyGate

    var now: Instant
    var wallMilliseconds: UInt64
    var planSlot: UnsafeMutablePointer<PlanSlot>
    var pool = ExchangePool()
    var wheel: TimerWheel
    var decoder: BodyDecoder
    var rows: RowArena
    var date: DateText
    var sequence: UInt64 = 0
    var bufferedBytes = 0
    /// State of the generator that samples the access log.
    var logDraw: UInt64 = 0
    /// Rows of this turn whose scores and features may still be counted.
    var sketchBudget = 0
    /// The second in which failures were noted last, and how many.
    var failureSecond: UInt64 = 0
    var failuresNoted = 0

    /// Turns predictions away when requests wait too long.
    var shedder: Shedder
    /// When this turn began, and since when what is read in it may have waited.
    var turnStarted: Instant
    var inputSince: Instant
    /// When the socket at hand was read.
    var readAt: Instant
    /// How long the request that comes next had been complete when this turn began; 0 when none was.
    var queueAge: Nanoseconds = 0
    /// Heads of predictions in this turn so far, and in the one before.
    var heads = 0
    var headsBefore = 0

    /// Connections by slot, and the slots that are free.
    let table: UnsafeMutablePointer<ConnectionPointer?>
    var freeSlots: [Int32]
    var connectionCount = 0

    /// Lists threaded through the connections.
    var readyFirst: ConnectionPointer?
    var readyLast: ConnectionPointer?
    var dirty: ConnectionPointer?
    var again: ConnectionPointer?
    var dead: ConnectionPointer?
    /// Requests that wait for something other than their turn, and those whose waiting is over.
    var tickets: TicketTable
    var resumedFirst: ExchangePointer?
    var resumedLast: ExchangePointer?
    /// What workers hand back.
    let completions: CompletionQueue
    /// What others see of this thread while it is inside a model.
    let watched: WatchedThread
    /// Lanes with waiting requests.
    var active: UnsafeMutablePointer<ModelLane>?

    /// Steps of handshakes made in this turn.
    var handshakes = 0

    var isAccepting = true
    var acceptAgainAt: Instant?
    var isDraining = false
    var drainEnds = Instant(nanoseconds: .max)
    /// A drain takes so long at least, for connections that are still on their way from another reactor.
    var drainFloor = Instant(nanoseconds: 0)
    /// How long a connection without a request is kept once the drain has begun.
    var drainPause = GatewayLimits.goAwayPause

    /// Tokens of the poller that are not connections; pointers are larger.
    static let listenerToken: UInt64 = 1
    static let mailboxToken: UInt64 = 2
    static let completionsToken: UInt64 = 3
}

/// Memory for the decoded rows of one turn.
struct RowArena: ~Copyable {
    let slots: UnsafeMutablePointer<Double>
    let capacity: Int
    var used = 0
    var text: TextArena

    /// 64 Ki slots: 512 rows of 128 features. A plan with larger bodies makes it as large as its largest.
    static let slotsAtLeast = 64 * 1_024
    /// Bytes of text features in one turn, beside what one body can bring.
    static let textBytes = 1_024 * 1_024

    init(slotsAtMost: Int, bodyBytes: Int) {
        capacity = max(Self.slotsAtLeast, slotsAtMost)
        slots = .allocate(capacity: capacity)
        let textCapacity = Self.textBytes + bodyBytes
        text = TextArena(bytes: .allocate(capacity: textCapacity), capacity: textCapacity)
    }

    /// Whether a body of `slots` slots and `bytes` bytes fits beside what is there.
    func hasRoom(slots needed: Int, bytes: Int) -> Bool {
        used + needed <= capacity && Int(text.count) + bytes <= Int(text.capacity)
    }

    mutating func clear() {
        used = 0
        text.clear()
    }

    deinit {
        slots.deallocate()
        text.bytes.deallocate()
    }
}

/// The `date` field's value, renewed once a second.
struct DateText: ~Copyable {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: H1Writer.dateBytes)
    private var second: UInt64 = .max

    mutating func renew(_ milliseconds: UInt64) {
        guard milliseconds / 1_000 != second else { return }
        second = milliseconds / 1_000
        MonotonicTime.writeHTTPDate(milliseconds, into: bytes)
    }

    deinit {
        bytes.deallocate()
    }
}

@available(*, unavailable)
extension EventLoop: Sendable {}
