import Primitives
import Synchronization
import Testing

@testable import Admission

@Suite("Rate of a token")
struct RateGateTests {
    private let start = Instant(nanoseconds: 5_000_000_000)

    private func gate(_ rate: Double, burst: Int, isEnforced: Bool = true) -> (gate: RateGate, words: SharedWords) {
        let words = SharedWords()
        return (RateGate(words, limit: RateLimit(rate: rate, burst: burst), isEnforced: isEnforced), words)
    }

    @Test("lets the burst in at once, then one request each interval")
    func burstThenInterval() {
        let (gate, words) = gate(100, burst: 5)
        for _ in 0..<5 { #expect(gate.admit(now: start) == nil) }
        #expect(gate.admit(now: start) == .milliseconds(10))
        #expect(gate.admit(now: start.advanced(by: .milliseconds(4))) == .milliseconds(6))
        #expect(gate.admit(now: start.advanced(by: .milliseconds(10))) == nil)
        #expect(gate.admit(now: start.advanced(by: .milliseconds(10))) == .milliseconds(10))
        withExtendedLifetime(words) {}
    }

    @Test("lets in who waits as long as it was told, and not a nanosecond sooner", arguments: [0.001, 0.3, 7, 100, 999_999, 1_000_000])
    func waitIsTrue(rate: Double) throws {
        let (gate, words) = gate(rate, burst: 1)
        #expect(gate.admit(now: start) == nil)
        let wait = try #require(gate.admit(now: start))
        #expect(gate.admit(now: start.advanced(by: wait - 1)) == 1)
        #expect(gate.admit(now: start.advanced(by: wait)) == nil)
        withExtendedLifetime(words) {}
    }

    @Test("gives the whole burst again after a pause, and never more")
    func pauseRestoresBurst() {
        let (gate, words) = gate(10, burst: 3)
        for _ in 0..<3 { #expect(gate.admit(now: start) == nil) }
        let later = start.advanced(by: .seconds(3_600))
        for _ in 0..<3 { #expect(gate.admit(now: later) == nil) }
        #expect(gate.admit(now: later) != nil)
        withExtendedLifetime(words) {}
    }

    @Test("uses nothing up for a request that is refused")
    func refusalIsFree() {
        let (gate, words) = gate(1, burst: 1)
        #expect(gate.admit(now: start) == nil)
        for _ in 0..<1_000 { #expect(gate.admit(now: start) == .seconds(1)) }
        #expect(gate.admit(now: start.advanced(by: .seconds(1))) == nil)
        withExtendedLifetime(words) {}
    }

    @Test("counts a costly request as several, and as the burst at most", arguments: [(1, 4), (2, 2), (4, 1), (1_000, 1)] as [(UInt64, Int)])
    func cost(cost: UInt64, fits: Int) {
        let (gate, words) = gate(100, burst: 4)
        for _ in 0..<fits { #expect(gate.admit(now: start, cost: cost) == nil) }
        #expect(gate.admit(now: start, cost: cost) != nil)
        withExtendedLifetime(words) {}
    }

    @Test("goes on where it was when a new plan makes a new gate of the same words")
    func survivesPlans() {
        let (gate, words) = gate(1, burst: 2)
        #expect(gate.admit(now: start) == nil)
        #expect(gate.admit(now: start) == nil)
        let again = RateGate(words, limit: RateLimit(rate: 1, burst: 2), isEnforced: true)
        #expect(again.admit(now: start) == .seconds(1))
        let faster = RateGate(words, limit: RateLimit(rate: 1, burst: 3), isEnforced: true)
        #expect(faster.admit(now: start) == nil)
    }

    @Test("brings nonsense into range", arguments: [(0.0, 0), (-3, -1), (.infinity, .max), (1e-30, 1)] as [(Double, Int)])
    func nonsense(rate: Double, burst: Int) {
        let (gate, words) = gate(rate, burst: burst)
        #expect(gate.admit(now: Instant(nanoseconds: 1 << 62)) == nil)
        withExtendedLifetime(words) {}
    }

    @Test("lets in exactly what its rate allows when two threads ask at once")
    func twoThreads() async {
        let (gate, words) = gate(1_000, burst: 50)
        // Each asks 20 000 times, over a second that moves as they ask: 50 at its start, and one each millisecond after.
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask { [start] in
                    (0..<20_000).count { gate.admit(now: start.advanced(by: UInt64($0) * .microseconds(50))) == nil }
                }
            }
            return await group.reduce(0, +)
        }
        #expect((1_000...1_050).contains(admitted))
        withExtendedLifetime(words) {}
    }

    @Test("tells whole seconds, rounded up", arguments: [(0, 1), (1, 1), (1_000_000_000, 1), (1_000_000_001, 2), (90_000_000_000, 90)] as [(UInt64, UInt64)])
    func wholeSeconds(wait: Nanoseconds, seconds: UInt64) {
        #expect(wait.secondsToWait == seconds)
    }
}
