/// The whole state of a breaker as one 64-bit word, so that reactors read it with one load and move it with one compare-and-swap.
///
/// Values only. Time is in milliseconds since the breaker's epoch; the bits, from the lowest:
///
/// | bits | holds |
/// |---|---|
/// | 0-1 | ``state`` |
/// | 2 | ``isRamping``: bits 0 to 2 are zero exactly when every unit may pass |
/// | 3 | ``isLeased`` |
/// | 4 | ``isSlow`` |
/// | 5-8 | ``trips`` |
/// | 9-12 | ``successes`` |
/// | 13-25 | ``generation`` |
/// | 26-63 | ``instant`` |
package struct BreakerWord: Equatable, Sendable {
    package var bits: UInt64

    package init(bits: UInt64) {
        self.bits = bits
    }

    /// Closed since the epoch, every unit may pass.
    package static let clear = BreakerWord(bits: 0)

    /// The latest instant that a word holds, 8.7 years after the epoch; time stands still there.
    package static let lastInstant: UInt64 = 1 << 38 - 1

    package var state: BreakerState {
        // Two bits, four cases.
        get { BreakerState(rawValue: UInt8(field(0, 2))) ?? .closed }
        set { setField(0, 2, UInt64(newValue.rawValue)) }
    }

    /// Closed, but its units come back bit by bit.
    package var isRamping: Bool {
        get { field(2, 1) != 0 }
        set { setField(2, 1, newValue ? 1 : 0) }
    }

    /// Probing, and a probe is on its way.
    package var isLeased: Bool {
        get { field(3, 1) != 0 }
        set { setField(3, 1, newValue ? 1 : 0) }
    }

    /// Slowness opened it: then a slow probe is a failed one.
    package var isSlow: Bool {
        get { field(4, 1) != 0 }
        set { setField(4, 1, newValue ? 1 : 0) }
    }

    /// Trips, one after the other without a whole window of being closed between them; at most 15. Each doubles the time it stays open.
    package var trips: UInt64 {
        get { field(5, 4) }
        set { setField(5, 4, min(newValue, 15)) }
    }

    /// Probes that succeeded since it opened.
    package var successes: UInt64 {
        get { field(9, 4) }
        set { setField(9, 4, newValue) }
    }

    /// Changes with every lease and every change of state, and comes round after 8192 of them: what was begun under another one is past.
    package var generation: UInt16 {
        get { UInt16(field(13, 13)) }
        set { setField(13, 13, UInt64(newValue)) }
    }

    /// Closed: since when calls count. Open: when a probe is due. Probing: when the lease expires. Held: since when.
    package var instant: UInt64 {
        get { field(26, 38) }
        set { setField(26, 38, min(newValue, BreakerWord.lastInstant)) }
    }

    private func field(_ shift: UInt64, _ width: UInt64) -> UInt64 {
        bits >> shift & (1 << width - 1)
    }

    private mutating func setField(_ shift: UInt64, _ width: UInt64, _ value: UInt64) {
        let mask: UInt64 = 1 << width - 1
        bits = bits & ~(mask << shift) | (value & mask) << shift
    }
}
