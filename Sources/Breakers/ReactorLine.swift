import Primitives

/// What one reactor knows of a breaker's calls that the others need not: those not yet added to the window, and its failures in a row.
///
/// One thread writes it; others read the calls that wait. Everything is relaxed: each word means something alone.
@safe struct ReactorLine {
    private let words: UnsafeMutablePointer<BreakerCell>

    /// The line of one reactor in a breaker's memory, which outlives this value.
    init(_ words: UnsafeMutablePointer<BreakerCell>, reactor: Int) {
        // The layout has a line for each reactor; the caller is one of them.
        unsafe self.words = words + (BreakerLayout.lines + reactor * BreakerLayout.lineWords)
    }

    /// Forgets what was counted under another state of the breaker.
    func enter(_ generation: UInt16) {
        guard unsafe words.value(BreakerLayout.generation) != UInt64(generation) else { return }
        unsafe words.set(BreakerLayout.generation, UInt64(generation))
        unsafe words.set(BreakerLayout.streak, 0)
        unsafe words.set(BreakerLayout.pending, 0)
    }

    /// Takes the calls that wait, and sets when the next ones are added at the latest; what comes after that goes the long way at once.
    func takePending(settleBy instant: Instant) -> WindowSums {
        let pending = pending
        unsafe words.set(BreakerLayout.pending, 0)
        unsafe words.set(BreakerLayout.settleBy, instant.nanoseconds)
        return pending
    }

    /// The calls that wait. Any thread.
    var pending: WindowSums {
        let both = unsafe words.value(BreakerLayout.pending)
        return WindowSums(calls: both & 0xFFFF_FFFF, rows: both >> 32)
    }

    /// When the calls that wait are added at the latest. Any thread.
    var settleBy: Instant {
        unsafe Instant(nanoseconds: words.value(BreakerLayout.settleBy))
    }

    /// A success: the row of failures is at its end.
    func endStreak() {
        unsafe words.set(BreakerLayout.streak, 0)
    }

    /// One more failure in a row.
    ///
    /// It counts for its rows, but one identity for no more than `limit` in a row: a caller who sends what the model cannot take, or a body
    /// of many such rows, shall not close a variant to everybody.
    /// - Returns: calls in a row whoever they came from, and failures in a row that count.
    func extendStreak(rows: Int, identity: UInt64, limit: UInt64) -> (calls: UInt64, counted: UInt64) {
        let streak = unsafe words.value(BreakerLayout.streak)
        let calls = (streak & 0xFFFF_FFFF) + 1
        var counted = streak >> 32
        var known: UInt64 = 0
        for place in 0..<Int(counted) where unsafe words.value(BreakerLayout.identities + place) == identity { known += 1 }
        // Each that counts is kept: at most failuresInRow, as many as there is room for; a trip then ends the row.
        var left = UInt64(min(max(rows, 1), BreakerLimits.anyoneInARow))
        while left > 0, known < limit, counted < UInt64(BreakerLimits.anyoneInARow) {
            unsafe words.set(BreakerLayout.identities + Int(counted), identity)
            counted += 1
            known += 1
            left -= 1
        }
        unsafe words.set(BreakerLayout.streak, counted << 32 | min(calls, 0xFFFF_FFFF))
        return (calls, counted)
    }
}
