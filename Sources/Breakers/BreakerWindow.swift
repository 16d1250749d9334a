import Synchronization

/// What a breaker's rates are judged by: running totals that only grow, and snapshots of them from ten moments of each window.
///
/// A sum over the window is the difference of the totals and the oldest snapshot within it: no bucket has ever to be cleared, so no thread
/// can clear what another one adds. The sum covers between nine tenths of the window and all of it.
///
/// Any number of threads add at once. A thread that takes a snapshot claims its place by a compare-and-swap of `newest`, writes it, and then
/// gives it its number, releasing; a reader takes the number, acquiring, before and after it reads the rest, and leaves out what is being
/// written. What others add in the same moment may fall on either side of a snapshot: a sum is off by these few calls, never more.
@safe struct BreakerWindow {
    private let words: UnsafeMutablePointer<BreakerCell>

    /// The window in a breaker's memory, which outlives this value.
    init(_ words: UnsafeMutablePointer<BreakerCell>) {
        unsafe self.words = words
    }

    /// The first snapshot: nothing at time 0. Before any other thread sees the breaker.
    func begin() {
        let number = BreakerWindow.number(at: 0, sequence: 1)
        // Within the layout.
        unsafe words.set(BreakerLayout.newest, number)
        unsafe words.set(place(of: number), number)
    }

    /// Adds calls, after a snapshot if one is due: a tenth of the window after the last one, or when that is from before `since`.
    /// - Parameters:
    ///   - now: milliseconds, as `length` of the window, and `since`, before which nothing counts.
    func add(_ sums: WindowSums, at now: UInt64, length: UInt64, since: UInt64) {
        let newest = unsafe words[BreakerLayout.newest].load(ordering: .acquiring)
        let last = BreakerWindow.time(of: newest)
        if now >= last + length / 10 || last < since { takeSnapshot(after: newest, at: now) }
        // Calls before failures, and the reader the other way round: a failure is never seen without its call.
        unsafe words.add(BreakerLayout.totals, sums.calls)
        unsafe words.add(BreakerLayout.totals + 1, sums.rows)
        guard sums.failures | sums.slow != 0 else { return }
        unsafe _ = words[BreakerLayout.totals + 2].wrappingAdd(sums.failures, ordering: .releasing)
        unsafe _ = words[BreakerLayout.totals + 3].wrappingAdd(sums.slow, ordering: .releasing)
        unsafe words.set(BreakerLayout.lastBad, now + 1)
    }

    /// Whether the window that ends now can hold a failed or a slow call. Most hold none, and to say so takes one load where a sum takes
    /// fifteen snapshots.
    func mayBeBad(at now: UInt64, length: UInt64) -> Bool {
        let last = unsafe words.value(BreakerLayout.lastBad)
        return last > 0 && now < last + length
    }

    /// The sums of the window that ends now, but of nothing before `since`; nil when another thread is just beginning it.
    func sums(at now: UInt64, length: UInt64, since: UInt64) -> WindowSums? {
        let from = max(now > length ? now - length : 0, since)
        let totals = totals()
        let newest = unsafe words[BreakerLayout.newest].load(ordering: .acquiring)
        var base: WindowSums?
        for back in 0..<BreakerLayout.snapshotCount - 1 {
            let sequence = newest &- UInt64(back)
            guard let found = snapshot(sequence: sequence & 0xFFFF) else { break }
            // Nothing was added between this snapshot and the one after it that counts: that one follows a pause.
            guard found.time >= from else { break }
            base = found.totals
        }
        guard let base else { return nil }
        return WindowSums(
            calls: BreakerWindow.difference(totals.calls, base.calls), rows: BreakerWindow.difference(totals.rows, base.rows),
            failures: BreakerWindow.difference(totals.failures, base.failures), slow: BreakerWindow.difference(totals.slow, base.slow))
    }

    // MARK: - Snapshots

    private func takeSnapshot(after newest: UInt64, at now: UInt64) {
        let number = BreakerWindow.number(at: now, sequence: (newest + 1) & 0xFFFF)
        guard
            unsafe words[BreakerLayout.newest].compareExchange(expected: newest, desired: number, ordering: .acquiringAndReleasing).exchanged
        else { return }
        let place = place(of: number)
        let totals = totals()
        // "Being written" before the values, which come before the number: the fence and the release keep that order.
        unsafe words.set(place, 0)
        atomicMemoryFence(ordering: .releasing)
        unsafe words.set(place + 1, totals.calls)
        unsafe words.set(place + 2, totals.rows)
        unsafe words.set(place + 3, totals.failures)
        unsafe words.set(place + 4, totals.slow)
        unsafe words[place].store(number, ordering: .releasing)
    }

    private func snapshot(sequence: UInt64) -> (time: UInt64, totals: WindowSums)? {
        let place = place(of: sequence)
        let number = unsafe words[place].load(ordering: .acquiring)
        guard number & 0xFFFF == sequence else { return nil }
        let totals = unsafe WindowSums(
            calls: words.value(place + 1), rows: words.value(place + 2), failures: words.value(place + 3), slow: words.value(place + 4))
        atomicMemoryFence(ordering: .acquiring)
        guard unsafe words.value(place) == number else { return nil }
        return (BreakerWindow.time(of: number), totals)
    }

    private func totals() -> WindowSums {
        var sums = WindowSums()
        sums.slow = unsafe words[BreakerLayout.totals + 3].load(ordering: .acquiring)
        sums.failures = unsafe words[BreakerLayout.totals + 2].load(ordering: .acquiring)
        sums.rows = unsafe words.value(BreakerLayout.totals + 1)
        sums.calls = unsafe words.value(BreakerLayout.totals)
        return sums
    }

    /// A snapshot's number: its time in milliseconds over sixteen bits that count snapshots. The first one is 1, so none is 0 but at the
    /// epoch, when the count has come round.
    private static func number(at time: UInt64, sequence: UInt64) -> UInt64 { time << 16 | sequence }
    private static func time(of number: UInt64) -> UInt64 { number >> 16 }

    private func place(of number: UInt64) -> Int {
        BreakerLayout.snapshots + Int(number % UInt64(BreakerLayout.snapshotCount)) * BreakerLayout.snapshotWords
    }

    private static func difference(_ later: UInt64, _ earlier: UInt64) -> UInt64 {
        later > earlier ? later - earlier : 0
    }
}
