import Contracts
import Ledgers
import Metrics
import Primitives

/// One sampled prediction as a reactor notes it: plain words, followed in the ring by the row's slots, the model's scores and the texts
/// that slots point to.
struct PredictionNote: BitwiseCopyable {
    /// Milliseconds since 1970 of the assignment, as in the id.
    var time: UInt64
    var latency: Nanoseconds
    var unit: UInt64
    var nonce: UInt64
    var sequence: UInt64
    /// The variants by number, see ``PredictionShapes``; the served one's says how to read slots and scores.
    var assigned: UInt32
    var served: UInt32
    var revision: UInt32
    /// Doubles, floats and bytes that follow.
    var slotCount: UInt32
    var scoreCount: UInt32
    var textCount: UInt32
    var status: UInt16
    var label: UInt16
    var reactor: UInt8
    var reason: UInt8
    var flags: UInt8

    /// Whether the prediction log takes a prediction: by a hash of what makes it unique, and of nothing else.
    ///
    /// - Parameter share: of 2^32 predictions, how many are taken.
    @inline(__always) static func isSampled(nonce: UInt64, reactor: Int, sequence: UInt64, share: UInt64) -> Bool {
        // The finalizer of SplitMix64, which spreads every bit of its input over all of its output.
        var word = nonce ^ (UInt64(truncatingIfNeeded: reactor) &<< 56 | sequence) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
        return (word ^ (word &>> 31)) &>> 32 < share
    }
}

/// The way of one reactor's sampled predictions to the thread that stores them: a bounded ring; what does not fit is counted and dropped.
final class PredictionRing: @unchecked Sendable {
    // One reactor writes and the records thread reads: what the ring is made for.
    let ring = ByteRing(byteCapacity: capacity)
    /// Read from the ring and not stored yet. The records thread's own.
    var unstored: [PredictionRecord] = []
    /// Failures that this reactor may note in a second.
    let failuresPerSecond: Int

    /// Bytes: some thousand predictions of twenty features. Pages that no record reaches take no memory.
    static let capacity = 1_024 * 1_024

    init(reactors: Int) {
        failuresPerSecond = max(1, GatewayLimits.loggedFailuresPerSecond / reactors)
    }
}

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Whether the prediction log takes the prediction with this sequence number.
    @inline(__always) func samples(_ sequence: UInt64, share: UInt64) -> Bool {
        PredictionNote.isSampled(nonce: pointee.predictionNonce, reactor: pointee.number, sequence: sequence, share: share)
    }

    /// Notes a request that its model failed, within the bound on failures a second.
    func noteFailure(_ exchange: ExchangePointer, status: Int) {
        guard !pointee.isControl, exchange.pointee.slots != nil, exchange.pointee.assigned != nil else { return }
        let second = pointee.wallMilliseconds / 1_000
        if second != pointee.failureSecond {
            pointee.failureSecond = second
            pointee.failuresNoted = 0
        }
        let most = pointee.records._withUnsafeGuaranteedRef { $0.failuresPerSecond }
        for row in 0..<exchange.pointee.rows where pointee.failuresNoted < most {
            pointee.failuresNoted += 1
            note(exchange, row: row, status: status, label: -1, scores: nil)
        }
    }

    /// Writes one row's note into the ring. `scores` nil: there is no answer.
    func note(_ exchange: ExchangePointer, row: Int, status: Int, label: Int32, scores: UnsafePointer<Float>?) {
        let route = exchange.pointee.route.unsafelyUnwrapped
        let variant = exchange.pointee.variant.unsafelyUnwrapped
        let slots = exchange.pointee.slots.unsafelyUnwrapped + row * route.pointee.fieldCount
        let head = PredictionNote(
            time: exchange.pointee.assignedAt, latency: pointee.now.since(exchange.pointee.started), unit: exchange.pointee.unitHash,
            nonce: pointee.predictionNonce, sequence: exchange.pointee.sequence + UInt64(row),
            assigned: exchange.pointee.assigned.unsafelyUnwrapped.pointee.shape, served: variant.pointee.shape, revision: route.pointee.revision, slotCount: UInt32(route.pointee.fieldCount),
            scoreCount: scores == nil ? 0 : UInt32(variant.pointee.scoreCount), textCount: textCount(slots, route),
            status: UInt16(truncatingIfNeeded: status), label: label < 0 ? PredictionID.noLabel : UInt16(truncatingIfNeeded: label),
            reactor: UInt8(truncatingIfNeeded: pointee.number), reason: exchange.pointee.reason.rawValue, flags: exchange.pointee.flags.rawValue)
        let isNoted = pointee.records._withUnsafeGuaranteedRef { [arena = exchange.pointee.text.unsafelyUnwrapped] in
            write(head, slots, scores, route, arena, to: $0)
        }
        pointee.meter.count(isNoted ? .recordsSampled : .recordsDropped)
    }

    private func textCount(_ slots: UnsafeMutablePointer<Double>, _ route: UnsafePointer<PlanRoute>) -> UInt32 {
        var count = 0
        for index in 0..<route.pointee.textFieldCount { count += TextSlot(slots[Int(route.pointee.textFields[index])]).count }
        return UInt32(clamping: count)
    }

    private func write(
        _ head: PredictionNote, _ slots: UnsafeMutablePointer<Double>, _ scores: UnsafePointer<Float>?, _ route: UnsafePointer<PlanRoute>,
        _ arena: UnsafeMutablePointer<UInt8>, to ring: PredictionRing
    ) -> Bool {
        let (slotBytes, scoreBytes) = (8 * Int(head.slotCount), 4 * Int(head.scoreCount))
        let count = MemoryLayout<PredictionNote>.stride + slotBytes + scoreBytes + Int(head.textCount)
        guard let room = ring.ring.reserve(count)?.baseAddress else { return false }
        room.storeBytes(of: head, as: PredictionNote.self)
        let values = (room + MemoryLayout<PredictionNote>.stride).assumingMemoryBound(to: Double.self)
        values.update(from: slots, count: Int(head.slotCount))
        var at = room + MemoryLayout<PredictionNote>.stride + slotBytes
        if let scores { at.copyMemory(from: scores, byteCount: scoreBytes) }
        at += scoreBytes
        // Texts follow in the order of their fields: a slot's count is enough to find them again.
        for index in 0..<route.pointee.textFieldCount {
            let text = TextSlot(slots[Int(route.pointee.textFields[index])])
            at.copyMemory(from: arena + text.offset, byteCount: text.count)
            at += text.count
        }
        ring.ring.commit(count)
        return true
    }
}
