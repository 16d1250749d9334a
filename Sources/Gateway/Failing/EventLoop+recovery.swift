import Admission
import Breakers
import HTTPWire
import Metrics
import Primitives

// After a failure: another variant, the route's fallback, or the truth. The failure stays charged to the assigned variant.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// The variant failed a request.
    func fail(_ exchange: ExchangePointer, _ result: CallResult, began: Instant? = nil) {
        report(exchange, result, rows: exchange.pointee.rows, began: began)
        recover(exchange, result == .late ? .deadline : .modelFailed)
    }

    /// Answers a request that its variant did not: by another variant, by the fallback, else by the fault.
    func recover(_ exchange: ExchangePointer, _ fault: RequestFault) {
        giveLeaseBack(exchange)
        guard !exchange.pointee.isGone else { return release(exchange) }
        let route = exchange.pointee.route.unsafelyUnwrapped
        exchange.charge(fault, route)
        guard exchange.pointee.reason != .override else { return exchange.answer(fault) }
        if fault == .modelFailed, retry(exchange, route) { return }
        if fallBack(exchange, route, fault) { return }
        exchange.answer(fault)
    }

    /// Tries another variant, once, while there is time and the route's budget for it lasts.
    private func retry(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) -> Bool {
        guard let budget = route.pointee.retry, !exchange.pointee.isRetried, pointee.now < exchange.deadline,
            let other = another(exchange, route)
        else { return false }
        guard budget.withdraw(now: pointee.now) else {
            pointee.meter.count(.retriesDenied)
            return false
        }
        pointee.meter.count(.retries)
        runOn(other, exchange, .retry)
        return true
    }

    /// Lets the route's fallback answer.
    private func fallBack(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>, _ fault: RequestFault) -> Bool {
        guard exchange.pointee.reason != .fallback else { return false }
        switch route.pointee.fallback {
        case .none: return false
        case .answer(let status, let body):
            pointee.meter.count(.fallbacks)
            exchange.pointee.reason = .fallback
            exchange.pointee.reply = WireBody(bytes: body.start, count: body.count)
            exchange.send(status)
            return true
        case .variant(let index):
            let other = UnsafePointer(route.pointee.variants + index)
            guard other != exchange.pointee.variant, fault != .deadline, pointee.now < exchange.deadline,
                other.pointee.gate.peek(now: pointee.now, draw: exchange.draw)
            else { return false }
            pointee.meter.count(.fallbacks)
            runOn(other, exchange, .fallback)
            return true
        }
    }

    /// Runs a request that was not answered on another variant: now when its rows are at hand, else in this turn's gathering.
    private func runOn(_ variant: UnsafePointer<PlanVariant>, _ exchange: ExchangePointer, _ reason: ServedReason) {
        exchange.pointee.variant = variant
        exchange.pointee.reason = reason
        exchange.pointee.isRetried = true
        exchange.pointee.spoilsAnswer = false
        exchange.pointee.misfit = -1
        if exchange.pointee.hasRows { _ = dispatch(exchange) } else { resume(exchange) }
    }

    /// Puts a request whose variant is settled before all others of the next gathering.
    func resume(_ exchange: ExchangePointer) {
        forgetRows(exchange)
        exchange.pointee.isResumed = true
        exchange.pointee.stage = .running
        exchange.pointee.next = nil
        if let last = pointee.resumedLast { last.pointee.next = exchange } else { pointee.resumedFirst = exchange }
        pointee.resumedLast = exchange
    }

    func takeResumed() -> ExchangePointer? {
        guard let first = pointee.resumedFirst else { return nil }
        pointee.resumedFirst = first.pointee.next
        if pointee.resumedFirst == nil { pointee.resumedLast = nil }
        return first
    }
}

extension UnsafeMutablePointer where Pointee == Exchange {
    /// Charges a failure to the assigned variant, once, whoever answers in the end.
    func charge(_ fault: RequestFault, _ route: UnsafePointer<PlanRoute>) {
        guard !pointee.isCharged else { return }
        pointee.isCharged = true
        countEvent(fault == .deadline ? .timeout : .error)
    }
}
