/// A breaker's policy in its memory: one word each, so that a new one takes effect while reactors are at work. For some nanoseconds they may
/// see parts of both, which are each within their limits.
@safe struct BreakerSettings {
    private let words: UnsafeMutablePointer<BreakerCell>

    /// The settings in a breaker's memory, which outlives this value.
    init(_ words: UnsafeMutablePointer<BreakerCell>) {
        unsafe self.words = words
    }

    /// Writes a policy, each value moved within its limits. Control thread.
    func store(_ policy: BreakerPolicy) {
        let times = BreakerTimes(policy)
        let values: [UInt64] = [
            UInt64(policy.mode.rawValue), times.window, times.open, times.openAtMost, times.jitter.bitPattern, times.successesToClose, times.ramp,
            times.lease, UInt64(policy.failuresInRow.clamped(to: BreakerLimits.failuresInRow)),
            UInt64(policy.callsAtLeast.clamped(to: BreakerLimits.callsAtLeast)), policy.failureShare.bitPattern, policy.slowShare.bitPattern,
        ]
        for (place, value) in values.enumerated() {
            // As many as the layout has room for.
            unsafe words.set(BreakerLayout.settings + place, value)
        }
    }

    var mode: BreakerPolicy.Mode { BreakerPolicy.Mode(rawValue: UInt8(setting(0))) ?? .off }
    /// Milliseconds.
    var window: UInt64 { setting(1) }
    var failuresInRow: UInt64 { setting(8) }
    var callsAtLeast: UInt64 { setting(9) }
    var failureShare: Double { Double(bitPattern: setting(10)) }
    var slowShare: Double { Double(bitPattern: setting(11)) }

    /// The parts that move the breaker's word.
    var times: BreakerTimes {
        BreakerTimes(
            isEnforced: mode == .enforce, window: window, open: setting(2), openAtMost: setting(3), jitter: Double(bitPattern: setting(4)),
            successesToClose: setting(5), ramp: setting(6), lease: setting(7))
    }

    private func setting(_ place: Int) -> UInt64 {
        // Below twelve.
        unsafe words.value(BreakerLayout.settings + place)
    }
}
