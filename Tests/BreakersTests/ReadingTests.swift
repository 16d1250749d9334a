import Primitives
import Testing

@testable import Breakers

@Suite("What a breaker tells of itself")
struct ReadingTests {
    @Test("a new one is closed and has nothing to tell")
    func new() {
        let rig = Rig()
        let reading = rig.reading
        #expect(reading.state == .closed && reading.share == 1 && reading.trips == 0 && reading.lastTrip == nil && reading.nextProbe == nil)
        #expect(reading.since == rig.instant && reading.window == WindowSums() && reading.calls == [0, 0, 0, 0, 0, 0])
        #expect(rig.breaker.transitions(after: 0).isEmpty && rig.breaker.transitionCount == 0)
    }

    @Test("every call is counted by its result, whether it was judged or not")
    func counts() {
        let rig = Rig(reactors: 3)
        let numbers = [1_003, 17, 3, 2, 1, 5]
        for (result, number) in zip(CallResult.allCases, numbers) {
            for index in 0..<number { rig.report(result, reactor: index % 3) }
        }
        #expect(rig.reading.calls == numbers.map { UInt64($0) })
    }

    @Test("the log says every way it went, and when")
    func log() {
        let rig = Rig()
        rig.now = 5_000
        rig.trip()
        rig.probe(.failed)
        for _ in 0..<3 { rig.probe(.ok) }
        rig.now += 10_000
        _ = rig.ask()
        rig.breaker.hold(now: rig.instant)
        rig.breaker.release(now: rig.instant)
        let log = rig.breaker.transitions(after: 0)
        let expected: [(BreakerState, BreakerState, BreakerReason, UInt64)] = [
            (.closed, .open, .inARow, 5_000), (.open, .probing, .probeDue, 6_000), (.probing, .open, .probeFailed, 6_000),
            (.open, .probing, .probeDue, 8_000), (.probing, .closed, .probesPassed, 8_000), (.closed, .closed, .rampOver, 18_000),
            (.closed, .held, .held, 18_000), (.held, .open, .released, 18_000),
        ]
        #expect(log == expected.enumerated().map { index, entry in
            BreakerTransition(number: UInt64(index + 1), at: rig.instant(at: entry.3), from: entry.0, to: entry.1, reason: entry.2)
        })
        #expect(rig.breaker.transitions(after: 6) == Array(log.suffix(2)) && rig.breaker.transitions(after: 8).isEmpty)
        #expect(rig.reading.since == rig.instant(at: 18_000))
    }

    @Test("the log keeps the last 32, in their order, and says how many there were")
    func kept() {
        let rig = Rig()
        for _ in 0..<50 {
            rig.breaker.hold(now: rig.instant)
            rig.breaker.release(now: rig.instant)
        }
        #expect(rig.breaker.transitionCount == 100)
        #expect(rig.breaker.transitions(after: 0).map(\.number) == Array(69...100))
        #expect(rig.breaker.transitions(after: 90).map(\.number) == Array(91...100))
    }

    @Test("reasons have names for logs and reports", arguments: zip(
        BreakerReason.allCases,
        ["in_a_row", "failure_share", "slow_share", "probe_due", "probe_failed", "probes_passed", "ramp_over", "held", "released", "policy"]))
    func labels(reason: BreakerReason, label: String) {
        #expect(reason.label == label)
    }

    @Test("settings beyond their limits are moved to them")
    func limits() {
        let wild = BreakerPolicy(
            failuresInRow: 0, window: 0, callsAtLeast: -1, open: 0, openAtMost: 0, jitter: 7, successesToClose: 99, ramp: .max, lease: 0)
        let times = BreakerTimes(wild)
        #expect(times == BreakerTimes(isEnforced: true, window: 1_000, open: 10, openAtMost: 10, jitter: 1, successesToClose: 15, ramp: 3_600_000, lease: 1))
        let rig = Rig(wild)
        rig.report(.failed)
        #expect(rig.state == .open)
    }
}
