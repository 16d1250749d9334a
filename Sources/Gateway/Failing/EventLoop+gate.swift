import Breakers
import Metrics
import Primitives
import Routing

// The gate: who serves a request whose variant was assigned. Assignment is settled by then and stays what it is.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Finds the variant that serves: the assigned one while its breaker lets it, else another one chosen by the same scores.
    ///
    /// - Returns: false when none may serve, and the request has been answered.
    func gate(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) -> Bool {
        let variant = exchange.pointee.variant.unsafelyUnwrapped
        if variant.pointee.gate.isClear { return true }
        // Who asks for a variant by name gets it, whatever it has done, but for one that would end the process.
        if exchange.pointee.reason == .override {
            guard variant.pointee.gate.isHeld else { return true }
            exchange.answer(.noVariant)
            return false
        }
        switch variant.pointee.gate.ask(now: pointee.now, draw: exchange.draw) {
        case .serve: return true
        case .probe(let lease):
            exchange.pointee.lease = lease
            pointee.meter.count(.probes)
            return true
        case .elsewhere:
            // With nobody else to ask, it goes on: an open breaker is no reason to serve nobody.
            guard let other = another(exchange, route) else { return true }
            serveElsewhere(exchange, other)
            return true
        case .held:
            guard let other = another(exchange, route) else {
                recover(exchange, .noVariant)
                return false
            }
            serveElsewhere(exchange, other)
            return true
        }
    }

    private func serveElsewhere(_ exchange: ExchangePointer, _ other: UnsafePointer<PlanVariant>) {
        exchange.pointee.variant = other
        exchange.pointee.reason = .breaker
        pointee.meter.count(.servedElsewhere)
    }

    /// The variant that serves this unit when the one at hand does not: of those whose breakers are closed, the one with the best score.
    func another(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) -> UnsafePointer<PlanVariant>? {
        var open: UInt32 = 0
        let current = exchange.pointee.variant.unsafelyUnwrapped
        for index in 0..<route.pointee.variantCount where UnsafePointer(route.pointee.variants + index) != current {
            if route.pointee.variants[index].gate.peek(now: pointee.now, draw: exchange.draw) { open |= 1 << UInt32(index) }
        }
        guard open != 0 else { return nil }
        let unit = UnsafeRawBufferPointer(start: exchange.pointee.notes, count: exchange.pointee.unitCount)
        return route.pointee.split.pointee.choose(unit: unit.bytes, among: open).map { UnsafePointer(route.pointee.variants + $0) }
    }

    // MARK: - What came of it

    /// Tells the breaker of the variant that ran what came of some rows.
    ///
    /// - Parameter began: when the call began; nil: now.
    func report(_ exchange: ExchangePointer, _ result: CallResult, rows: Int, began: Instant? = nil) {
        guard exchange.pointee.reason != .override else { return }
        let lease = exchange.pointee.lease
        exchange.pointee.lease = nil
        exchange.pointee.variant.unsafelyUnwrapped.pointee.gate.report(
            reactor: pointee.number, result, rows: rows, identity: exchange.identity, lease: lease, began: began, now: pointee.now)
    }

    /// Lets another call probe: this one comes to nothing.
    func giveLeaseBack(_ exchange: ExchangePointer) {
        guard let lease = exchange.pointee.lease else { return }
        exchange.pointee.lease = nil
        exchange.pointee.variant?.pointee.gate.giveBack(lease)
    }
}

extension UnsafeMutablePointer where Pointee == Exchange {
    /// The unit's place among all units, evenly spread and independent of its variant: which come back first when a share ramps up.
    var draw: UInt32 { UInt32(truncatingIfNeeded: pointee.unitHash &>> 32) }

    /// Who asks, as breakers tell callers apart: the unit; for requests without one the token, where there are several.
    var identity: UInt64 {
        guard pointee.flags.contains(.ownUnit) else { return pointee.unitHash }
        let hasOneCaller = pointee.planSlot.pointee.plan._withUnsafeGuaranteedRef { $0.tokens.hasOneCaller }
        return hasOneCaller ? pointee.unitHash : UInt64(truncatingIfNeeded: pointee.token &+ 1)
    }

    /// When the answer is due: the route's deadline, or the caller's where that is shorter, from the moment the request was complete.
    var deadline: Instant {
        let route = pointee.route.unsafelyUnwrapped
        return pointee.ready.advanced(by: min(route.pointee.deadline, pointee.timeout))
    }

    /// When the route's own deadline passes: what its variants are measured by. A caller may have less patience, which is no fault of theirs.
    var limit: Instant { pointee.ready.advanced(by: pointee.route.unsafelyUnwrapped.pointee.deadline) }

    /// Whether the answer took longer than the route calls slow, waiting included.
    var isSlow: Bool { pointee.queueTime &+ pointee.modelTime > pointee.route.unsafelyUnwrapped.pointee.slow }
}

extension CallResult {
    /// What a call says about its variant when it came too late for who asked; nil: nothing.
    ///
    /// - Parameters:
    ///   - isTerminated: the watchdog ended it, so that nobody knows what it would have come to, but for how long it took at least.
    ///   - isPastLimit: the route's own deadline has passed too. Before that, only the caller's patience was at its end: whoever asks for an
    ///     answer within a millisecond shall not close a variant to everybody.
    static func ofLateCall(isOK: Bool, isTerminated: Bool, isSlow: Bool, isPastLimit: Bool) -> CallResult? {
        if isPastLimit { return .late }
        if isTerminated { return isSlow ? .slow : nil }
        return isOK ? (isSlow ? .slow : .ok) : .failed
    }
}
