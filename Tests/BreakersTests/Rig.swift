import Primitives

@testable import Breakers

/// A breaker with a clock that tests move by hand. Calls come from identities of their own unless a test says otherwise.
final class Rig {
    let breaker: VariantBreaker
    /// Milliseconds since the breaker was made.
    var now: UInt64 = 0
    private var identities: UInt64 = 1_000

    /// Without jitter, so that times are exact, unless the policy says otherwise.
    init(_ policy: BreakerPolicy = BreakerPolicy(jitter: 0), reactors: Int = 2, seed: UInt64 = 1) {
        breaker = VariantBreaker(policy: policy, reactors: reactors, seed: seed, now: Self.start)
    }

    private static let start = Instant(nanoseconds: .seconds(77))

    var instant: Instant { instant(at: now) }
    func instant(at milliseconds: UInt64) -> Instant { Self.start.advanced(by: .milliseconds(milliseconds)) }

    var gate: BreakerGate { breaker.gate }
    var reading: BreakerReading { breaker.reading(now: instant) }
    var state: BreakerState { reading.state }
    /// Milliseconds until the next probe.
    var openFor: UInt64? { reading.nextProbe.map { $0.since(instant) / 1_000_000 } }
    var word: BreakerWord { gate.word }

    func ask(draw: UInt32 = 0) -> BreakerPass { gate.ask(now: instant, draw: draw) }

    /// Reports calls that began just now, or at `began`.
    func report(
        _ result: CallResult, _ count: Int = 1, reactor: Int = 0, rows: Int = 1, identity: UInt64? = nil, lease: BreakerLease? = nil, began: UInt64? = nil
    ) {
        for _ in 0..<count {
            identities += 1
            gate.report(
                reactor: reactor, result, rows: rows, identity: identity ?? identities, lease: lease, began: began.map { instant(at: $0) }, now: instant)
        }
    }

    /// Takes the lease; nil when there is none.
    func lease() -> BreakerLease? {
        if case .probe(let lease) = ask() { lease } else { nil }
    }

    /// Waits for the probe and answers it. Returns whether there was one.
    @discardableResult
    func probe(_ result: CallResult) -> Bool {
        now += openFor ?? 0
        guard let lease = lease() else { return false }
        report(result, lease: lease)
        return true
    }

    func trip() { report(.failed, 5) }

    /// Trips it and lets it pass its probes.
    func tripAndClose() {
        trip()
        for _ in 0..<3 { probe(.ok) }
    }
}
