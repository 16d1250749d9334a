public import Primitives
import Synchronization

// The part of a report that is not done for each success: the shared window, failures, probes, and the rules.

extension BreakerGate {
    /// Takes in a report in full; see `report`.
    @usableFromInline func settle(
        reactor: Int, _ result: CallResult, rows: Int, identity: UInt64, lease: BreakerLease?, began: Instant, now: Instant
    ) {
        if let lease { return settleProbe(result, lease, now: now) }
        let at = milliseconds(now)
        let word = word
        let line = unsafe ReactorLine(words, reactor: reactor)
        let settings = settings
        // Calls are counted by their result in any case, those that wait are successes; for the rates only under the state they were made in.
        count(result, waiting: line.pending.calls)
        line.enter(word.generation)
        let settleBy = result.isFailure ? Instant(nanoseconds: 0) : now.advanced(by: .milliseconds(settings.window / 10))
        var sums = line.takePending(settleBy: settleBy)
        if !result.isFailure { line.endStreak() }
        guard settings.mode != .off, word.counts(at: min(at, milliseconds(began))) else { return }
        let counted = UInt64(min(max(rows, 1), BreakerLimits.rowsCounted))
        sums.calls += 1
        sums.rows += counted
        if result.isFailure { sums.failures += counted }
        if result == .slow { sums.slow += counted }
        let window = unsafe BreakerWindow(words)
        window.add(sums, at: at, length: settings.window, since: word.instant)
        guard result.isFailure else {
            if let reason = exceeded(at: now, word, settings) { trip(word, reason, at: at, settings) }
            return
        }
        let limit = (settings.failuresInRow * 2 + 4) / 5
        let streak = line.extendStreak(rows: rows, identity: identity, limit: limit)
        if streak.counted >= settings.failuresInRow || streak.calls >= UInt64(BreakerLimits.anyoneInARow) {
            trip(word, .inARow, at: at, settings)
        } else if let reason = exceeded(at: now, word, settings) {
            trip(word, reason, at: at, settings)
        }
    }

    private func count(_ result: CallResult, waiting: UInt64) {
        // Within the layout.
        if result != .ok { unsafe words.add(BreakerLayout.results + Int(result.rawValue), 1) }
        let successes = result == .ok ? waiting + 1 : waiting
        if successes > 0 { unsafe words.add(BreakerLayout.results, successes) }
    }

    private func settleProbe(_ result: CallResult, _ lease: BreakerLease, now: Instant) {
        count(result, waiting: 0)
        let at = milliseconds(now)
        let times = settings.times
        let draw = nextDraw
        while true {
            let word = word
            guard let next = word.probed(result, lease: lease.generation, at: at, by: times, draw: draw) else { return }
            guard exchange(word, for: next) else { continue }
            if next.state == .open { noteTrip(.probeFailed) }
            if next.state != .probing { log(word, next, next.state == .open ? .probeFailed : .probesPassed, at: at) }
            return
        }
    }

    /// The rate that is too high, if one is.
    private func exceeded(at now: Instant, _ word: BreakerWord, _ settings: BreakerSettings) -> BreakerReason? {
        let window = unsafe BreakerWindow(words)
        let at = milliseconds(now)
        guard window.mayBeBad(at: at, length: settings.window), var sums = window.sums(at: at, length: settings.window, since: word.instant) else {
            return nil
        }
        addWaiting(to: &sums, now: now, window: settings.window)
        guard sums.calls >= settings.callsAtLeast else { return nil }
        let rows = Double(sums.rows)
        if Double(sums.failures) >= settings.failureShare * rows, sums.failures > 0 { return .failureShare }
        return Double(sums.slow) >= settings.slowShare * rows && sums.slow > 0 ? .slowShare : nil
    }

    /// Adds the successes that reactors have not yet added to the window, or a few failures would look like a larger share than they are.
    func addWaiting(to sums: inout WindowSums, now: Instant, window: UInt64) {
        for reactor in 0..<reactors {
            let line = unsafe ReactorLine(words, reactor: reactor)
            guard now.since(line.settleBy) < .milliseconds(window) else { continue }
            let waiting = line.pending
            sums.calls += waiting.calls
            sums.rows += waiting.rows
        }
    }

    /// Opens, unless another thread has just moved the word: then the rule is judged anew at the next report.
    private func trip(_ word: BreakerWord, _ reason: BreakerReason, at now: UInt64, _ settings: BreakerSettings) {
        var word = word
        while let next = word.tripped(reason, at: now, by: settings.times, draw: nextDraw) {
            if exchange(word, for: next) {
                noteTrip(reason, isObserved: next.state == .closed)
                if next.state == .open { log(word, next, reason, at: now) }
                return
            }
            let generation = word.generation
            word = self.word
            // The end of a ramp leaves the generation: the same trip is still due. Anything else has decided otherwise.
            if word.generation != generation { return }
        }
    }

    private func noteTrip(_ reason: BreakerReason, isObserved: Bool = false) {
        unsafe words.add(isObserved ? BreakerLayout.observedTrips : BreakerLayout.trips, 1)
        if !isObserved, let place = reason.tripPlace { unsafe words.add(BreakerLayout.tripsByReason + place, 1) }
        unsafe words.set(BreakerLayout.lastTrip, UInt64(reason.rawValue) + 1)
    }
}

extension BreakerGate {
    var word: BreakerWord {
        unsafe BreakerWord(bits: words[BreakerLayout.word].load(ordering: .acquiring))
    }

    /// Moves the word, unless another thread was faster. Releases what was written before, for those who read more than the word.
    func exchange(_ word: BreakerWord, for next: BreakerWord) -> Bool {
        unsafe words[BreakerLayout.word].compareExchange(expected: word.bits, desired: next.bits, ordering: .acquiringAndReleasing).exchanged
    }

    func log(_ word: BreakerWord, _ next: BreakerWord, _ reason: BreakerReason, at now: UInt64) {
        unsafe TransitionLog(words).append(from: word.state, to: next.state, reason, at: now)
    }

    var settings: BreakerSettings { unsafe BreakerSettings(words) }

    var epoch: Instant { unsafe Instant(nanoseconds: words.value(BreakerLayout.epoch)) }

    var reactors: Int { unsafe Int(words.value(BreakerLayout.reactors)) }

    /// The breaker's own time.
    func milliseconds(_ now: Instant) -> UInt64 {
        min(now.since(epoch) / 1_000_000, BreakerWord.lastInstant)
    }

    /// Bits for the next trip's jitter: equal seeds give equal rows of them.
    private var nextDraw: UInt64 {
        var random = unsafe SplitMix(seed: words.value(BreakerLayout.seed) &+ words.value(BreakerLayout.trips) &* 0x9E37_79B9_7F4A_7C15)
        return random.next()
    }
}
