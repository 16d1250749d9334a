import Admission
import HTTPWire
import Metrics
import Primitives

// The station "admit": whether a prediction whose head is right may go on, before its body is read. Health, control and outcomes do not
// come here.

extension UnsafeMutablePointer where Pointee == Exchange {
    /// Asks all limits, the caller's own first: who asks too fast takes nothing from the others. The last take places, which the answer gives
    /// back, or the end of an exchange without one.
    func admit(_ token: UnsafePointer<TokenEntry>) -> RequestFault {
        let loop = pointee.connection.pointee.loop
        if let rate = token.pointee.rate, exceeds(rate, loop) { return .rateExceeded }
        if loop.pointee.limits.pointee.shed != .off, isShed(loop) { return .contended }
        let fault = takePlaces(loop)
        guard fault == .none else { return fault }
        if let retry = pointee.route.unsafelyUnwrapped.pointee.retry { retry.requested(now: loop.pointee.now) }
        return .none
    }

    /// Whether the token asks too fast, and when it may ask again.
    private func exceeds(_ rate: RateGate, _ loop: EventLoopPointer) -> Bool {
        guard let wait = rate.admit(now: loop.pointee.now) else { return false }
        loop.pointee.meter.count(rate.isEnforced ? .rateRefused : .rateObserved)
        pointee.retryAfter = UInt32(min(wait.secondsToWait, UInt64(Exchange.retryAfterAtMost)))
        return rate.isEnforced
    }

    /// Whether requests wait so long that this one is turned away.
    private func isShed(_ loop: EventLoopPointer) -> Bool {
        let now = loop.pointee.readAt
        loop.pointee.shedder.sojourn(loop.waited(), now: now)
        guard loop.pointee.shedder.shouldShed(now: now) else { return false }
        let isEnforced = loop.pointee.limits.pointee.shed == .enforce
        loop.pointee.meter.count(isEnforced ? .shedRefused : .shedObserved)
        return isEnforced
    }

    private func takePlaces(_ loop: EventLoopPointer) -> RequestFault {
        guard take(loop.pointee.concurrency, .process, loop) else { return .overloaded }
        guard let gate = pointee.route.unsafelyUnwrapped.pointee.concurrency else { return .none }
        guard take(gate, .route, loop) else {
            givePlacesBack(loop)
            return .contended
        }
        return .none
    }

    private func take(_ gate: ConcurrencyGate, _ place: Exchange.Places, _ loop: EventLoopPointer) -> Bool {
        switch gate.take() {
        case .taken: break
        case .takenBeyond: loop.pointee.meter.count(.concurrencyObserved)
        case .refused:
            loop.pointee.meter.count(.concurrencyRefused)
            return false
        }
        pointee.places.formUnion(place)
        return true
    }

    /// Gives back what was taken; nothing the second time. Called where an answer is handed to the wire (what the peer then does with it, or
    /// with a body that is dropped, is no work of ours), and where the exchange's memory is given back, whatever ended it.
    ///
    /// - Parameter loop: named by the caller, since the connection may be gone already.
    func givePlacesBack(_ loop: EventLoopPointer) {
        if pointee.places.contains(.process) { loop.pointee.concurrency.giveBack() }
        if pointee.places.contains(.route), let gate = pointee.route.unsafelyUnwrapped.pointee.concurrency { gate.giveBack() }
        pointee.places = []
    }

    /// `Retry-After` of a token that asked too fast: behind the digits of status and length.
    var retryAfterField: WireField {
        let digits = pointee.digits + Exchange.retryAfterOffset
        let count = writeDecimal(Int(max(1, pointee.retryAfter)), to: digits)
        return WireField("retry-after", digits, count, isVolatile: true)
    }
}

extension Exchange {
    /// What an exchange has taken of the limits on concurrency.
    struct Places: OptionSet {
        let rawValue: UInt8
        static let process = Places(rawValue: 1)
        static let route = Places(rawValue: 2)
    }

    /// Where the digits of `Retry-After` stand; there is room for eight.
    static let retryAfterOffset = 24
    /// Seconds that a client is told to wait at most.
    static let retryAfterAtMost: UInt32 = 99_999_999
}
