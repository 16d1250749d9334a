public import Synchronization

/// One word of a breaker's memory.
@usableFromInline typealias BreakerCell = Atomic<UInt64>

/// Where things lie in a breaker's memory, in 64-bit words. What is written seldom, what all reactors write now and then, and what one
/// reactor writes at each call are on different cache lines.
@usableFromInline enum BreakerLayout {
    // Read at each request, written when the breaker moves or its policy changes.
    /// The ``BreakerWord``.
    @inlinable static var word: Int { 0 }
    /// Nanoseconds of the clock at which the breaker's own time begins.
    static var epoch: Int { 1 }
    static var seed: Int { 2 }
    static var reactors: Int { 3 }
    /// The policy, see ``BreakerSettings``.
    static var settings: Int { 4 }

    // Written every few calls by all reactors.
    /// Calls, rows, failures, slow rows, since the breaker was made.
    static var totals: Int { 16 }
    /// The newest snapshot's number.
    static var newest: Int { 20 }
    /// When a call was last failed or slow, in milliseconds plus one; 0 for never.
    static var lastBad: Int { 21 }
    /// Calls by ``CallResult``.
    static var results: Int { 24 }
    /// Totals at moments of the past, see ``BreakerWindow``.
    static var snapshots: Int { 32 }
    static var snapshotCount: Int { 16 }
    static var snapshotWords: Int { 5 }

    // Written when the breaker moves.
    static var trips: Int { 112 }
    static var observedTrips: Int { 113 }
    /// Raw value of the reason of the last trip, plus one.
    static var lastTrip: Int { 114 }
    /// Transitions so far, and the last of them, see ``TransitionLog``.
    static var logged: Int { 115 }
    static var log: Int { 116 }
    static var logCount: Int { 32 }
    /// Trips by reason, see ``BreakerReason/tripPlace``.
    static var tripsByReason: Int { 148 }

    // Written by one reactor each, see ``ReactorLine``; the places in a line first.
    /// Calls that are not yet added to the window in the low half, their rows in the high half.
    @inlinable static var pending: Int { 0 }
    /// Nanoseconds of the clock at which they are added at the latest; 0 in the middle of a row of failures, so that its end is noticed.
    @inlinable static var settleBy: Int { 1 }
    /// Failures in a row: calls in the low half; in the high half, how many of them count whoever else fails.
    static var streak: Int { 2 }
    /// Generation of the breaker's word under which all this was counted.
    static var generation: Int { 3 }
    /// Who the failures in the high half came from.
    static var identities: Int { 4 }
    /// Rows of one call that count at most, see ``BreakerLimits/rowsCounted``.
    @inlinable static var rowsCounted: Int { 16 }
    @inlinable static var lines: Int { 152 }
    /// Three cache lines: the words of each call are on the first one, and no two of those are neighbours in a pair of lines, which
    /// processors fetch together.
    @inlinable static var lineWords: Int { 24 }

    static func wordCount(reactors: Int) -> Int { lines + reactors * lineWords }
}

extension UnsafeMutablePointer where Pointee == BreakerCell {
    /// The value of a word. Relaxed: see the orders argued where it matters.
    @inlinable @inline(__always) func value(_ index: Int) -> UInt64 {
        unsafe self[index].load(ordering: .relaxed)
    }

    /// Sets a word.
    @inlinable @inline(__always) func set(_ index: Int, _ value: UInt64) {
        unsafe self[index].store(value, ordering: .relaxed)
    }

    /// Adds to a word that several threads write.
    @inline(__always) func add(_ index: Int, _ amount: UInt64) {
        unsafe _ = self[index].wrappingAdd(amount, ordering: .relaxed)
    }
}
