import Contracts
import Inference
import Primitives
import Processes

// What stands beside every call of a model, for whoever looks at this thread from outside: the watchdog while it runs, and the next start of the
// process if it never returns.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Says inside which variant this thread is, since when, until when anybody waits for it, and until when it may be.
    @inline(__always) func enterModel(
        _ exchange: ExchangePointer, _ lane: UnsafeMutablePointer<ModelLane>, until deadline: Instant, limit: Instant
    ) {
        let variant = exchange.pointee.variant.unsafelyUnwrapped
        pointee.watched.enter(
            route: exchange.pointee.route.unsafelyUnwrapped.pointee.hash.value, variant: variant.pointee.hash.value,
            model: lane.pointee.model, terminator: lane.pointee.terminator, now: pointee.now, deadline: deadline, limit: limit)
    }

    /// Ends the process as a model that crashes would: with its rows kept and its variant named.
    func crash(_ exchange: ExchangePointer) -> Never {
        let variant = exchange.pointee.variant.unsafelyUnwrapped
        let route = exchange.pointee.route.unsafelyUnwrapped
        keepRows(exchange, route)
        pointee.watched.slot.enter(
            route: route.pointee.hash.value, variant: variant.pointee.hash.value, model: variant.pointee.lanes[pointee.number].pointee.model, now: pointee.now,
            deadline: exchange.deadline)
        ProcessSelf.crash()
    }

    /// Keeps the rows that go in, for a rerun without traffic should they end the process.
    @inline(__always) func keepRows(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) {
        guard route.pointee.textFieldCount == 0 else { return keepTexts(exchange, route) }
        pointee.watched.slot.keep(
            slots: exchange.pointee.slots.unsafelyUnwrapped, rows: exchange.pointee.rows, width: route.pointee.fieldCount, text: nil, textCount: 0)
    }

    /// The same with texts: only this request's, and so with their places counted from its first.
    private func keepTexts(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) {
        let (rows, width) = (exchange.pointee.rows, route.pointee.fieldCount)
        let slots = exchange.pointee.slots.unsafelyUnwrapped
        withUnsafeTemporaryAllocation(of: Double.self, capacity: rows * width) { copy in
            let start = copy.baseAddress.unsafelyUnwrapped
            start.update(from: slots, count: rows * width)
            for row in 0..<rows {
                for index in 0..<route.pointee.textFieldCount {
                    let place = row * width + Int(route.pointee.textFields[index])
                    start[place] = TextSlot(slots[place]).moved(by: -exchange.pointee.textStart)
                }
            }
            let text = exchange.pointee.text.unsafelyUnwrapped + exchange.pointee.textStart
            pointee.watched.slot.keep(slots: start, rows: rows, width: width, text: text, textCount: exchange.pointee.textCount)
        }
    }

    /// Answers a row that the model's type cannot hold: the caller's fault, of which the breaker hears nothing.
    func answerMisfit(_ exchange: ExchangePointer, column: Int32, row: Int32) {
        giveLeaseBack(exchange)
        guard !exchange.pointee.isGone else { return release(exchange) }
        exchange.pointee.misfit = column
        exchange.pointee.misfitRow = row
        exchange.answerMisfit()
    }
}
