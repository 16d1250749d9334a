import Primitives
import Testing

@testable import Breakers

@Suite("What happens to a breaker that is open")
struct ProbingTests {
    @Test("the first, second and each further trip doubles the time it stays open, up to the longest")
    func doubling() {
        let rig = Rig()
        rig.trip()
        var times: [UInt64] = []
        for _ in 0..<8 {
            times.append(rig.openFor ?? 0)
            rig.probe(.failed)
        }
        #expect(times == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
        #expect(rig.reading.trips == 9 && rig.reading.lastTrip == .probeFailed)
        #expect(rig.reading.tripsByReason == [1, 0, 0, 8])
    }

    @Test("a trip soon after closing doubles as well; after a whole window of being closed the row begins anew", arguments: [
        (0, 2_000), (5_000, 2_000), (9_999, 2_000), (10_000, 1_000), (3_600_000, 1_000),
    ] as [(UInt64, UInt64)])
    func reset(closedFor: UInt64, open: UInt64) {
        let rig = Rig()
        rig.tripAndClose()
        rig.now += closedFor
        rig.trip()
        #expect(rig.openFor == open)
    }

    @Test("a third trip in a row stays open four times as long")
    func third() {
        let rig = Rig()
        rig.tripAndClose()
        rig.tripAndClose()
        rig.trip()
        #expect(rig.openFor == 4_000 && rig.reading.trips == 3)
    }

