import HTTPWire
import Logging
import Metrics
import Primitives
import Reactor
import Synchronization

/// One answered request, as a reactor notes it: plain words, no text, no token, no feature value.
struct AccessRecord: BitwiseCopyable {
    var wallMilliseconds: UInt64
    var duration: Nanoseconds
    var traceHigh: UInt64
    var traceLow: UInt64
    var bytesOut: UInt32
    var rows: UInt32
    var route: UInt32
    var variant: UInt32
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

    /// Records: a tenth of a second at full speed of one reactor, 1.2 MB.
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
        let record = AccessRecord(
            wallMilliseconds: pointee.wallMilliseconds, duration: pointee.now.since(exchange.pointee.started),
            traceHigh: exchange.pointee.traceHigh, traceLow: exchange.pointee.traceLow, bytesOut: UInt32(clamping: exchange.pointee.reply.count),
            rows: UInt32(clamping: exchange.pointee.rows), route: exchange.pointee.route?.pointee.number ?? 0,
            variant: exchange.pointee.variant?.pointee.number ?? 0, status: exchange.pointee.status, method: exchange.pointee.method.rawValue,
            reason: exchange.pointee.reason.rawValue, isHTTP2: exchange.pointee.stream != 0, reactor: UInt8(truncatingIfNeeded: pointee.number))
        if !pointee.log._withUnsafeGuaranteedRef({ $0.ring.push(record) }) { pointee.meter.count(.accessLinesDropped) }
    }
}

/// The thread that turns records into log lines.
final class AccessLog: Sendable {
    private let rings: [AccessRing]
    private let logger: Logger
    private let stopped = Atomic(false)
    private let bell: Mailbox<Bool>

    /// A record waits this long at most.
    private static let pause: Nanoseconds = .milliseconds(100)

    init(rings: [AccessRing], logger: Logger) throws(SystemError) {
        self.rings = rings
        self.logger = logger
        bell = try Mailbox()
    }

    /// Starts the thread; `stop` ends it.
    func start() throws(SystemError) -> Thread.Handle {
        let poller = try Poller()
        _ = poller.add(bell.number, .read, token: 0)
        let box = PollerBox(poller)
        return try Thread.start("weir-log") { [self] in
            while !stopped.load(ordering: .acquiring) {
                _ = box.poller.wait(timeout: Self.pause)
                drain()
            }
            drain()
        }
    }

    func stop() {
        stopped.store(true, ordering: .releasing)
        bell.post(true)
    }

    private func drain() {
        for ring in rings {
            while let record = ring.ring.pop() { write(record) }
        }
    }

    private func write(_ record: AccessRecord) {
        var metadata: Logger.Metadata = [
            "duration_us": .stringConvertible(record.duration / 1_000), "status": .stringConvertible(record.status),
            "method": "\(Exchange.Method(rawValue: record.method).map { "\($0)" } ?? "")", "bytes": .stringConvertible(record.bytesOut),
            "protocol": record.isHTTP2 ? "h2" : "http/1.1",
        ]
        if record.route != 0 { metadata["route"] = "\(LogNames.shared.name(of: record.route))" }
        if record.variant != 0 {
            metadata["variant"] = "\(LogNames.shared.name(of: record.variant))"
            metadata["rows"] = .stringConvertible(record.rows)
            metadata["reason"] = "\(ServedReason(rawValue: record.reason).map { "\($0.name)" } ?? "")"
        }
        if record.traceHigh | record.traceLow != 0 { metadata["trace"] = "\(Self.trace(record.traceHigh) + Self.trace(record.traceLow))" }
        logger.info("request", metadata: metadata)
    }

    private static func trace(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Hands a poller to the thread that will own it.
private final class PollerBox: @unchecked Sendable {
    // Made by the starter, used by the started thread only.
    let poller: Poller

    init(_ poller: consuming Poller) {
        self.poller = poller
    }
}
