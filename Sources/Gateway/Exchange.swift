import Breakers
import HTTPWire
import Primitives

/// One request and its answer, from the first field to the last byte. Lives in pooled memory of its reactor; handed around by pointer.
struct Exchange {
    /// How far it has come.
    enum Stage: UInt8 {
        /// Fields and body arrive.
        case reading
        /// Complete, waiting for its place in a turn.
        case ready
        /// Its rows wait for a model call.
        case running
        /// The answer is with the wire; what still arrives is dropped.
        case answered
    }

    /// What the path leads to.
    enum Endpoint: UInt8 {
        case unknown
        case predict
        case health
        case readiness
        case control
        case outcomes
    }

    enum Method: UInt8 {
        case unknown
        case get
        case head
        case post
        case other
        case delete
    }

    /// What the `Authorization` field was worth.
    enum Authorization: UInt8 {
        case missing
        case refused
        case granted
    }

    let connection: UnsafeMutablePointer<Connection>
    let stream: Int32
    let planSlot: UnsafeMutablePointer<PlanSlot>
    let started: Instant

    var stage = Stage.reading
    var endpoint = Endpoint.unknown
    var method = Method.unknown
    var authorization = Authorization.missing
    /// The first fault found while the fields arrived; `none` so far.
    var fault = RequestFault.none
    var expectsContinue = false
    var hasLength = false
    /// The client went away while this waited in a queue.
    var isGone = false
    var status: UInt16 = 0
    var reason = ServedReason.assigned
    /// Index of the variant asked for by `x-weir-variant`; -1: none asked for, -2: not one of the route's.
    var askedVariant: Int16 = -1
    /// Index into the plan's tokens, when granted.
    var token: Int32 = -1
    /// The caller's own deadline, of `x-weir-timeout-ms`; the route's holds where it is shorter.
    var timeout: Nanoseconds = .max
    /// What `x-weir-fault` asked for, or what is practised on the variant and this unit.
    var practice = Practice.none
    /// A variant's failure was charged to the assigned one.
    var isCharged = false
    /// Its copies for shadows are made.
    var isCopied = false
    /// Another variant was tried after the first one failed.
    var isRetried = false
    /// Its variant is settled, and it waits to be run there: after a delay for practice, or on another variant.
    var isResumed = false
    /// The place of the one call that may probe an open breaker, while it has that place.
    var lease: BreakerLease?
    /// The model's answer is taken for one that is not finite, for practice.
    var spoilsAnswer = false
    /// How long a practised delay took, which counts as the model's time.
    var practised: Nanoseconds = 0
    /// Its decoded rows are in this turn's arena.
    var hasRows = false
    /// Where it waits for something other than its turn; -1: nowhere.
    var ticket: Int32 = -1
    /// What it has taken of the limits on concurrency.
    var places: Places = []
    /// Seconds after which its token may ask again, when it asked too fast.
    var retryAfter: UInt32 = 0

    var route: UnsafePointer<PlanRoute>?
    var variant: UnsafePointer<PlanVariant>?
    /// Assigned, which is not always what served.
    var assigned: UnsafePointer<PlanVariant>?
    /// When it was assigned, in milliseconds since 1970: the time in its ids, and what decides on the slice of its exposure.
    var assignedAt: UInt64 = 0
    var unitHash: UInt64 = 0
    var flags = PredictionID.Flags(rawValue: 0)

    /// Request body first, answer body afterwards.
    var buffer: UnsafeMutablePointer<UInt8>
    var capacity: Int
    var count = 0
    /// The first bytes of `notes` hold the unit key.
    let notes: UnsafeMutablePointer<UInt8>
    var unitCount = 0
    /// Bytes of the path kept after the unit key, for the control plane and for logs; 0 when it is longer than `pathBytes`.
    var pathCount = 0
    /// Bytes of `If-Match` kept at the end of the notes; -1: the field came twice. The control plane's only, as the next.
    var tagCount: Int16 = 0
    /// Bytes after the answer's body that hold more fields of its head.
    var fieldBytes = 0
    /// Bytes of the body that count against the reactor's bound.
    var buffered = 0
    /// Bytes of a body that came after the answer.
    var droppedBytes = 0

    /// The decoded rows, in the turn's arena or with a worker's job, and the memory that their texts lie in.
    var slots: UnsafeMutablePointer<Double>?
    var text: UnsafeMutablePointer<UInt8>?
    /// Where this request's texts begin in that memory, and their bytes.
    var textStart = 0
    var textCount = 0
    var rows = 0
    var isList = false
    /// The body is one outcome a line, by its media type.
    var isLines = false
    /// When the request was complete, when its answer was handed to the wire.
    var ready = Instant(nanoseconds: 0)
    var answered = Instant(nanoseconds: 0)
    var modelTime: Nanoseconds = 0
    /// A row's share of its model call's time.
    var modelShare: Nanoseconds = 0
    /// From `ready` to the model's call.
    var queueTime: Nanoseconds = 0
    /// Rows, from the first, whose scores and features are counted.
    var sketched = 0
    /// The first prediction's sequence number on this reactor.
    var sequence: UInt64 = 0
    /// The first column that the model's type cannot hold; -1: none.
    var misfit: Int32 = -1
    var misfitRow: Int32 = 0
    /// Trace id of `traceparent` (W3C Trace Context), 0 when absent.
    var traceHigh: UInt64 = 0
    var traceLow: UInt64 = 0

