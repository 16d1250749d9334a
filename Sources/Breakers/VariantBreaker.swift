package import Primitives
import Synchronization

/// The gate before one variant of a route: closed, traffic flows; open, none does; probing, one call at a time finds out.
///
/// Kept across plans for as long as route, variant and model file stay the same. Owns the memory that its ``gate`` points to; everything in
/// it is atomic words, so any thread may call everything, except where it says otherwise.
package final class VariantBreaker: Sendable {
    /// What reactors hold; valid as long as this object.
    package let gate: BreakerGate

    /// A closed breaker.
    /// - Parameters:
    ///   - reactors: how many reactors report, each under its own number from 0.
    ///   - seed: of the jitter; equal seeds give equal times.
    ///   - now: where its time begins. An earlier instant is taken for this one.
    package init(policy: BreakerPolicy, reactors: Int, seed: UInt64, now: Instant) {
        precondition(BreakerLimits.reactors.contains(reactors), "a breaker is made for 1 to 256 reactors")
        let count = BreakerLayout.wordCount(reactors: reactors)
        // Lives as long as this object. Aligned to cache lines, as the layout counts on.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<BreakerCell>.stride, alignment: 64)
        let words = unsafe memory.bindMemory(to: BreakerCell.self, capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: BreakerCell(0)) }
        gate = unsafe BreakerGate(words)
        unsafe words.set(BreakerLayout.epoch, now.nanoseconds)
        unsafe words.set(BreakerLayout.seed, seed)
        unsafe words.set(BreakerLayout.reactors, UInt64(reactors))
        gate.settings.store(policy)
        unsafe BreakerWindow(words).begin()
    }

    deinit {
        // Plain words: nothing to take apart.
        unsafe UnsafeMutableRawPointer(gate.words).deallocate()
    }

    /// Puts another policy in force; the same one changes nothing. One that does not enforce trips lets traffic flow at once. Control thread
    /// only.
    package func set(policy: BreakerPolicy, now: Instant) {
        let before = gate.settings.mode
        gate.settings.store(policy)
        guard policy.mode != before else { return }
        move(.policy, now: now) { $0.governed(at: $1, by: $2) }
    }

    /// Puts the variant aside: not served, not even probed, until it is released.
    package func hold(now: Instant) {
        move(.held, now: now) { word, at, _ in word.held(at: at) }
    }

    /// Lets a held variant go: a probe is due at once.
    package func release(now: Instant) {
        move(.released, now: now) { $0.released(at: $1, by: $2) }
    }

    private func move(_ reason: BreakerReason, now: Instant, _ change: (BreakerWord, UInt64, BreakerTimes) -> BreakerWord?) {
        let at = gate.milliseconds(now)
        while true {
            let word = gate.word
            guard let next = change(word, at, gate.settings.times) else { return }
            guard gate.exchange(word, for: next) else { continue }
            if word.state != next.state { gate.log(word, next, reason, at: at) }
            return
        }
    }

    /// The breaker as it is.
    package func reading(now: Instant) -> BreakerReading {
        // Words of this object's memory, alive as long as it is.
        let words = unsafe gate.words
        let (at, word, settings) = (gate.milliseconds(now), gate.word, gate.settings)
        let log = unsafe TransitionLog(words)
        let last = log.entries(after: 0, epoch: gate.epoch).last { $0.from != $0.to }
        var sums = WindowSums()
        if word.state == .closed {
            sums = unsafe BreakerWindow(words).sums(at: at, length: settings.window, since: word.instant) ?? sums
            gate.addWaiting(to: &sums, now: now, window: settings.window)
        }
        var calls = CallResult.allCases.map { unsafe words.value(BreakerLayout.results + Int($0.rawValue)) }
        for reactor in 0..<gate.reactors { calls[0] += unsafe ReactorLine(words, reactor: reactor).pending.calls }
        return unsafe BreakerReading(
            mode: settings.mode, state: word.state, lastTrip: reason(words.value(BreakerLayout.lastTrip)),
            trips: words.value(BreakerLayout.trips),
            tripsByReason: BreakerReason.trips.indices.map { unsafe words.value(BreakerLayout.tripsByReason + $0) },
            observedTrips: words.value(BreakerLayout.observedTrips), since: last?.at ?? gate.epoch,
            nextProbe: word.state == .open ? gate.epoch.advanced(by: .milliseconds(word.instant)) : nil,
            share: Double(word.share(at: at, by: settings.times)) / Double(BreakerWord.wholeShare), window: sums, calls: calls)
    }

    private func reason(_ stored: UInt64) -> BreakerReason? {
        stored == 0 ? nil : BreakerReason(rawValue: UInt8(stored - 1))
    }

    /// How many transitions there were.
    package var transitionCount: UInt64 { unsafe TransitionLog(gate.words).count }

    /// The transitions after number `number`, of the last 32.
    package func transitions(after number: UInt64) -> [BreakerTransition] {
        unsafe TransitionLog(gate.words).entries(after: number, epoch: gate.epoch)
    }
}
