public import Primitives
public import Synchronization

/// What a reactor holds of a breaker: a pointer to its memory. Valid as long as the plan holds the ``VariantBreaker``.
///
/// Sendable: all behind the pointer is atomic words. No order between the breaker's word and other memory is needed to decide by it, since
/// the word is the whole state; so it is loaded relaxed, and a trip is seen by the others as soon as their processor sees the store.
/// Nothing here allocates, locks or waits; a loop is run again only when another thread has moved the word.
@safe @frozen public struct BreakerGate: @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>

    /// A gate to memory of `BreakerLayout.wordCount(reactors:)` words, which outlives it.
    init(_ words: UnsafeMutablePointer<BreakerCell>) {
        unsafe self.words = words
    }

    /// Whether every unit may pass: the one question of a request whose variant is well.
    @inlinable @inline(__always) public var isClear: Bool {
        // State and ramp are the low three bits of the word.
        unsafe words[BreakerLayout.word].load(ordering: .relaxed) & 7 == 0
    }

    /// Whether the variant was put aside: it must not be called at all.
    public var isHeld: Bool { word.state == .held }

    /// Whether this unit, which is assigned to the variant, may be served by it.
    /// - Parameter draw: the unit's own uniform 32 bits: while the share that is served grows, the same units come back first.
    public func ask(now: Instant, draw: UInt32) -> BreakerPass {
        let at = milliseconds(now)
        let times = settings.times
        while true {
            let word = word
            switch word.state {
            case .held: return .held
            case .closed:
                guard word.isRamping else { return .serve }
                let share = word.share(at: at, by: times)
                if let next = word.rampEnded(at: at, by: times), exchange(word, for: next) { log(word, next, .rampOver, at: at) }
                return UInt64(draw) < share ? .serve : .elsewhere
            case .open, .probing:
                guard let next = word.leased(at: at, by: times) else { return .elsewhere }
                guard exchange(word, for: next) else { continue }
                if word.state == .open { log(word, next, .probeDue, at: at) }
                return .probe(BreakerLease(generation: next.generation))
            }
        }
    }

    /// Whether this variant may serve a unit that is assigned to another one. Never takes a lease.
    /// - Parameter draw: as for ``ask(now:draw:)``.
    public func peek(now: Instant, draw: UInt32) -> Bool {
        UInt64(draw) < word.share(at: milliseconds(now), by: settings.times)
    }

    /// What became of a call.
    /// - Parameters:
    ///   - reactor: the caller's own number, less than the `reactors` that the breaker was made for.
    ///   - rows: rows that had this result.
    ///   - identity: whose call it was: the unit's or the token's hash.
    ///   - lease: of a probe.
    ///   - began: when the call began; what began before the breaker closed says nothing about it now. nil: now.
    @inlinable @inline(__always) public func report(
        reactor: Int, _ result: CallResult, rows: Int, identity: UInt64, lease: BreakerLease? = nil, began: Instant? = nil, now: Instant
    ) {
        // The reactor's own line. A success is noted there; each eighth one, and one a tenth of a window, adds what was noted to the window
        // that all share, as does the one that ends a row of failures: there is no time left while one goes on.
        let line = unsafe words + (BreakerLayout.lines &+ reactor &* BreakerLayout.lineWords)
        if result == .ok, lease == nil, unsafe now.nanoseconds < line.value(BreakerLayout.settleBy) {
            let counted = UInt64(truncatingIfNeeded: min(rows, BreakerLayout.rowsCounted))
            let pending = unsafe line.value(BreakerLayout.pending) &+ (counted &<< 32 | 1)
            if pending & 7 != 0 {
                unsafe line.set(BreakerLayout.pending, pending)
                return
            }
        }
        settle(reactor: reactor, result, rows: rows, identity: identity, lease: lease, began: began ?? now, now: now)
    }

    /// The probe came to nothing: it was cancelled, or turned away before the model.
    public func giveBack(_ lease: BreakerLease) {
        while let next = word.givenBack(lease.generation) {
            if exchange(word, for: next) { return }
        }
    }
}