    /// What the wire reads the answer's body from, and what its head says.
    var reply: WireBody
    var contentType: StaticString = "application/json"
    var extra: WireField?
    /// The answer has predictions, and the fields that name variant, revision and id.
    var hasPrediction = false
    /// Where the first id stands in the answer.
    var predictionOffset = 0
    /// Bytes of the answer that the wire had taken when its timer last looked.
    var seenOffset = 0
    /// The next in the connection's queue, or in a lane's.
    var next: UnsafeMutablePointer<Exchange>?
    /// The neighbours among the connection's open exchanges, oldest first.
    var newer: UnsafeMutablePointer<Exchange>?
    var older: UnsafeMutablePointer<Exchange>?

    static let noteBytes = GatewayLimits.unitBytes + pathBytes + digitBytes + GatewayLimits.entityTagBytes
    /// Status and length of an HTTP/2 answer, and `Retry-After`, in digits that the wire reads later.
    static let digitBytes = 32
    /// Bytes of a path that are kept; the control plane's longest is far shorter.
    static let pathBytes = 512
    /// Readable bytes after a body that the JSON reader needs (simdjson's padding).
    static let padding = 64
    /// A first buffer holds a body and an answer of some twenty features or classes.
    static let firstCapacity = 2_048

    /// Where the control plane keeps `If-Match`; it keeps `Accept` where the data plane has the unit key.
    var entityTag: UnsafeMutablePointer<UInt8> { digits + Self.digitBytes }

    /// Where the path begins in `notes`.
    var path: UnsafeMutablePointer<UInt8> { notes + GatewayLimits.unitBytes }

    /// Where the digits stand.
    var digits: UnsafeMutablePointer<UInt8> { notes + GatewayLimits.unitBytes + Self.pathBytes }

    /// Makes room for `needed` bytes and the padding, keeping `count` bytes.
    mutating func reserve(_ needed: Int) {
        guard needed + Self.padding > capacity else { return }
        let larger = max(needed + Self.padding, 2 * capacity)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: buffer, count: count)
        buffer.deallocate()
        buffer = moved
        capacity = larger
    }

    mutating func append(_ bytes: UnsafePointer<UInt8>, _ added: Int) {
        reserve(count + added)
        (buffer + count).update(from: bytes, count: added)
        count += added
    }
}

/// The exchanges of one reactor that are not in use, with their memory.
struct ExchangePool: ~Copyable {
    private var free: UnsafeMutablePointer<Exchange>?
    private var freeCount = 0

    /// Exchanges kept for later: 16 connections with 64 streams each, about 3 MB.
    static let keptAtMost = 1_024
    /// Buffers beyond this are given back.
    static let keptCapacity = 16 * 1_024

    mutating func take(
        connection: UnsafeMutablePointer<Connection>, stream: Int32, planSlot: UnsafeMutablePointer<PlanSlot>, now: Instant
    ) -> UnsafeMutablePointer<Exchange> {
        let exchange: UnsafeMutablePointer<Exchange>
        let buffer: UnsafeMutablePointer<UInt8>
        let notes: UnsafeMutablePointer<UInt8>
        var capacity = Exchange.firstCapacity
        if let reused = free {
            exchange = reused
            free = reused.pointee.next
            freeCount -= 1
            buffer = reused.pointee.buffer
            notes = reused.pointee.notes
            capacity = reused.pointee.capacity
        } else {
            exchange = .allocate(capacity: 1)
            buffer = .allocate(capacity: Exchange.firstCapacity)
            notes = .allocate(capacity: Exchange.noteBytes)
        }
        exchange.initialize(
            to: Exchange(
                connection: connection, stream: stream, planSlot: planSlot, started: now, buffer: buffer, capacity: capacity, notes: notes,
                reply: WireBody(bytes: buffer, count: 0)))
        return exchange
    }

    mutating func giveBack(_ exchange: UnsafeMutablePointer<Exchange>) {
        guard freeCount < Self.keptAtMost else { return Self.destroy(exchange) }
        if exchange.pointee.capacity > Self.keptCapacity {
            exchange.pointee.buffer.deallocate()
            exchange.pointee.buffer = .allocate(capacity: Exchange.firstCapacity)
            exchange.pointee.capacity = Exchange.firstCapacity
        }
        exchange.pointee.next = free
        free = exchange
        freeCount += 1
    }

    deinit {
        var next = free
        while let exchange = next {
            next = exchange.pointee.next
            Self.destroy(exchange)
        }
    }

    private static func destroy(_ exchange: UnsafeMutablePointer<Exchange>) {
        exchange.pointee.buffer.deallocate()
        exchange.pointee.notes.deallocate()
        exchange.deallocate()
    }
}
