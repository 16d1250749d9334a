/// What the breaker's word is moved by: a policy in the word's units. Durations in milliseconds.
package struct BreakerTimes: Equatable, Sendable {
    package var isEnforced: Bool
    package var window: UInt64
    package var open: UInt64
    package var openAtMost: UInt64
    package var jitter: Double
    package var successesToClose: UInt64
    package var ramp: UInt64
    package var lease: UInt64

    /// The policy's values, each within its limits.
    package init(_ policy: BreakerPolicy) {
        isEnforced = policy.mode == .enforce
        window = policy.window.clamped(to: BreakerLimits.window) / 1_000_000
        open = policy.open.clamped(to: BreakerLimits.open) / 1_000_000
        openAtMost = max(open, policy.openAtMost.clamped(to: BreakerLimits.open) / 1_000_000)
        jitter = min(max(policy.jitter, 0), 1)
        successesToClose = UInt64(policy.successesToClose.clamped(to: BreakerLimits.successesToClose))
        ramp = policy.ramp.clamped(to: BreakerLimits.ramp) / 1_000_000
        lease = policy.lease.clamped(to: BreakerLimits.lease) / 1_000_000
    }

    init(
        isEnforced: Bool, window: UInt64, open: UInt64, openAtMost: UInt64, jitter: Double, successesToClose: UInt64, ramp: UInt64, lease: UInt64
    ) {
        self.isEnforced = isEnforced
        self.window = window
        self.open = open
        self.openAtMost = openAtMost
        self.jitter = jitter
        self.successesToClose = successesToClose
        self.ramp = ramp
        self.lease = lease
    }

    /// How long a breaker stays open after so many trips: doubling, then moved by up to `jitter` of it.
    /// - Parameter draw: 64 uniform bits.
    package func openTime(trips: UInt64, draw: UInt64) -> UInt64 {
        let time = min(open << (max(trips, 1) - 1), openAtMost)
        let place = Double(draw >> 11) * 0x1p-52 - 1
        return UInt64(Double(time) * (1 + jitter * place))
    }
}

extension Comparable {
    /// The value, or the bound that it lies beyond.
    func clamped(to bounds: ClosedRange<Self>) -> Self {
        min(max(self, bounds.lowerBound), bounds.upperBound)
    }
}
