import HTTPWire
import Metrics
import Primitives
import Reactor
import Synchronization

/// One answered request, as a reactor notes it: plain words, no text, no token, no feature value.
struct AccessRecord: BitwiseCopyable {
    /// When the request began.
    var wallMilliseconds: UInt64
    var duration: Nanoseconds
    var traceHigh: UInt64
    var traceLow: UInt64
    var bytesOut: UInt32
    var rows: UInt32
    var route: UInt32
    var variant: UInt32
    var revision: UInt32
    var status: UInt16
    var method: UInt8
    var reason: UInt8
    var isHTTP2: Bool
    var reactor: UInt8
}

/// The way of one reactor's records to the log thread: a bounded ring; what does not fit is counted and dropped.
final class AccessRing: @unchecked Sendable {
    // One reactor pushes and the log thread pops: what the ring is made for.
    let ring: RingQueue<AccessRecord>
    /// Of 2^32 requests, how many are noted: 0 none, 2^32 all. Answers of 500 and above always are.
    let share: UInt64

    /// Records: a tenth of a second at full speed of one reactor, 1 MB.
    static let capacity = 16_384

    init(share: Double) {
        ring = RingQueue(capacity: Self.capacity)
        self.share = UInt64(min(max(share, 0), 1) * 4_294_967_296)
    }
}

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Notes an answer for the log, if it is among those that are logged.
    func note(_ exchange: ExchangePointer) {
        let share = pointee.log._withUnsafeGuaranteedRef { $0.share }
        guard share > 0 else { return }
        if share < 1 << 32, exchange.pointee.status < 500 {
            pointee.logDraw = pointee.logDraw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX generator
            guard pointee.logDraw >> 32 < share else { return }
        }
        let duration = pointee.now.since(exchange.pointee.started)
        let record = AccessRecord(
            wallMilliseconds: pointee.wallMilliseconds &- duration / 1_000_000, duration: duration, traceHigh: exchange.pointee.traceHigh, traceLow: exchange.pointee.traceLow, bytesOut: UInt32(clamping: exchange.pointee.reply.count),
            rows: UInt32(clamping: exchange.pointee.rows), route: exchange.pointee.route?.pointee.number ?? 0,
            variant: exchange.pointee.variant?.pointee.number ?? 0, revision: exchange.pointee.route?.pointee.revision ?? 0,
            status: exchange.pointee.status, method: exchange.pointee.method.rawValue,
            reason: exchange.pointee.reason.rawValue, isHTTP2: exchange.pointee.stream != 0, reactor: UInt8(truncatingIfNeeded: pointee.number))
        if !pointee.log._withUnsafeGuaranteedRef({ $0.ring.push(record) }) { pointee.meter.count(.accessLinesDropped) }
    }
}

/// The thread that writes the log: access lines from the reactors' records, and event lines.
final class AccessLog: Sendable {
    private let rings: [AccessRing]
    private let log: LogLines
    private let stopped = Atomic(false)
    private let bell: Mailbox<Bool>

    /// A record waits this long at most.
    private static let pause: Nanoseconds = .milliseconds(100)
    /// So often the log's place is compared with where it should be.
    private static let followPause: Nanoseconds = .seconds(1)

    init(rings: [AccessRing], log: LogLines) throws(SystemError) {
        self.rings = rings
        self.log = log
        bell = try Mailbox()
    }

    /// Starts the thread; `stop` ends it.
    func start() throws(SystemError) -> Thread.Handle {
        let poller = try Poller()
        _ = poller.add(bell.number, .read, token: 0)
        _ = poller.add(log.number, .read, token: 1)
        let box = PollerBox(poller)
        return try Thread.start("weir-log") { [self] in
            var text = AccessText(version: log.version)
            var followed = MonotonicTime.now()
            var isBehind = false
            while !stopped.load(ordering: .acquiring) {
                _ = box.poller.wait(timeout: isBehind ? 0 : Self.pause)
                followIfDue(&followed)
                // While nobody reads, records wait in their rings, which say how many they had no room for.
                isBehind = log.isReady(within: Int32(Self.pause / 1_000_000)) && drain(&text, &followed)
            }
            _ = drain(&text, &followed)
        }
    }

    func stop() {
        stopped.store(true, ordering: .releasing)
        bell.post(true)
    }

    /// Writes what waits, access lines first: an event often tells how the requests before it ended.
    /// - Returns: whether a ring may hold more. None is read for longer than it is, so that a busy one leaves the others and the events their turn.
    private func drain(_ text: inout AccessText, _ followed: inout Instant) -> Bool {
        var isBehind = false
        for ring in rings {
            var count = 0
            while count < AccessRing.capacity, let record = ring.ring.pop() {
                text.append(record)
                count += 1
                if text.isFull {
                    write(&text)
                    followIfDue(&followed)
                }
            }
            isBehind = isBehind || count == AccessRing.capacity
        }
        write(&text)
        log.flush()
        return isBehind
    }

    private func write(_ text: inout AccessText) {
        guard !text.bytes.isEmpty else { return }
        log.write(text.bytes)
        text.clear()
    }

    private func followIfDue(_ followed: inout Instant) {
        let now = MonotonicTime.now()
        guard now.since(followed) >= Self.followPause else { return }
        followed = now
        log.follow()
    }
}

/// Hands a poller to the thread that will own it.
final class PollerBox: @unchecked Sendable {
    // Made by the starter, used by the started thread only.
    let poller: Poller

    init(_ poller: consuming Poller) {
        self.poller = poller
    }
}
