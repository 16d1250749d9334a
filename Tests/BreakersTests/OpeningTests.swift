import Primitives
import Testing

@testable import Breakers

@Suite("What opens a breaker")
struct OpeningTests {
    @Test("five failures in a row open it, of whatever kind", arguments: [CallResult.failed, .invalid, .late, .faulted])
    func inARow(result: CallResult) {
        let rig = Rig()
        rig.report(result, 4)
        #expect(rig.gate.isClear && rig.ask() == .serve)
        rig.report(result)
        #expect(!rig.gate.isClear && rig.ask() == .elsewhere && !rig.gate.peek(now: rig.instant, draw: 0))
        #expect(rig.reading.lastTrip == .inARow && rig.reading.trips == 1)
        #expect(rig.reading.tripsByReason == [1, 0, 0, 0] && rig.reading.mode == .enforce)
    }

    @Test("a success, fast or slow, ends the row", arguments: [CallResult.ok, .slow])
    func success(result: CallResult) {
        let rig = Rig()
        for _ in 0..<3 {
            rig.report(.failed, 4)
            rig.report(result)
        }
        #expect(rig.state == .closed)
    }

    @Test("a row is counted on one reactor")
    func reactors() {
        let rig = Rig()
        for _ in 0..<4 { for reactor in 0..<2 { rig.report(.failed, reactor: reactor) } }
        #expect(rig.state == .closed)
        rig.report(.failed, reactor: 1)
        #expect(rig.state == .open)
    }

    @Test("of the five in a row at most two come from one identity", arguments: [
        ([1, 1, 2, 2, 3], true), ([1, 2, 3, 4, 5], true), ([1, 1, 1, 1, 1], false), ([1, 1, 1, 2, 2, 2, 2], false), ([1, 1, 1, 2, 2, 2, 3], true),
        ([1, 2, 1, 2, 1, 2, 1, 2], false), ([1, 2, 1, 2, 1, 9], true),
    ] as [([UInt64], Bool)])
    func identities(row: [UInt64], opens: Bool) {
        let rig = Rig()
        for identity in row { rig.report(.failed, identity: identity) }
        #expect((rig.state == .open) == opens)
    }

    @Test("twenty in a row open it whoever they come from")
    func oneIdentity() {
        // Without the rates, which twenty failures would break as well.
        let rig = Rig(BreakerPolicy(failureShare: 2))
        rig.report(.failed, 19, identity: 7)
        #expect(rig.state == .closed)
        rig.report(.failed, identity: 7)
        #expect(rig.state == .open && rig.reading.lastTrip == .inARow)
    }

