import Primitives
import Synchronization

/// The last transitions of a breaker, each in one word, so that none is ever seen half written.
///
/// A word holds, from the lowest bit: 2 bits from, 2 bits to, 4 bits reason, 18 bits of the transition's number, 38 bits of milliseconds.
@safe struct TransitionLog {
    private let words: UnsafeMutablePointer<BreakerCell>
    private static let numberMask: UInt64 = 1 << 18 - 1

    /// The log in a breaker's memory, which outlives this value.
    init(_ words: UnsafeMutablePointer<BreakerCell>) {
        unsafe self.words = words
    }

    /// Adds a transition, by the thread that made it. Two that follow each other within nanoseconds may be numbered the other way round.
    func append(from: BreakerState, to: BreakerState, _ reason: BreakerReason, at now: UInt64) {
        // The number is taken first and the entry follows: a reader knows by the number in the entry whether it is there yet.
        let number = unsafe words[BreakerLayout.logged].wrappingAdd(1, ordering: .relaxed).newValue
        let what = UInt64(from.rawValue) | UInt64(to.rawValue) << 2 | UInt64(reason.rawValue) << 4
        unsafe words.set(place(of: number), what | (number & TransitionLog.numberMask) << 8 | now << 26)
    }

    /// How many there were.
    var count: UInt64 { unsafe words.value(BreakerLayout.logged) }

    /// Those after number `after` that are still kept, in their order; ends before one that is just being written.
    func entries(after: UInt64, epoch: Instant) -> [BreakerTransition] {
        let count = count
        let kept = UInt64(BreakerLayout.logCount)
        var number = max(after, count > kept ? count - kept : 0) + 1
        var entries: [BreakerTransition] = []
        while number <= count {
            let word = unsafe words.value(place(of: number))
            let ahead = (word >> 8 &- number) & TransitionLog.numberMask
            if ahead == 0, let entry = TransitionLog.entry(word, number: number, epoch: epoch) {
                entries.append(entry)
            } else if ahead > TransitionLog.numberMask / 2 {
                // An older one is still there.
                break
            }
            number += 1
        }
        return entries
    }

    private static func entry(_ word: UInt64, number: UInt64, epoch: Instant) -> BreakerTransition? {
        guard let from = BreakerState(rawValue: UInt8(word & 3)), let to = BreakerState(rawValue: UInt8(word >> 2 & 3)),
            let reason = BreakerReason(rawValue: UInt8(word >> 4 & 15))
        else { return nil }
        return BreakerTransition(number: number, at: epoch.advanced(by: .milliseconds(word >> 26)), from: from, to: to, reason: reason)
    }

    private func place(of number: UInt64) -> Int {
        BreakerLayout.log + Int(number % UInt64(BreakerLayout.logCount))
    }
}
