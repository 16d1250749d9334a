public import Primitives
public import Synchronization

/// How often failed requests may be tried again: a percentage of the requests of the last ten seconds, never less than three in ten seconds.
/// When everything fails, retries add that percentage to the load and no more.
///
/// The last ten seconds are the current one, as far as it is over, and the nine before. Each second is a word of its own: its number, its
/// requests and its retries. The words are shared by all reactors. Valid as long as the words it was made of.
@safe @frozen public struct RetryBudget: @unchecked Sendable {
    // Sendable: atomic words, and values.
    @usableFromInline let seconds: UnsafeMutablePointer<SharedWord>
    /// Hundredths of a percent.
    private let share: UInt64

    /// Words that a budget needs: a power of two above ten, so that a second that is over is found empty or recognized as old.
    package static let words = 16

    /// A budget over sixteen of `words`, which were made with `RetryBudget.words`.
    /// - Parameter percent: brought into `AdmissionLimits.retryPercent`.
    package init(_ words: SharedWords, percent: Double) {
        // The address of words that live as long as the budget may be used.
        unsafe seconds = words.words
        let percent = min(max(percent, AdmissionLimits.retryPercent.lowerBound), AdmissionLimits.retryPercent.upperBound)
        share = UInt64((percent * 100).rounded())
    }

    /// Counts requests that were let in, each once, whether they fail or not.
    @inlinable public func requested(_ count: Int = 1, now: Instant) {
        let number = RetrySecond.number(now)
        // Within the words, which are alive: see the type.
        let word = unsafe seconds + RetrySecond.place(number)
        var value = unsafe word.pointee.load(ordering: .relaxed)
        while true {
            let next = RetrySecond(value, at: number).adding(requests: UInt64(truncatingIfNeeded: max(0, count)))
            let (isDone, found) = unsafe word.pointee.weakCompareExchange(expected: value, desired: next.bits, ordering: .relaxed)
            if isDone { return }
            value = found
        }
    }

    /// Takes one retry out of the budget.
    /// - Returns: whether there was one; if not, the request fails as it did.
    public func withdraw(now: Instant) -> Bool {
        let number = RetrySecond.number(now)
        // Within the words, which are alive: see the type.
        let word = unsafe seconds + RetrySecond.place(number)
        // Read before the others: whoever withdraws meanwhile changes it, and then it all is read again.
        var value = unsafe word.pointee.load(ordering: .relaxed)
        while true {
            let current = RetrySecond(value, at: number)
            let (requests, retries) = earlier(than: number)
            let allowed = max(AdmissionLimits.retriesAtLeast, (requests + current.requests) * share / 10_000)
            guard retries + current.retries < allowed else { return false }
            let (isDone, found) = unsafe word.pointee.weakCompareExchange(
                expected: value, desired: current.addingRetry().bits, ordering: .relaxed)
            if isDone { return true }
            value = found
        }
    }

    /// Requests and retries of the nine seconds before one.
    private func earlier(than number: UInt64) -> (requests: UInt64, retries: UInt64) {
        var (requests, retries): (UInt64, UInt64) = (0, 0)
        for back in 1..<RetrySecond.window where back <= number {
            let earlier = number - back
            // Within the words, which are alive: see the type.
            let second = unsafe RetrySecond(seconds[RetrySecond.place(earlier)].load(ordering: .relaxed), at: earlier)
            requests += second.requests
            retries += second.retries
        }
        return (requests, retries)
    }
}

/// One second of a budget in one word: bits 0 to 19 retries, 20 to 47 requests, 48 to 63 the second's number modulo 2^16 (18 hours: a word
/// that old can be taken for the present only if the route had no request in all that time, and then allows a few retries too many).
@frozen @usableFromInline struct RetrySecond {
    @usableFromInline var bits: UInt64

    /// Seconds that count.
    @usableFromInline static var window: UInt64 { 10 }
    @usableFromInline static var requestsAtMost: UInt64 { 1 << 28 - 1 }
    @usableFromInline static var retriesAtMost: UInt64 { 1 << 20 - 1 }

    /// What a word says of the second `number`: nothing, if it is about another one.
    @inlinable init(_ bits: UInt64, at number: UInt64) {
        let tag = number << 48
        self.bits = bits >> 48 == tag >> 48 ? bits : tag
    }

    @inlinable var requests: UInt64 { bits >> 20 & Self.requestsAtMost }
    @inlinable var retries: UInt64 { bits & Self.retriesAtMost }

    @inlinable func adding(requests count: UInt64) -> RetrySecond {
        var sum = self
        sum.bits += min(count, Self.requestsAtMost - requests) << 20
        return sum
    }

    @inlinable func addingRetry() -> RetrySecond {
        var sum = self
        if retries < Self.retriesAtMost { sum.bits += 1 }
        return sum
    }

    /// The number of the second that an instant is in.
    @inlinable static func number(_ now: Instant) -> UInt64 { now.nanoseconds / 1_000_000_000 }

    /// Where a second's word is.
    @inlinable static func place(_ number: UInt64) -> Int { Int(truncatingIfNeeded: number & 15) }
}
