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
        PredictionDraw.draw(nonce: nonce, reactor: reactor, sequence: sequence) < share
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
            scoreCount: scores == nil ? 0 : UInt32(variant.pointee.scoreCount), textCount: route.texts.bytes(in: slots),
            status: UInt16(truncatingIfNeeded: status), label: label < 0 ? PredictionID.noLabel : UInt16(truncatingIfNeeded: label),
            reactor: UInt8(truncatingIfNeeded: pointee.number), reason: exchange.pointee.reason.rawValue, flags: exchange.pointee.flags.rawValue)
        let isNoted = pointee.records._withUnsafeGuaranteedRef { [arena = exchange.pointee.text.unsafelyUnwrapped] in
            $0.ring.write(head, head, slots: slots, scores: scores, texts: route.texts, arena: arena)
        }
        pointee.meter.count(isNoted ? .recordsSampled : .recordsDropped)
    }
}

/// Which of a row's slots are texts.
struct TextFields {
    let fields: UnsafePointer<Int32>
    let count: Int

    /// Bytes of a row's texts.
    func bytes(in slots: UnsafePointer<Double>) -> UInt32 {
        var sum = 0
        for index in 0..<count { sum += TextSlot(slots[Int(fields[index])]).count }
        return UInt32(clamping: sum)
    }
}

extension UnsafePointer where Pointee == PlanRoute {
    var texts: TextFields { TextFields(fields: UnsafePointer<Int32>(pointee.textFields), count: pointee.textFieldCount) }
}

extension ByteRing {
    /// Writes one row behind a head that begins the record: the row's slots, the model's scores, and the texts that slots point to, in the order of
    /// their fields: a slot's count is enough to find them again.
    ///
    /// - Parameter note: says how many of each there are.
    /// - Returns: false when there is no room.
    func write<Head: BitwiseCopyable>(
        _ head: Head, _ note: PredictionNote, slots: UnsafePointer<Double>, scores: UnsafePointer<Float>?, texts: TextFields,
        arena: UnsafePointer<UInt8>
    ) -> Bool {
        let (slotBytes, scoreBytes) = (8 * Int(note.slotCount), 4 * Int(note.scoreCount))
        let count = MemoryLayout<Head>.stride + slotBytes + scoreBytes + Int(note.textCount)
        guard let room = reserve(count)?.baseAddress else { return false }
        room.storeBytes(of: head, as: Head.self)
        let values = (room + MemoryLayout<Head>.stride).assumingMemoryBound(to: Double.self)
        values.update(from: slots, count: Int(note.slotCount))
        var at = room + MemoryLayout<Head>.stride + slotBytes
        if let scores { at.copyMemory(from: scores, byteCount: scoreBytes) }
        at += scoreBytes
        for index in 0..<texts.count {
            let text = TextSlot(slots[Int(texts.fields[index])])
            at.copyMemory(from: arena + text.offset, byteCount: text.count)
            at += text.count
        }
        commit(count)
        return true
    }
}
