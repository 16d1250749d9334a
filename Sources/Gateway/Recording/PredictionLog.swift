import Ledgers
import Logging
import Primitives
import Reactor
import Synchronization

/// The thread that stores sampled predictions: empties the reactors' rings into the ledger.
///
/// When the ledger cannot be written, the notes stay where they are; rings are bounded, and what does not fit any more is counted as dropped.
final class PredictionLog: Sendable {
    private let rings: [PredictionRing]
    /// Where rows come from on which shadows differ; nil where there are none.
    private let shadows: ShadowJudge?
    private let ledger: Ledger
    private let logger: Logger
    private let stopped = Atomic(false)
    private let bell: Mailbox<Bool>
    private let stored = Atomic<UInt64>(0)

    /// A note waits this long at most.
    private static let pause: Nanoseconds = .milliseconds(200)

    init(rings: [PredictionRing], shadows: ShadowJudge? = nil, ledger: Ledger, logger: Logger) throws(SystemError) {
        self.rings = rings
        self.shadows = shadows
        self.ledger = ledger
        self.logger = logger
        bell = try Mailbox()
    }

    /// Predictions stored since the start.
    var count: UInt64 { stored.load(ordering: .relaxed) }

    /// Starts the thread; `stop` ends it once the rings are empty or the ledger refuses.
    func start() throws(SystemError) -> Thread.Handle {
        let poller = try Poller()
        _ = poller.add(bell.number, .read, token: 0)
        let box = PollerBox(poller)
        return try Thread.start("weir-records", niceness: 10) { [self] in
            var trouble = Trouble()
            while !stopped.load(ordering: .acquiring) {
                _ = box.poller.wait(timeout: Self.pause)
                store(&trouble)
                storeExamples()
            }
            store(&trouble)
            storeExamples()
        }
    }

    func stop() {
        stopped.store(true, ordering: .releasing)
        bell.post(true)
    }

    private func store(_ trouble: inout Trouble) {
        for ring in rings {
            var more = true
            while more {
                do {
                    more = try storeSome(of: ring)
                    if trouble.succeeded(now: MonotonicTime.now()) { logger.notice("predictions are logged again") }
                } catch {
                    if trouble.failed("\(error)", now: MonotonicTime.now()) {
                        logger.error("predictions cannot be logged", metadata: ["reason": "\(error)"])
                    }
                    return
                }
            }
        }
    }

    /// Stores rows on which shadows differ. What the ledger does not take now is lost: others will come.
    private func storeExamples() {
        guard let shadows, case let examples = shadows.takeExamples(), !examples.isEmpty else { return }
        do {
            try ledger.keepExamples(examples, atMost: ShadowLimits.examples)
            for place in Set(examples.map { ShadowJudge.Place($0) }) {
                let smallest = try ledger.smallestKept(
                    route: place.route, shadow: place.shadow, sha256: place.sha256, atMost: ShadowLimits.examples)
                shadows.stored(place, smallest: smallest)
            }
        } catch {
            logger.warning("examples of shadows are not stored", metadata: ["reason": "\(error)"])
        }
    }

    /// Stores what one transaction takes. Returns whether there may be more.
    ///
    /// Notes leave the ring one by one as they are read; those of a failed transaction are kept for the next.
    private func storeSome(of ring: PredictionRing) throws(LedgerError) -> Bool {
        var records = ring.unstored
        while records.count < GatewayLimits.predictionsPerCommit, let note = ring.ring.first() {
            records.append(PredictionRecord(note))
            ring.ring.removeFirst()
        }
        ring.unstored = records
        guard !records.isEmpty else { return false }
        _ = try ledger.appendPredictions(records)
        stored.add(UInt64(records.count), ordering: .relaxed)
        ring.unstored = []
        return records.count == GatewayLimits.predictionsPerCommit
    }
}

extension PredictionRecord {
    /// What a reactor's note says, in words.
    init(_ note: UnsafeRawBufferPointer) {
        let head = note.loadUnaligned(as: PredictionNote.self)
        let slots = UnsafeRawBufferPointer(rebasing: note[MemoryLayout<PredictionNote>.stride...].prefix(8 * Int(head.slotCount)))
        let rest = UnsafeRawBufferPointer(rebasing: note[(MemoryLayout<PredictionNote>.stride + slots.count)...])
        let scores = (0..<Int(head.scoreCount)).map { rest.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        let texts = UnsafeRawBufferPointer(rebasing: rest[(4 * scores.count)...])
        let shape = PredictionShapes.shared.shape(head.served)
        let isAnswered = head.status == 200
        self.init(
            key: Self.key(nonce: head.nonce, reactor: head.reactor, sequence: head.sequence), route: shape.route,
            at: Timestamp(milliseconds: Int64(head.time)), unit: head.flags & PredictionID.Flags.ownUnit.rawValue == 0 ? head.unit : nil,
            assigned: PredictionShapes.shared.shape(head.assigned).variant, served: shape.variant, revision: head.revision,
            reason: ServedReason(rawValue: head.reason) ?? .assigned, status: head.status,
            latencyMicroseconds: Int64(head.latency / 1_000), label: head.label == PredictionID.noLabel ? nil : head.label, scores: scores,
            answer: isAnswered ? shape.answer(label: head.label, scores: scores) : "{\"status\":\(head.status)}",
            input: shape.input(slots: slots.assumingMemoryBound(to: Double.self), texts: texts))
    }

    /// The ledger's key of a prediction: nonce, reactor and sequence as in its id.
    static func key(nonce: UInt64, reactor: UInt8, sequence: UInt64) -> [UInt8] {
        let bytes = { (word: UInt64, count: Int) in (0..<count).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) } }
        return bytes(nonce, 8) + [reactor] + bytes(sequence, 5)
    }
}
