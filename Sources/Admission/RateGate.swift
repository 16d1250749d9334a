public import Primitives
public import Synchronization

/// How fast somebody may ask: `rate` requests a second in the long run, `burst` of them at once.
@frozen public struct RateLimit: Equatable, Sendable {
    /// Nanoseconds that one request uses up.
    @usableFromInline let interval: Nanoseconds
    /// Requests that may come at once.
    @usableFromInline let burst: UInt64

    /// - Parameters:
    ///   - rate: requests a second; brought into `AdmissionLimits.rate`.
    ///   - burst: brought into `AdmissionLimits.burst`.
    package init(rate: Double, burst: Int) {
        let rate = min(max(rate, AdmissionLimits.rate.lowerBound), AdmissionLimits.rate.upperBound)
        interval = Nanoseconds((1e9 / rate).rounded())
        self.burst = UInt64(min(max(burst, AdmissionLimits.burst.lowerBound), AdmissionLimits.burst.upperBound))
    }
}

/// Decides request by request whether somebody asks too fast: the generic cell rate algorithm (ITU-T I.371, annex A, in its form as virtual
/// scheduling), whose whole memory is one word: the time at which the next request would be due if all came evenly.
///
/// The word is shared by all reactors and changed by compare-and-swap. Valid as long as the words it was made of.
@safe @frozen public struct RateGate: @unchecked Sendable {
    // Sendable: one atomic word, and values.
    @usableFromInline let word: UnsafeMutablePointer<SharedWord>
    @usableFromInline let limit: RateLimit
    /// False: a request beyond the rate is counted and let in.
    public let isEnforced: Bool

    /// A gate over the first of `words`.
    package init(_ words: SharedWords, limit: RateLimit, isEnforced: Bool) {
        // The address of a word that lives as long as the gate may be used.
        unsafe word = words.words
        self.limit = limit
        self.isEnforced = isEnforced
    }

    /// Lets a request in, or says how long it has to wait until it would be let in. One that is refused uses nothing up.
    ///
    /// - Parameter cost: how much it uses up, in requests; counts as `burst` at most, or it could never be let in.
    /// - Returns: nil when it is let in.
    @inlinable public func admit(now: Instant, cost: UInt64 = 1) -> Nanoseconds? {
        let room = limit.burst &* limit.interval
        let used = min(cost, limit.burst) &* limit.interval
        // The word is alive, see the type.
        var due = unsafe word.pointee.load(ordering: .relaxed)
        while true {
            let next = max(due, now.nanoseconds) &+ used
            // `next` is not before `now`: reactors' clocks are one clock, read at most a turn apart.
            let ahead = next &- now.nanoseconds
            if ahead > room { return ahead &- room }
            let (isDone, found) = unsafe word.pointee.weakCompareExchange(expected: due, desired: next, ordering: .relaxed)
            if isDone { return nil }
            due = found
        }
    }
}

extension Nanoseconds {
    /// Whole seconds, rounded up and at least one: what `Retry-After` says (RFC 9110 section 10.2.3), so that who waits as long is in time.
    @inlinable public var secondsToWait: UInt64 { self == 0 ? 1 : (self - 1) / 1_000_000_000 + 1 }
}
