/// Where a breaker stands. The values are two bits of its word: 0 lets traffic flow.
package enum BreakerState: UInt8, CaseIterable, Sendable {
    /// Traffic flows; after an opening only a growing share of it at first.
    case closed
    /// No traffic until a probe is due.
    case open
    /// One call at a time finds out whether the variant is well again.
    case probing
    /// Put aside, by a crash or by a person: neither served nor probed until released.
    case held
}

/// Why a breaker moved. Four bits of an entry of its log.
package enum BreakerReason: UInt8, CaseIterable, Sendable {
    /// Failures in a row.
    case inARow
    /// The share of failed rows in the window.
    case failureShare
    /// The share of slow rows in the window.
    case slowShare
    /// It has been open long enough.
    case probeDue
    /// A probe failed, or, where slowness had opened the breaker, was slow.
    case probeFailed
    /// Enough probes succeeded.
    case probesPassed
    /// The ramp after closing has come to its end.
    case rampOver
    /// Put aside.
    case held
    /// Let go; a probe is due at once.
    case released
    /// A new policy only observes, or not even that.
    case policy

    /// The reasons for which a breaker opens, in the order in which they are counted and printed.
    package static let trips: [BreakerReason] = [.inARow, .failureShare, .slowShare, .probeFailed]

    /// Where its trips are counted among those of ``trips``; nil for a reason that opens none.
    var tripPlace: Int? {
        switch self {
        case .inARow: 0
        case .failureShare: 1
        case .slowShare: 2
        case .probeFailed: 3
        case .probeDue, .probesPassed, .rampOver, .held, .released, .policy: nil
        }
    }

    /// The case's name in snake case, for logs, metrics and reports.
    package var label: String {
        String(describing: self).reduce(into: "") { label, letter in
            label += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }
}
