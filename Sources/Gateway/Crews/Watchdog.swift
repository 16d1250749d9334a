import Primitives
import Processes
import Reactor
import Synchronization

/// What is to be done about a thread that is inside a model.
enum WatchVerdict: Equatable {
    case nothing
    /// Its deadline has passed: order its run to end.
    case terminate
    /// It was told to end and goes on: the variant is as good as crashed.
    case hang

    /// Decides from values alone.
    ///
    /// - Parameters:
    ///   - waited: time since the order to end, counted in the watchdog's own looks: while the whole machine stands still, nobody can obey.
    ///   - computed: CPU time that the thread has used since that order. A thread that was given none could not obey either.
    static func of(_ phase: WatchPhase, deadline: Instant, now: Instant, waited: Nanoseconds, computed: Nanoseconds) -> WatchVerdict {
        switch phase {
        case .outside, .terminating, .hung: .nothing
        case .inside: now > deadline ? .terminate : .nothing
        case .terminated:
            waited >= GatewayLimits.hangAtLatest || (waited >= GatewayLimits.hangAfter && computed >= GatewayLimits.hangCPU)
                ? .hang : .nothing
        }
    }
}

/// The watchdog's rounds: it looks at every thread each few milliseconds, ends runs at their deadlines and finds those that hang.
struct WatchRounds: ~Copyable {
    private let list: WatchList
    /// Ends the process because of this thread, and does not return true without having begun to.
    private let onHang: (Int) -> Bool
    /// CPU time that a thread has used; nil: not known.
    private let cpuTime: (Int) -> Nanoseconds?
    private var notes: [Note]
    private var last: Instant?

    /// What is remembered of a thread whose run was told to end.
    private struct Note {
        var word: UInt64 = 0
        var waited: Nanoseconds = 0
        var cpuAtOrder: Nanoseconds = 0
    }

    /// A look counts at most this much of the time since the one before: between two looks that are further apart the machine stood still.
    private static let lookAtMost = 2 * GatewayLimits.watchdogPeriod

    init(_ list: WatchList, cpuTime: @escaping (Int) -> Nanoseconds?, onHang: @escaping (Int) -> Bool) {
        self.list = list
        self.cpuTime = cpuTime
        self.onHang = onHang
        notes = Array(repeating: Note(), count: list.count)
    }

    /// Looks at every thread once. Reading one that is outside costs one load.
    mutating func look(now: Instant) {
        let passed = min(now.since(last ?? now), Self.lookAtMost)
        last = now
        for index in 0..<list.count { look(at: index, now, passed) }
    }

    private mutating func look(at index: Int, _ now: Instant, _ passed: Nanoseconds) {
        let word = list.word(index)
        let phase = WatchPhase(of: word)
        guard phase != .outside else { return }
        var computed: Nanoseconds = 0
        if phase == .terminated, notes[index].word == word {
            let cpu = cpuTime(index) ?? 0
            if now <= list.limit(index) { notes[index].cpuAtOrder = cpu } else { notes[index].waited += passed }
            computed = cpu > notes[index].cpuAtOrder ? cpu - notes[index].cpuAtOrder : 0
        }
        switch WatchVerdict.of(phase, deadline: list.deadline(index), now: now, waited: notes[index].waited, computed: computed) {
        case .nothing: break
        case .terminate:
            guard list.terminate(index, word) else { return }
            notes[index] = Note(word: WatchPhase.terminated.of(word), cpuAtOrder: cpuTime(index) ?? 0)
        case .hang:
            guard list.hold(index, word) else { return }
            if !onHang(index) { list.letGo(index, word) }
        }
    }
}

/// The thread that makes the rounds.
final class Watchdog: Sendable {
    private let list: WatchList
    private let onHang: @Sendable (Int) -> Void
    private let isOver = Atomic(false)

    /// - Parameter onHang: told of the slot of a thread that hangs, before the process is ended for it.
    init(_ list: WatchList, onHang: @escaping @Sendable (Int) -> Void) {
        self.list = list
        self.onHang = onHang
    }

    /// Starts the thread. Stop it after every thread that runs models has ended.
    func start() throws(SystemError) -> Thread.Handle {
        let box = PollerBox(try Poller())
        return try Thread.start("weir-watchdog") { [self] in
            let list = list
            var rounds = WatchRounds(list, cpuTime: { list.slots.slot($0).cpuTime() }) { [self] index in
                onHang(index)
                return list.slots.declareHang(list.slots.slot(index))
            }
            while !isOver.load(ordering: .acquiring) {
                _ = box.poller.wait(timeout: GatewayLimits.watchdogPeriod)
                rounds.look(now: MonotonicTime.now())
            }
        }
    }

    /// Ends the thread after its next round.
    func stop() {
        isOver.store(true, ordering: .releasing)
    }
}
