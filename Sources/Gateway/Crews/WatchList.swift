import Inference
import Primitives
import Processes
import Reactor
import Synchronization

/// How far a thread is with a model, in the low bits of its watch word; the rest counts its stays, so that a late look cannot touch the next one.
///
/// ```
///            enter                 leave
///  outside --------> inside ---------------------------> outside
///                      | watchdog: past the deadline        ^
///                      v                                    |
///                 terminating --(the order is given)--> terminated
///                                                           | watchdog: it goes on and on
///                                                           v
///                                                          hung (the process ends)
/// ```
/// The thread cannot leave while it is `terminating` or `hung`: for as long as the watchdog uses the lane's terminator, the lane is alive and
/// the run that the order ends is the one that it was given for.
enum WatchPhase: UInt64 {
    case outside, inside, terminating, terminated, hung

    static let mask: UInt64 = 7
    static let oneStay: UInt64 = 8

    init(of word: UInt64) { self = WatchPhase(rawValue: word & Self.mask) ?? .outside }

    /// The word of the same stay in this phase.
    func of(_ word: UInt64) -> UInt64 { word & ~Self.mask | rawValue }
}

/// One thread that runs models, in this process's memory: what the watchdog needs to end a run.
struct WatchEntry: ~Copyable {
    /// Phase and number of the stay.
    let word = Atomic<UInt64>(0)
    /// When the run in hand must be over, on the monotonic clock.
    let deadline = Atomic<UInt64>(0)
    /// When a run that was told to end, and goes on, begins to count as a hang.
    let limit = Atomic<UInt64>(0)
    /// Of the lane in hand. Written before `word` says `inside`, read by the watchdog only after it has moved that word to `terminating`.
    var terminator: Terminator?
    /// Keeps each thread's words on cache lines of their own.
    private let gap = InlineArray<10, UInt64>(repeating: 0)
}

/// A thread that runs models, as itself sees it: goes in, comes out, and learns whether the watchdog ended its run. A trivial value; only the
/// thread itself calls it.
struct WatchedThread: @unchecked Sendable {
    // Unchecked: a pointer into a watch list and one into the slots, which both outlive the threads; the words there are atomic or guarded by one.
    fileprivate let entry: UnsafeMutablePointer<WatchEntry>
    /// What survives the process when it dies in here.
    let slot: ThreadSlot

    /// Goes into a model: just before a run.
    ///
    /// - Parameters:
    ///   - route: 32-bit hash of the route's name; so is `variant`.
    ///   - model: the first 8 bytes of the file's SHA-256.
    ///   - terminator: of the lane that is about to run. The lane must live until `leave`.
    ///   - deadline: when the watchdog ends the run.
    ///   - limit: when a run that does not end is a hang, at the earliest. Later than `deadline` where callers have less patience than their
    ///     route: a call that cannot be ended in its middle must be no way for one of them to end the process.
    @inline(__always)
    func enter(route: UInt32, variant: UInt32, model: UInt64, terminator: Terminator, now: Instant, deadline: Instant, limit: Instant) {
        slot.enter(route: route, variant: variant, model: model, now: now, deadline: deadline)
        entry.pointee.deadline.store(deadline.nanoseconds, ordering: .relaxed)
        entry.pointee.limit.store(limit.nanoseconds, ordering: .relaxed)
        entry.pointee.terminator = terminator
        let stay = entry.pointee.word.load(ordering: .relaxed) &+ WatchPhase.oneStay
        entry.pointee.word.store(WatchPhase.inside.of(stay), ordering: .releasing)
    }

    /// Comes out: right after the run.
    /// - Returns: whether the watchdog ended the run. The lane's flag is clear again in any case.
    @inline(__always)
    func leave() -> Bool {
        let word = entry.pointee.word.load(ordering: .relaxed)
        let (isOut, _) = entry.pointee.word.compareExchange(
            expected: WatchPhase.inside.of(word), desired: WatchPhase.outside.of(word), successOrdering: .releasing,
            failureOrdering: .relaxed)
        if !isOut { leaveEnded() }
        slot.leave()
        return !isOut
    }

    /// Waits until the watchdog has let go of the lane (a few instructions of its own), and makes it fit to run again.
    private func leaveEnded() {
        while true {
            let word = entry.pointee.word.load(ordering: .acquiring)
            guard WatchPhase(of: word) == .terminated else {
                Thread.giveWay()
                continue
            }
            let (isOut, _) = entry.pointee.word.compareExchange(
                expected: word, desired: WatchPhase.outside.of(word), successOrdering: .releasing, failureOrdering: .relaxed)
            if isOut { break }
        }
        entry.pointee.terminator?.clear()
    }
}

/// All threads that run models. Made once, with a place for every slot; the threads and the watchdog share it.
final class WatchList: @unchecked Sendable {
    // Unchecked: an entry's words are atomic, and its terminator is guarded by them.
    let slots: ThreadSlots
    private let entries: UnsafeMutablePointer<WatchEntry>

    var count: Int { slots.count }

    init(_ slots: ThreadSlots) {
        self.slots = slots
        entries = .allocate(capacity: slots.count)
        for index in 0..<slots.count { (entries + index).initialize(to: WatchEntry()) }
    }

    deinit {
        entries.deinitialize(count: slots.count)
        entries.deallocate()
    }

    /// The thread of this slot; valid while the list lives.
    func thread(_ index: Int) -> WatchedThread {
        precondition(0..<count ~= index, "a thread has a slot")
        return WatchedThread(entry: entries + index, slot: slots.slot(index))
    }

    // MARK: - The watchdog's side

    /// The watch word of a thread.
    func word(_ index: Int) -> UInt64 { entries[index].word.load(ordering: .acquiring) }

    /// When that thread's run must be over; says something only together with an unchanged word.
    func deadline(_ index: Int) -> Instant { Instant(nanoseconds: entries[index].deadline.load(ordering: .relaxed)) }

    /// When that thread's run is a hang at the earliest, if it does not end; as `deadline`.
    func limit(_ index: Int) -> Instant { Instant(nanoseconds: entries[index].limit.load(ordering: .relaxed)) }

    /// Ends the run of the stay in `word`.
    /// - Returns: false when that stay was over.
    func terminate(_ index: Int, _ word: UInt64) -> Bool {
        guard move(index, from: word, to: .terminating) else { return false }
        let slot = slots.slot(index)
        if let stay = slot.stay { slot.markTerminated(stay) }
        entries[index].terminator?.terminate()
        entries[index].word.store(WatchPhase.terminated.of(word), ordering: .releasing)
        return true
    }

    /// Keeps the stay in `word` from ever ending.
    /// - Returns: false when it was over.
    func hold(_ index: Int, _ word: UInt64) -> Bool { move(index, from: word, to: .hung) }

    /// Takes `hold` back: the thread could not be made to end the process.
    func letGo(_ index: Int, _ word: UInt64) {
        entries[index].word.store(WatchPhase.terminated.of(word), ordering: .releasing)
    }

    private func move(_ index: Int, from word: UInt64, to phase: WatchPhase) -> Bool {
        entries[index].word.compareExchange(
            expected: word, desired: phase.of(word), successOrdering: .acquiring, failureOrdering: .relaxed
        ).exchanged
    }
}
