import Inference
import Primitives
import Processes
import Reactor
import Synchronization
import Testing

@testable import Gateway

@Suite("the watchdog", .timeLimit(.minutes(1))) struct WatchdogTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var phase: WatchPhase
        var now: UInt64
        var waited: Nanoseconds = 0
        var computed: Nanoseconds = 0
        var verdict: WatchVerdict
        var testDescription: String { "\(phase) at \(now), waited \(waited), computed \(computed): \(verdict)" }
    }

    private static let soon = GatewayLimits.hangAfter
    private static let late = GatewayLimits.hangAtLatest
    private static let busy = GatewayLimits.hangCPU

    /// The deadline is 1 000.
    static let cases: [Case] = [
        Case(phase: .outside, now: 5_000, verdict: .nothing),
        Case(phase: .inside, now: 999, verdict: .nothing),
        Case(phase: .inside, now: 1_000, verdict: .nothing),
        Case(phase: .inside, now: 1_001, verdict: .terminate),
        Case(phase: .terminating, now: 5_000, waited: late, computed: late, verdict: .nothing),
        Case(phase: .terminated, now: 5_000, verdict: .nothing),
        Case(phase: .terminated, now: 5_000, waited: soon - 1, computed: late, verdict: .nothing),
        Case(phase: .terminated, now: 5_000, waited: soon, computed: busy - 1, verdict: .nothing),
        Case(phase: .terminated, now: 5_000, waited: soon, computed: busy, verdict: .hang),
        Case(phase: .terminated, now: 5_000, waited: late - 1, computed: 0, verdict: .nothing),
        Case(phase: .terminated, now: 5_000, waited: late, computed: 0, verdict: .hang),
        Case(phase: .hung, now: 5_000, waited: late, computed: late, verdict: .nothing),
    ]

    @Test("decides from values", arguments: cases)
    func verdicts(_ one: Case) {
        let now = Instant(nanoseconds: one.now)
        #expect(
            WatchVerdict.of(one.phase, deadline: Instant(nanoseconds: 1_000), now: now, waited: one.waited, computed: one.computed)
                == one.verdict)
    }

    /// A list with one thread, and a lane for it to be inside.
    private final class Post {
        let list: WatchList
        let lanes: LaneSet
        var thread: WatchedThread { list.thread(0) }
        var lane: UnsafeMutablePointer<ModelLane> { lanes.lanes[0] }
        var cpu: Nanoseconds = 0
        var hangs: [Int] = []
        var canHang = true

        init() throws {
            list = WatchList(try .make(threads: 2))
            lanes = try Rig.lanes()
        }

        func rounds() -> WatchRounds {
            WatchRounds(list, cpuTime: { [self] _ in cpu }) { [self] index in
                hangs.append(index)
                return canHang
            }
        }

        func enter(deadline: UInt64, limit: UInt64? = nil) {
            thread.enter(
                route: 1, variant: 2, model: 3, terminator: lane.pointee.terminator, now: Instant(nanoseconds: 1),
                deadline: Instant(nanoseconds: deadline), limit: Instant(nanoseconds: limit ?? deadline))
        }

        func run() -> RunResult {
            _ = lane.pointee.lane.fill(row: 0, slots: [1, 2, 3, 4], text: [0])
            return lane.pointee.lane.run(rows: 1)
        }
    }

    @Test("ends a run that is late, once; the next one is not touched")
    func terminates() throws {
        let post = try Post()
        var rounds = post.rounds()
        post.enter(deadline: 1_000)
        rounds.look(now: Instant(nanoseconds: 1_000))
        #expect(post.run() == .ok)
        rounds.look(now: Instant(nanoseconds: 1_001))
        #expect(post.run().isTerminated)
        #expect(post.thread.slot.stay?.isTerminated == true)
        #expect(post.thread.leave())
        #expect(post.thread.slot.stay == nil)
        rounds.look(now: Instant(nanoseconds: 9_000))
        #expect(post.run() == .ok)
        post.enter(deadline: 10_000)
        rounds.look(now: Instant(nanoseconds: 9_500))
        #expect(post.run() == .ok)
        #expect(!post.thread.leave())
        #expect(post.hangs == [])
    }

    /// Looks every 5 ms, beginning at `start`, so many times.
    private func look(_ rounds: inout WatchRounds, from start: Nanoseconds, times: Int, _ each: () -> Void = {}) -> Nanoseconds {
        for turn in 0..<times {
            each()
            rounds.look(now: Instant(nanoseconds: start + Nanoseconds(turn) * .milliseconds(5)))
        }
        return start + Nanoseconds(times) * .milliseconds(5)
    }

    @Test("a thread that computes on after the order hangs 100 ms later, one without CPU not before 2 s", arguments: [true, false])
    func hangs(isBusy: Bool) throws {
        let post = try Post()
        var rounds = post.rounds()
        post.cpu = .seconds(5)
        post.enter(deadline: 1_000)
        // The first look gives the order; the waiting begins after it.
        let order = look(&rounds, from: 2_000, times: 1)
        let before = look(&rounds, from: order, times: isBusy ? 19 : 399) { if isBusy { post.cpu += .milliseconds(4) } }
        #expect(post.hangs == [])
        _ = look(&rounds, from: before, times: 3) { if isBusy { post.cpu += .milliseconds(4) } }
        #expect(post.hangs == [0])
    }

    @Test("a thread hangs no sooner than its route's deadline, however little patience its caller has")
    func impatience() throws {
        let post = try Post()
        var rounds = post.rounds()
        post.enter(deadline: 1_000, limit: .seconds(2))
        let limit = look(&rounds, from: 0, times: 400) { post.cpu += .milliseconds(4) }
        #expect(limit == .seconds(2))
        #expect(post.thread.slot.stay?.isTerminated == true)
        #expect(post.hangs == [])
        let before = look(&rounds, from: limit, times: 20) { post.cpu += .milliseconds(4) }
        #expect(post.hangs == [])
        _ = look(&rounds, from: before, times: 3) { post.cpu += .milliseconds(4) }
        #expect(post.hangs == [0])
    }

    @Test("while the machine stands still, nobody is found to hang")
    func standstill() throws {
        let post = try Post()
        var rounds = post.rounds()
        post.enter(deadline: 1_000)
        _ = look(&rounds, from: 2_000, times: 1)
        post.cpu += .seconds(10)
        for second in 1...9 as ClosedRange<UInt64> { rounds.look(now: Instant(nanoseconds: .seconds(second))) }
        #expect(post.hangs == [])
        rounds.look(now: Instant(nanoseconds: .seconds(10)))
        #expect(post.hangs == [0])
    }

    @Test("a hang that cannot end the process lets the thread go on")
    func unbound() throws {
        let post = try Post()
        post.canHang = false
        var rounds = post.rounds()
        post.enter(deadline: 1_000)
        _ = look(&rounds, from: 2_000, times: 410)
        #expect(!post.hangs.isEmpty)
        #expect(post.thread.leave())
        #expect(post.run() == .ok)
    }

    /// The worker's side of the race below.
    private final class Runner: Sendable {
        let isOver = Atomic(false)
        let ended = Atomic(0)
        let wrong = Atomic(0)
    }

    @Test("a run fails by the watchdog exactly when leaving it says so, however they race")
    func race() throws {
        let post = try Post()
        let runner = Runner()
        let (thread, lanes) = (post.thread, post.lanes)
        let worker = try Thread.start("race") {
            var random = SplitMix(seed: 11)
            let lane = lanes.lanes[0]
            _ = lane.pointee.lane.fill(row: 0, slots: [1, 2, 3, 4], text: [0])
            for _ in 0..<20_000 {
                let now = MonotonicTime.now()
                let deadline = now.advanced(by: random.next() % 30_000)
                thread.enter(route: 1, variant: 2, model: 3, terminator: lane.pointee.terminator, now: now, deadline: deadline, limit: deadline)
                let result = lane.pointee.lane.run(rows: 1)
                let wasEnded = thread.leave()
                if wasEnded { runner.ended.add(1, ordering: .relaxed) }
                if result != .ok, !(result.isTerminated && wasEnded) { runner.wrong.add(1, ordering: .relaxed) }
            }
            runner.isOver.store(true, ordering: .releasing)
        }
        var rounds = post.rounds()
        while !runner.isOver.load(ordering: .acquiring) { rounds.look(now: MonotonicTime.now()) }
        worker.join()
        #expect(runner.wrong.load(ordering: .relaxed) == 0)
        #expect(runner.ended.load(ordering: .relaxed) > 0)
        #expect(post.run() == .ok)
    }
}