    @Test("jitter moves the times by up to a tenth, differently each time, and alike for equal seeds")
    func jitter() {
        func times(_ seed: UInt64) -> [UInt64] {
            let rig = Rig(BreakerPolicy(), seed: seed)
            rig.trip()
            return (0..<8).map { _ in
                defer { rig.probe(.failed) }
                return rig.openFor ?? 0
            }
        }
        var moved: Set<UInt64> = []
        for seed in 0..<50 as Range<UInt64> {
            let found = times(seed)
            for (time, whole) in zip(found, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] as [UInt64]) {
                #expect((whole * 9 / 10...whole * 11 / 10).contains(time), "seed \(seed)")
            }
            moved.insert(found[0])
            #expect(found == times(seed))
        }
        #expect(moved.count > 35 && moved.contains { $0 < 950 } && moved.contains { $0 > 1_050 })
    }

    @Test("failures and successes that were in flight when it opened change nothing")
    func inFlight() {
        let rig = Rig()
        rig.trip()
        let word = rig.word
        rig.report(.failed, 30, reactor: 0)
        rig.report(.failed, 30, reactor: 1)
        rig.report(.ok, 30)
        #expect(rig.word == word && rig.reading.trips == 1)
        #expect(rig.reading.calls[0] == 30 && rig.reading.calls[2] == 65)
    }

    @Test("what began before it closed says nothing about it now; what began since does")
    func began() {
        let rig = Rig()
        rig.tripAndClose()
        let closed = rig.now
        rig.now += 100
        rig.report(.failed, 30, began: closed - 1)
        #expect(rig.state == .closed)
        rig.report(.failed, 5, began: closed)
        #expect(rig.state == .open)
    }

    @Test("rows and rates of before do not go on after it has closed")
    func forgets() {
        let rig = Rig(BreakerPolicy(open: .milliseconds(10), jitter: 0))
        rig.report(.failed, 4, reactor: 1)
        for _ in 0..<15 {
            rig.report(.ok)
            rig.report(.failed)
        }
        #expect(rig.state == .open)
        for _ in 0..<3 { rig.probe(.ok) }
        #expect(rig.reading.window == WindowSums())
        rig.report(.failed, 4, reactor: 1)
        rig.report(.ok, 20)
        #expect(rig.state == .closed && rig.reading.window.failures == 4)
    }

    @Test("nobody passes before its time; then one call at a time does, and no other")
    func onePasses() {
        let rig = Rig()
        rig.trip()
        rig.now = 999
        #expect(rig.ask() == .elsewhere && rig.state == .open)
        rig.now = 1_000
        let first = rig.lease()
        #expect(first != nil && rig.state == .probing)
        for _ in 0..<10 { #expect(rig.ask() == .elsewhere && !rig.gate.peek(now: rig.instant, draw: 0)) }
        rig.report(.ok, lease: first)
        let second = rig.lease()
        #expect(second != nil && second != first && rig.lease() == nil)
    }

    @Test("a lease that expires is given anew, and the old one's report, of whatever kind, comes too late", arguments: CallResult.allCases)
    func expired(result: CallResult) {
        let rig = Rig()
        rig.trip()
        rig.now += 1_000
        let old = rig.lease()
        rig.now += 1_999
        #expect(rig.lease() == nil)
        rig.now += 1
        let new = rig.lease()
        #expect(new != nil && new != old)
        let word = rig.word
        rig.report(result, lease: old)
        #expect(rig.word == word && rig.state == .probing)
        rig.report(.failed, lease: new)
        #expect(rig.state == .open)
        let opened = rig.word
        rig.report(result, lease: old)
        rig.report(result, lease: new)
        #expect(rig.word == opened)
    }

    @Test("three successes close it, one failure opens it for twice as long")
    func verdict() {
        let rig = Rig()
        rig.trip()
        rig.probe(.ok)
        rig.probe(.slow)
        #expect(rig.state == .probing)
        rig.probe(.late)
        #expect(rig.state == .open && rig.openFor == 2_000)
        for _ in 0..<2 { rig.probe(.ok) }
        #expect(rig.state == .probing)
        rig.probe(.ok)
        #expect(rig.state == .closed)
    }

    @Test("where slowness opened it, slow probes are failed ones")
    func slowProbes() {
        let rig = Rig()
        rig.report(.slow, 20)
        #expect(rig.state == .open)
        rig.probe(.ok)
        rig.probe(.slow)
        #expect(rig.state == .open && rig.openFor == 2_000)
        for _ in 0..<3 { rig.probe(.ok) }
        #expect(rig.state == .closed)
        rig.trip()
        for _ in 0..<3 { rig.probe(.slow) }
        #expect(rig.state == .closed)
    }

    @Test("a lease that is given back goes to the next call; one given back too late changes nothing")
    func givenBack() throws {
        let rig = Rig()
        rig.trip()
        rig.now += 1_000
        let first = try #require(rig.lease())
        rig.gate.giveBack(first)
        let second = try #require(rig.lease())
        let word = rig.word
        rig.gate.giveBack(first)
        #expect(rig.word == word && rig.lease() == nil)
        rig.report(.ok, lease: second)
        let answered = rig.word
        rig.gate.giveBack(second)
        #expect(rig.word == answered)
    }

    @Test("successes so far outlive a probe that came to nothing")
    func givenBackAfterSuccess() throws {
        let rig = Rig()
        rig.trip()
        rig.probe(.ok)
        rig.probe(.ok)
        rig.gate.giveBack(try #require(rig.lease()))
        rig.probe(.ok)
        #expect(rig.state == .closed)
    }

    @Test("when traffic stops while it is open, the first call after any time is a probe", arguments: [1_000, 60_000, 86_400_000, 400 * 86_400_000] as [UInt64])
    func silence(pause: UInt64) {
        let rig = Rig()
        rig.trip()
        rig.now += pause
        #expect(rig.state == .open && rig.probe(.ok) && rig.state == .probing)
    }

    @Test("when traffic stops while it probes, the lease expires and the next call probes")
    func silenceWhileProbing() {
        let rig = Rig()
        rig.trip()
        rig.now += 1_000
        #expect(rig.lease() != nil)
        rig.now += 3_600_000
        for _ in 0..<3 { rig.probe(.ok) }
        #expect(rig.state == .closed)
    }

    @Test("a held variant is neither served nor probed, in any mode, until it is released; then a probe is due at once", arguments: BreakerPolicy.Mode.allCases)
    func held(mode: BreakerPolicy.Mode) {
        let rig = Rig(BreakerPolicy(mode: mode, jitter: 0))
        rig.breaker.hold(now: rig.instant)
        rig.now += 3_600_000
        rig.report(.ok, 30)
        #expect(!rig.gate.isClear && rig.ask() == .held && !rig.gate.peek(now: rig.instant, draw: 0) && rig.state == .held)
        rig.breaker.hold(now: rig.instant)
        rig.breaker.release(now: rig.instant)
        guard mode == .enforce else {
            #expect(rig.gate.isClear)
            return
        }
        #expect(rig.state == .open && rig.openFor == 0)
        rig.probe(.failed)
        #expect(rig.openFor == 2_000)
        for _ in 0..<3 { rig.probe(.ok) }
        #expect(rig.state == .closed)
    }

    @Test("holding overrules a probe on its way, and a release of what is not held changes nothing")
    func holdWhileProbing() throws {
        let rig = Rig()
        rig.trip()
        rig.now += 1_000
        let lease = try #require(rig.lease())
        rig.breaker.release(now: rig.instant)
        #expect(rig.state == .probing)
        rig.breaker.hold(now: rig.instant)
        rig.report(.ok, lease: lease)
        rig.gate.giveBack(lease)
        #expect(rig.state == .held)
    }

    @Test("a policy that only observes lets traffic flow at once, and one that enforces judges at once what was only observed")
    func policies() {
        let rig = Rig()
        rig.trip()
        rig.breaker.set(policy: BreakerPolicy(mode: .observe, jitter: 0), now: rig.instant)
        #expect(rig.gate.isClear)
        rig.trip()
        #expect(rig.gate.isClear && rig.reading.observedTrips == 1)
        rig.now += 500
        rig.breaker.set(policy: BreakerPolicy(mode: .observe, jitter: 0), now: rig.instant)
        rig.trip()
        #expect(rig.reading.observedTrips == 1)
        rig.breaker.set(policy: BreakerPolicy(jitter: 0), now: rig.instant)
        rig.trip()
        #expect(rig.state == .open)
        rig.now += 1
        rig.breaker.set(policy: BreakerPolicy(mode: .off), now: rig.instant)
        #expect(rig.gate.isClear && rig.breaker.transitions(after: 0).last?.reason == .policy)
    }
}
