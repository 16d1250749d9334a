import HTTPWire
import Primitives
import Reactor
import TLS

typealias ConnectionPointer = UnsafeMutablePointer<Connection>
typealias ExchangePointer = UnsafeMutablePointer<Exchange>

/// One client: its socket, its TLS, and its HTTP/1.1 parser or HTTP/2 session. Owned by one reactor.
///
/// Methods are extensions of the pointer, not of the value: callbacks from C reach the same connection in the middle of a call, and a mutating
/// method would promise the compiler that nobody else does.
struct Connection: ~Copyable {
    enum Stage: UInt8 {
        case handshaking
        case open
        /// The last answer is on its way out; nothing more is read.
        case closing
        /// Everything is sent; what the peer still sends is thrown away, so that it can read our answer.
        case lingering
        case dead
    }

    let socket: Descriptor
    let tls: TLSConnection
    let loop: EventLoopPointer
    /// Place in the reactor's table and timer wheel.
    let slot: Int

    var stage = Stage.handshaking
    var stageSince: Instant
    var h1: UnsafeMutablePointer<H1Parser>?
    var h2: UnsafeMutablePointer<H2Session>?

    /// Open exchanges, oldest first.
    var oldest: ExchangePointer?
    var newest: ExchangePointer?
    /// Complete requests that wait for a turn.
    var readyFirst: ExchangePointer?
    var readyLast: ExchangePointer?

    /// The reactor's lists of connections; each connection is in each list once at most.
    var nextReady: ConnectionPointer?
    var isReady = false
    var nextDirty: ConnectionPointer?
    var isDirty = false
    var nextAgain: ConnectionPointer?
    var isAgain = false
    var nextDead: ConnectionPointer?

    /// Ciphertext that the kernel did not take yet.
    var unsent = ByteQueue()
    /// HTTP/1.1 bytes behind the request that is being answered.
    var rest = ByteQueue()

    var interest: Poller.Interest = .read
    /// The peer sends no more.
    var peerEnded = false
    /// Close after what is answered now.
    var isLast = false
    var drainSince = Instant(nanoseconds: .max)
    var lastReceived: Instant
    var lastSent: Instant
    /// When the first byte of a partial head came.
    var headSince: Instant
    /// The deadline that the timer wheel knows.
    var armed = Instant(nanoseconds: .max)
    /// Ciphertext since the last plain text.
    var fruitlessBytes = 0
    var credentials: UnsafeMutablePointer<Credentials>?
    /// The route asked for last, and the plan that it belongs to: most connections ask for one.
    var lastRoute: UnsafePointer<PlanRoute>?
    var lastPlan: UInt64 = 0

    init(socket: consuming Descriptor, tls: consuming TLSConnection, loop: EventLoopPointer, slot: Int, now: Instant) {
        self.socket = socket
        self.tls = tls
        self.loop = loop
        self.slot = slot
        stageSince = now
        lastReceived = now
        lastSent = now
        headSince = now
    }

    deinit {
        if let h1 {
            h1.deinitialize(count: 1)
            h1.deallocate()
        }
        if let h2 {
            h2.deinitialize(count: 1)
            h2.deallocate()
        }
        if let credentials {
            credentials.pointee.free()
            credentials.deallocate()
        }
        unsent.deallocate()
        rest.deallocate()
    }
}

/// Bytes that wait, in memory that exists only while some do.
struct ByteQueue {
    private var start: UnsafeMutablePointer<UInt8>?
    private var capacity = 0
    private var offset = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// The first waiting byte.
    var first: UnsafePointer<UInt8> { UnsafePointer(start.unsafelyUnwrapped + offset) }

    mutating func append(_ bytes: UnsafePointer<UInt8>, _ added: Int) {
        guard added > 0 else { return }
        if offset + count + added > capacity { makeRoom(added) }
        (start.unsafelyUnwrapped + offset + count).update(from: bytes, count: added)
        count += added
    }

    mutating func drop(_ taken: Int) {
        offset += taken
        count -= taken
        if count == 0 { free() }
    }

    mutating func free() {
        deallocate()
        self = ByteQueue()
    }

    /// Frees the memory; the value is not used again.
    func deallocate() {
        start?.deallocate()
    }

    private mutating func makeRoom(_ added: Int) {
        let larger = max(2 * (count + added), 4_096)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        if let start {
            moved.update(from: start + offset, count: count)
            start.deallocate()
        }
        start = moved
        capacity = larger
        offset = 0
    }
}

// MARK: - Open exchanges and lists

extension UnsafeMutablePointer where Pointee == Connection {
    /// Adds an exchange at the end of the open ones.
    func link(_ exchange: ExchangePointer) {
        exchange.pointee.older = pointee.newest
        exchange.pointee.newer = nil
        if let newest = pointee.newest { newest.pointee.newer = exchange } else { pointee.oldest = exchange }
        pointee.newest = exchange
    }

    /// Takes an exchange out of the open ones.
    func unlink(_ exchange: ExchangePointer) {
        if let older = exchange.pointee.older { older.pointee.newer = exchange.pointee.newer } else { pointee.oldest = exchange.pointee.newer }
        if let newer = exchange.pointee.newer { newer.pointee.older = exchange.pointee.older } else { pointee.newest = exchange.pointee.older }
    }

    /// Puts a complete request in the queue for the next turn.
    func enqueueReady(_ exchange: ExchangePointer) {
        exchange.pointee.stage = .ready
        exchange.pointee.ready = pointee.loop.pointee.now
        exchange.pointee.next = nil
        if let last = pointee.readyLast { last.pointee.next = exchange } else { pointee.readyFirst = exchange }
        pointee.readyLast = exchange
        pointee.loop.markReady(self)
    }

    func dequeueReady() -> ExchangePointer? {
        guard let first = pointee.readyFirst else { return nil }
        pointee.readyFirst = first.pointee.next
        if pointee.readyFirst == nil { pointee.readyLast = nil }
        return first
    }

    /// Ends the connection now: whatever was open is dropped. Its memory goes at the end of the turn.
    func die() {
        guard pointee.stage != .dead else { return }
        enter(.dead)
        // Unsent ciphertext of this connection must not become the next one's.
        pointee.loop.pointee.pipe.pointee.outputCount = 0
        pointee.loop.pointee.poller.remove(pointee.socket.number)
        pointee.loop.pointee.wheel.cancel(pointee.slot)
        var waiting = pointee.readyFirst
        while let exchange = waiting {
            waiting = exchange.pointee.next
            if exchange.pointee.isGone { pointee.loop.release(exchange) }
        }
        var next = pointee.oldest
        while let exchange = next {
            next = exchange.pointee.newer
            pointee.loop.abandon(exchange)
        }
        pointee.readyFirst = nil
        pointee.readyLast = nil
        pointee.loop.bury(self)
    }

    func enter(_ stage: Connection.Stage) {
        pointee.stage = stage
        pointee.stageSince = pointee.loop.pointee.now
    }
}
