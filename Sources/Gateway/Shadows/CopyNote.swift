import Admission
import Contracts
import Metrics
import Primitives

/// One prediction's copy as a reactor notes it, followed in the ring by slots, scores and texts like a ``PredictionNote``.
///
/// Its status is 200 when the assigned variant answered the row itself: then there is something to compare with.
struct CopyNote: BitwiseCopyable {
    var note: PredictionNote
    /// Number of the ``ShadowSet``, and a bit for each of its shadows that gets the copy.
    var set: UInt32
    var mask: UInt32
    /// Number of the assigned variant in its route.
    var variant: UInt32
    /// The row's share of its model call's time; 0 where no model ran.
    var modelShare: Nanoseconds
}

/// The way of one reactor's copies to the thread that hands them to shadows: a bounded ring; what does not fit is counted and dropped.
final class CopyRing: @unchecked Sendable {
    // One reactor writes and the shadows' thread reads: what the ring is made for.
    let ring = ByteRing(byteCapacity: capacity)

    /// Bytes: about three thousand rows of twenty features, more than come in the pause of who reads them. Pages that no record reaches take no memory.
    static let capacity = 1_024 * 1_024
}

/// What a copy is made of: kept beyond the answer where the model's call outlives it.
struct CopySource {
    var route: UnsafePointer<PlanRoute>
    var assigned: UnsafePointer<PlanVariant>
    var served: UnsafePointer<PlanVariant>
    var assignedAt: UInt64
    var sequence: UInt64
    var unit: UInt64
    var rows: Int
    var flags: PredictionID.Flags
    var reason: ServedReason
    /// From the first byte to now.
    var latency: Nanoseconds = 0
    var modelShare: Nanoseconds = 0
    /// The model's answer is taken for one that is not finite, for practice.
    var isSpoiled = false
}

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Makes the copies of a request that was assigned, once, for its route's shadows. `labels` and `scores` are the model's answers; nil: there are none.
    @inline(__always) func copy(_ exchange: ExchangePointer, labels: UnsafePointer<Int32>?, scores: UnsafePointer<Float>?) {
        guard let source = takeCopySource(of: exchange) else { return }
        copy(source, slots: exchange.pointee.slots, text: exchange.pointee.text, labels: labels, scores: scores)
    }

    /// What a request's copies are made of; nil when they were made, or none are due.
    @inline(__always) func takeCopySource(of exchange: ExchangePointer) -> CopySource? {
        guard let assigned = exchange.pointee.assigned, !exchange.pointee.isCopied else { return nil }
        exchange.pointee.isCopied = true
        let route = exchange.pointee.route.unsafelyUnwrapped
        guard route.pointee.copies != nil, exchange.pointee.reason != .override else { return nil }
        return CopySource(
            route: route, assigned: assigned, served: exchange.pointee.variant ?? assigned, assignedAt: exchange.pointee.assignedAt,
            sequence: exchange.pointee.sequence, unit: exchange.pointee.unitHash, rows: exchange.pointee.rows, flags: exchange.pointee.flags,
            reason: exchange.pointee.reason, latency: pointee.now.since(exchange.pointee.started), modelShare: exchange.pointee.modelShare,
            isSpoiled: exchange.pointee.spoilsAnswer)
    }

    /// Makes the copies of some rows.
    ///
    /// - Parameters:
    ///   - slots, text: the rows; nil when they are not at hand any more.
    ///   - labels, scores: of the variant that served; nil when it did not answer.
    func copy(
        _ source: CopySource, slots: UnsafePointer<Double>?, text: UnsafePointer<UInt8>?, labels: UnsafePointer<Int32>?, scores: UnsafePointer<Float>?
    ) {
        guard let copies = source.route.pointee.copies else { return }
        let variant = source.assigned - UnsafePointer(source.route.pointee.variants)
        for row in 0..<source.rows {
            let sequence = source.sequence &+ UInt64(row)
            let draw = PredictionDraw.draw(nonce: pointee.predictionNonce, reactor: pointee.number, sequence: sequence)
            guard draw < copies.most, case let mask = copies.sample(draw: draw, variant: variant, reactor: pointee.number), mask != 0 else { continue }
            if let reason = obstacle(source, row, mask: mask, slots: slots, text: text, labels: labels, scores: scores) {
                copies.drop(reason, mask: mask, variant: variant, reactor: pointee.number)
            }
        }
    }

    /// Writes one row's copy, or says why not.
    private func obstacle(
        _ source: CopySource, _ row: Int, mask: UInt32, slots: UnsafePointer<Double>?, text: UnsafePointer<UInt8>?, labels: UnsafePointer<Int32>?,
        scores: UnsafePointer<Float>?
    ) -> ShadowDrop? {
        // A reactor that turns requests away has no time for copies.
        if pointee.shedder.isStanding { return .shed }
        guard let slots, let text, let copies = source.route.pointee.copies else { return .primaryFailed }
        let route = source.route
        let width = source.served.pointee.scoreCount
        var isAnswered = false
        if let labels, let scores, source.served == source.assigned, !source.isSpoiled { isAnswered = source.served.isAnswer(labels[row], scores + row * width) }
        let rowSlots = slots + row * route.pointee.fieldCount
        let label = isAnswered ? labels.map { $0[row] } ?? -1 : -1
        let note = PredictionNote(
            time: source.assignedAt, latency: source.latency, unit: source.unit, nonce: pointee.predictionNonce,
            sequence: source.sequence &+ UInt64(row), assigned: source.assigned.pointee.shape, served: source.served.pointee.shape,
            revision: route.pointee.revision, slotCount: UInt32(route.pointee.fieldCount), scoreCount: isAnswered ? UInt32(width) : 0,
            textCount: route.texts.bytes(in: rowSlots), status: isAnswered ? 200 : 500,
            label: label < 0 ? PredictionID.noLabel : UInt16(truncatingIfNeeded: label), reactor: UInt8(truncatingIfNeeded: pointee.number),
            reason: source.reason.rawValue, flags: source.flags.rawValue)
        let head = CopyNote(
            note: note, set: copies.set, mask: mask, variant: UInt32(source.assigned - UnsafePointer(route.pointee.variants)), modelShare: source.modelShare)
        let rowScores = isAnswered ? scores.map { $0 + row * width } : nil
        let isWritten = pointee.copyRing._withUnsafeGuaranteedRef {
            $0.ring.write(head, note, slots: rowSlots, scores: rowScores, texts: route.texts, arena: text)
        }
        return isWritten ? nil : .queueFull
    }
}
