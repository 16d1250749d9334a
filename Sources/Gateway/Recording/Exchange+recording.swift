import Contracts
import Metrics
import Primitives

// What is recorded of one request beside its answer: its exposure, what happened to it, scores, features, and samples for the prediction log.

extension UnsafeMutablePointer where Pointee == Exchange {
    private var loop: EventLoopPointer { pointee.connection.pointee.loop }

    /// The model's call is over.
    func modelTook(_ nanoseconds: Nanoseconds) {
        pointee.modelTime = nanoseconds &+ pointee.practised
        let since = loop.pointee.now.since(pointee.ready)
        pointee.queueTime = since > pointee.modelTime ? since - pointee.modelTime : 0
    }

    /// Counts the exposure in its slice of time; one that finds no room there is flagged, so that its outcomes stay out of the sums too.
    func countExposure(_ route: UnsafePointer<PlanRoute>, _ assigned: UnsafePointer<PlanVariant>) {
        if route.pointee.sliceMilliseconds > 0 {
            let slice = pointee.assignedAt / route.pointee.sliceMilliseconds
            let meter = assigned.pointee.exposures[loop.pointee.number]
            if !meter.exposed(slice: slice, bucket: UInt8(truncatingIfNeeded: pointee.unitHash), rows: pointee.rows) {
                pointee.flags.formUnion(.uncounted)
                loop.pointee.meter.count(.exposuresUncounted, pointee.rows)
            }
        }
        countEvent(.exposure)
    }

    /// Counts what a status says that happened to the exposure.
    func countEvents(_ status: StatusCode, _ route: UnsafePointer<PlanRoute>) {
        if status == .s504, !pointee.isCharged { countEvent(.timeout) }
        if pointee.queueTime &+ pointee.modelTime > route.pointee.slow { countEvent(.slow) }
    }

    /// Counts an event of the exposure. Only the first of a unit's slot is evidence, and none where units are not told
    /// apart; a request without a unit is its own.
    func countEvent(_ kind: EventKind) {
        guard pointee.reason != .override, let route = pointee.route, let assigned = pointee.assigned else { return }
        let isFirst =
            pointee.flags.contains(.ownUnit) || route.pointee.firsts.map { $0.isFirst(kind, slot: pointee.unitHash &>> 8) } ?? false
        assigned.pointee.meters[loop.pointee.number].event(kind, isFirst: isFirst)
    }

    /// Records scores and features of an answered request, and notes the rows that the prediction log takes.
    func record(
        _ labels: UnsafePointer<Int32>, _ scores: UnsafePointer<Float>, _ route: UnsafePointer<PlanRoute>, _ variant: UnsafePointer<PlanVariant>
    ) {
        let loop = loop
        let width = variant.pointee.scoreCount
        for row in 0..<pointee.sketched { sketch(row, scores + row * width, loop, route, variant) }
        guard route.pointee.logShare > 0 else { return }
        for row in 0..<pointee.rows {
            guard loop.samples(pointee.sequence &+ UInt64(row), share: route.pointee.logShare) else { continue }
            if isAnswer(labels[row], scores + row * width, variant) {
                loop.note(self, row: row, status: 200, label: labels[row], scores: scores + row * width)
            } else {
                loop.note(self, row: row, status: 500, label: -1, scores: nil)
            }
        }
    }

    @inline(__always)
    private func sketch(
        _ row: Int, _ scores: UnsafePointer<Float>, _ loop: EventLoopPointer, _ route: UnsafePointer<PlanRoute>, _ variant: UnsafePointer<PlanVariant>
    ) {
        let meter = variant.pointee.meters[loop.pointee.number]
        for output in 0..<variant.pointee.scoreCount { meter.score(output: output, value: Double(scores[output])) }
        guard route.pointee.hasBins else { return }
        let slots = pointee.slots.unsafelyUnwrapped + row * route.pointee.fieldCount
        for field in 0..<route.pointee.fieldCount where !route.pointee.isText[field] { meter.feature(field, slots[field]) }
        for place in 0..<route.pointee.textFieldCount {
            let field = Int(route.pointee.textFields[place])
            let text = TextSlot(slots[field])
            meter.feature(field, text: UnsafeRawBufferPointer(start: pointee.text.unsafelyUnwrapped + text.offset, count: text.count).bytes)
        }
    }
}
