public import Primitives

/// Whether and when waiting requests are turned away.
@frozen public struct ShedPolicy: Equatable, Sendable {
    /// What requests may wait as a rule.
    public var target: Nanoseconds
    /// For how long all have to have waited longer before the first is turned away.
    public var interval: Nanoseconds

    /// - Parameters:
    ///   - target: default 5 ms, see `AdmissionLimits.shedTarget`.
    ///   - interval: default 100 ms, see `AdmissionLimits.shedInterval`.
    package init(target: Nanoseconds = AdmissionLimits.shedTarget, interval: Nanoseconds = AdmissionLimits.shedInterval) {
        self.target = target
        self.interval = interval
    }
}

/// Turns requests away when a queue does not empty any more: CoDel (RFC 8289) with requests for packets.
///
/// A queue that empties now and then only evens out bursts, however long it becomes. One in which *every* request has waited longer than the
/// target for a whole interval stands: it delays all and serves nobody. Then one request is turned away at once, and further ones at times
/// that come closer with the square root of their number, until one waits less than the target again.
///
/// Routers drop packets of senders that halve their speed at each loss. Clients of a gateway need not slow down, and the square root alone
/// takes minutes to turn away two thirds of a steady flood (n requests in `2 · interval · √n`). So there is a second rule: while the queue
/// stands and its first request has waited longer than a whole interval, all are turned away whatever the schedule says. Whoever is let in
/// then waits, at a load of r times what can be served, r intervals at most.
///
/// A plain value of one thread.
@frozen public struct Shedder: Sendable {
    public let policy: ShedPolicy
    /// Whether the queue stands, and some are turned away.
    @inlinable public var isStanding: Bool { isShedding }
    /// The last wait reported.
    @usableFromInline var waited: Nanoseconds = 0
    /// When the queue will have stood for an interval, if no wait falls below the target before; nil while one has.
    @usableFromInline var standsAt: Instant?
    @usableFromInline var isShedding = false
    /// When the next request is turned away, while shedding.
    @usableFromInline var nextAt = Instant(nanoseconds: 0)
    /// Requests turned away by the schedule since it began, and at the time it began anew.
    @usableFromInline var count: UInt64 = 0
    @usableFromInline var countBefore: UInt64 = 0

    package init(_ policy: ShedPolicy) {
        self.policy = policy
    }

    /// Takes note of how long a request has waited when it is looked at; 0 also stands for a queue that was found empty.
    @inlinable public mutating func sojourn(_ time: Nanoseconds, now: Instant) {
        waited = time
        if time < policy.target {
            standsAt = nil
            isShedding = false
        } else if standsAt == nil {
            standsAt = now.advanced(by: policy.interval)
        }
    }

    /// Whether the request at hand is turned away. Asked once for each.
    @inlinable public mutating func shouldShed(now: Instant) -> Bool {
        guard let standsAt, now >= standsAt else { return false }
        return shed(now)
    }

    /// The control law (RFC 8289 section 5.5), when the queue stands.
    @usableFromInline mutating func shed(_ now: Instant) -> Bool {
        if !isShedding {
            begin(now)
            return true
        }
        guard now >= nextAt else { return waited > policy.interval }
        count += 1
        nextAt = nextAt.advanced(by: pause)
        return true
    }

    /// Starts the schedule. Soon after an earlier one it goes on nearly as fast as that one had become (RFC 8289 section 5.4).
    private mutating func begin(_ now: Instant) {
        let fresh = count - countBefore
        count = fresh > 1 && now.since(nextAt) < 16 * policy.interval ? fresh : 1
        countBefore = count
        isShedding = true
        nextAt = now.advanced(by: pause)
    }

    /// From one request turned away to the next.
    private var pause: Nanoseconds { Nanoseconds(Double(policy.interval) / Double(count).squareRoot()) }
}