    @Test("two fifths of any number in a row come from one identity, at least one", arguments: [
        (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (10, 3), (20, 3),
    ])
    func otherNumbers(failures: Int, identities: Int) {
        func opens(identities: Int) -> Bool {
            let rig = Rig(BreakerPolicy(failuresInRow: failures, failureShare: 2))
            for identity in 0..<identities { rig.report(.failed, min(8, 19 / identities), identity: UInt64(identity)) }
            return rig.state == .open
        }
        #expect(opens(identities: identities) == (failures < 20))
        #expect(identities == 1 || !opens(identities: identities - 1))
    }

    @Test("a failed body of many rows counts twice at most, as does its identity")
    func rows() {
        let rig = Rig()
        rig.report(.failed, rows: 1_000, identity: 1)
        rig.report(.failed, rows: 1_000, identity: 2)
        #expect(rig.state == .closed)
        rig.report(.failed, rows: 1, identity: 3)
        #expect(rig.state == .open)
    }

    @Test("a failure share of half opens it, from twenty calls on", arguments: [(9, 10, false), (10, 10, true), (9, 11, false), (11, 9, true), (30, 31, false), (30, 30, true)])
    func failureShare(failures: Int, successes: Int, opens: Bool) {
        let rig = Rig()
        // Mixed, so that no row is long enough; a failure comes last.
        rig.report(.failed, max(0, failures - successes))
        rig.report(.ok, max(0, successes - failures))
        for _ in 0..<min(failures, successes) {
            rig.report(.ok)
            rig.report(.failed)
        }
        #expect((rig.state == .open) == opens)
        if opens { #expect(rig.reading.lastTrip == .failureShare) }
    }

    @Test("the twentieth call opens it even if it is a success, no later than with its eighth neighbour")
    func lateVolume() {
        let rig = Rig()
        for _ in 0..<12 {
            rig.report(.failed)
            rig.report(.ok)
        }
        #expect(rig.state == .open && rig.reading.lastTrip == .failureShare)
    }

    @Test("failures of seconds ago count while they are in the window, also when a success makes the number full", arguments: [(8_000, true), (11_000, false)] as [(UInt64, Bool)])
    func earlierFailures(later: UInt64, opens: Bool) {
        let rig = Rig()
        rig.report(.failed, 3)
        for _ in 0..<8 {
            rig.report(.ok)
            rig.report(.failed)
        }
        #expect(rig.state == .closed)
        rig.now = later
        rig.report(.ok)
        #expect((rig.state == .open) == opens)
    }

    @Test("successes that other reactors have not yet added to the window count")
    func waiting() {
        let rig = Rig(reactors: 8)
        // The first of each is added at once, six wait.
        for reactor in 1..<8 { rig.report(.ok, 7, reactor: reactor) }
        for _ in 0..<12 {
            rig.report(.failed, 4)
            rig.report(.ok)
            guard rig.state == .closed else { break }
        }
        // 49 + 1 for each 4: half of all fails at the 52nd failure, not at the 12th.
        let failures = rig.reading.calls[Int(CallResult.failed.rawValue)]
        #expect(failures == 48)
    }

    @Test("a slow share of four fifths opens it, and slow calls are no failures", arguments: [(15, 5, false), (16, 4, true), (19, 5, false), (20, 5, true)])
    func slowShare(slow: Int, fast: Int, opens: Bool) {
        let rig = Rig()
        rig.report(.ok, fast)
        rig.report(.slow, slow)
        #expect((rig.state == .open) == opens)
        if opens { #expect(rig.reading.lastTrip == .slowShare) }
    }

    @Test("what is older than the window does not count")
    func windowEnds() {
        let rig = Rig()
        for _ in 0..<9 {
            rig.report(.failed)
            rig.report(.ok)
        }
        #expect(rig.reading.window == WindowSums(calls: 18, rows: 18, failures: 9, slow: 0))
        rig.now = 11_000
        rig.report(.failed)
        rig.report(.ok, 9)
        #expect(rig.reading.window == WindowSums(calls: 10, rows: 10, failures: 1, slow: 0))
        #expect(rig.state == .closed)
    }

    @Test("the window slides by tenths", arguments: [(0, 10), (8_999, 10), (9_000, 10), (10_001, 9), (14_001, 5), (18_001, 1), (19_001, 0)])
    func windowSlides(later: UInt64, calls: UInt64) {
        let rig = Rig()
        for second in 0..<10 {
            rig.now = UInt64(second) * 1_000
            rig.report(.slow)
        }
        rig.now = max(rig.now, later)
        #expect(rig.reading.window.calls == calls)
    }

    @Test("a call counts for its rows in the rates, but for sixteen at most: none opens a breaker alone")
    func rowsInRates() {
        let rig = Rig()
        rig.report(.ok, 19)
        rig.report(.failed, rows: 1_024)
        #expect(rig.state == .closed)
        #expect(rig.reading.window == WindowSums(calls: 20, rows: 35, failures: 16, slow: 0))
        rig.report(.failed, rows: 3)
        #expect(rig.state == .open && rig.reading.lastTrip == .failureShare)
    }

    @Test("a breaker that is off judges nothing, and one that observes never refuses")
    func offAndObserve() {
        let off = Rig(BreakerPolicy(mode: .off))
        off.report(.failed, 100)
        #expect(off.gate.isClear && off.reading.observedTrips == 0 && off.reading.calls[2] == 100)
        let observe = Rig(BreakerPolicy(mode: .observe, jitter: 0))
        observe.trip()
        #expect(observe.gate.isClear && observe.ask(draw: .max) == .serve && observe.reading.observedTrips == 1 && observe.reading.trips == 0)
        #expect(observe.reading.lastTrip == .inARow && observe.breaker.transitions(after: 0).isEmpty)
    }

    @Test("one that observes counts what an open one would not have seen as little as that one")
    func observedTrips() {
        let rig = Rig(BreakerPolicy(mode: .observe, jitter: 0))
        var trips: [UInt64] = []
        // Everything fails, for a minute: open 1, 2, 4, 8, 16 and 32 seconds.
        for time in stride(from: UInt64(0), to: 63_500, by: 100) {
            rig.now = time
            let before = rig.reading.observedTrips
            rig.report(.failed)
            if rig.reading.observedTrips > before { trips.append(time) }
        }
        // Five failures take 400 ms.
        #expect(trips == [400, 1_800, 4_200, 8_600, 17_000, 33_400])
    }
}
