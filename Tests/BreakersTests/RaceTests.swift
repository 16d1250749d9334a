import Dispatch
import Glibc
import Primitives
import Synchronization
import Testing

@testable import Breakers

/// Threads that use one breaker at once. What counts here is what no order of theirs may change; run them with the thread sanitizer as well.
@Suite("A breaker that several reactors use at once")
struct RaceTests {
    private static let threads = 4

    @Test("of many that ask at the same moment exactly one gets the lease")
    func oneLease() {
        let rig = Rig(reactors: Self.threads)
        rig.trip()
        let (gate, starts) = (rig.gate, rig.instant(at: 0))
        let leases = Mutex<[BreakerLease]>([])
        let arrived = Atomic<UInt64>(0)
        let moments: UInt64 = 500
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            for step in 1...moments {
                // Both set out together, each time at a moment after the last lease's end.
                arrived.add(1, ordering: .relaxed)
                while arrived.load(ordering: .relaxed) < 2 * step { sched_yield() }
                guard case .probe(let lease) = gate.ask(now: starts.advanced(by: .seconds(3 * step)), draw: 0) else { continue }
                leases.withLock { $0.append(lease) }
            }
        }
        let generations = leases.withLock { $0.map(\.generation) }
        #expect(Set(generations).count == generations.count && generations.count == moments)
    }

    @Test("of many that fail at the same moment one opens it, once")
    func oneTrip() {
        for _ in 0..<200 {
            let rig = Rig(reactors: Self.threads)
            let (gate, instant) = (rig.gate, rig.instant(at: 50))
            DispatchQueue.concurrentPerform(iterations: Self.threads) { reactor in
                for call in 0..<8 { gate.report(reactor: reactor, .failed, rows: 1, identity: UInt64(call), now: instant) }
            }
            #expect(rig.reading.trips == 1 && rig.breaker.transitionCount == 1 && rig.reading.calls[2] == UInt64(8 * Self.threads))
        }
    }

    @Test("no call is lost between reactors and window, while snapshots are taken all the time")
    func sums() {
        let rig = Rig(BreakerPolicy(failureShare: 2, slowShare: 2), reactors: Self.threads)
        let (breaker, gate) = (rig.breaker, rig.gate)
        let calls = 20_000
        let starts = rig.instant(at: 0)
        let mistakes = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: Self.threads + 1) { reactor in
            guard reactor < Self.threads else {
                // Somebody who reads all the time: never more failures than calls.
                for step in 0..<2_000 {
                    let sums = breaker.reading(now: starts.advanced(by: .milliseconds(UInt64(step)))).window
                    if sums.failures > sums.rows { mistakes.add(1, ordering: .relaxed) }
                }
                return
            }
            for call in 0..<calls {
                let now = starts.advanced(by: .microseconds(UInt64(call) * 400))
                gate.report(reactor: reactor, call % 3 == 0 ? .failed : .ok, rows: 1, identity: 1, now: now)
            }
        }
        #expect(mistakes.load(ordering: .relaxed) == 0)
        // Eight seconds of a window of ten: all of it is still there.
        rig.now = 8_000
        let failures = UInt64((calls + 2) / 3 * Self.threads)
        #expect(rig.reading.window == WindowSums(calls: UInt64(calls * Self.threads), rows: UInt64(calls * Self.threads), failures: failures, slow: 0))
        #expect(rig.reading.calls[0] + rig.reading.calls[2] == UInt64(calls * Self.threads))
    }

    @Test("under failures, probes, holds and policies at once it never leaves its states, and its log keeps its order")
    func everything() {
        let policy = BreakerPolicy(open: .milliseconds(10), openAtMost: .milliseconds(20), ramp: .milliseconds(5), lease: .milliseconds(1))
        var observing = policy
        observing.mode = .observe
        let rig = Rig(policy, reactors: Self.threads)
        let (breaker, gate) = (rig.breaker, rig.gate)
        let starts = rig.instant(at: 0)
        let mistakes = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: Self.threads + 1) { [observing] reactor in
            guard reactor < Self.threads else {
                for step in 0..<1_000 as Range<UInt64> {
                    let now = starts.advanced(by: .milliseconds(step))
                    if step % 50 == 0 { breaker.hold(now: now) }
                    if step % 50 == 5 { breaker.release(now: now) }
                    if step % 100 == 20 { breaker.set(policy: step % 200 == 20 ? observing : policy, now: now) }
                    let numbers = breaker.transitions(after: 0).map(\.number)
                    if !zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) { mistakes.add(1, ordering: .relaxed) }
                }
                return
            }
            var random = SplitMix(seed: UInt64(reactor))
            for call in 0..<20_000 as Range<UInt64> {
                let now = starts.advanced(by: .microseconds(call * 50))
                guard !gate.isClear else {
                    gate.report(reactor: reactor, call % 64 < 8 ? .failed : .ok, rows: 1, identity: call, now: now)
                    continue
                }
                guard case .probe(let lease) = gate.ask(now: now, draw: UInt32(truncatingIfNeeded: random.next())) else { continue }
                switch random.next() % 4 {
                case 0: gate.giveBack(lease)
                case 1: gate.report(reactor: reactor, .failed, rows: 1, identity: call, lease: lease, now: now)
                default: gate.report(reactor: reactor, .ok, rows: 1, identity: call, lease: lease, now: now)
                }
            }
        }
        rig.now = 1_000
        #expect(mistakes.load(ordering: .relaxed) == 0)
        #expect(rig.reading.trips > 3 && breaker.transitions(after: 0).count == 32)
        rig.breaker.hold(now: rig.instant)
        #expect(rig.state == .held)
    }
}
