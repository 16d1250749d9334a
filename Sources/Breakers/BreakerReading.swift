package import Primitives

/// A breaker as a report shows it: read word by word while it is at work, so its parts may be some nanoseconds apart.
package struct BreakerReading: Equatable, Sendable {
    /// What becomes of a trip.
    package let mode: BreakerPolicy.Mode
    package let state: BreakerState
    /// Why it last opened; nil if it never did. In `observe`, why it would have.
    package let lastTrip: BreakerReason?
    /// How often it opened, failed probes included, since it was made.
    package let trips: UInt64
    /// The same by reason, in the order of ``BreakerReason/trips``.
    package let tripsByReason: [UInt64]
    /// How often it would have, while it only observed.
    package let observedTrips: UInt64
    /// When it came into this state; when it was made, if it never left the first.
    package let since: Instant
    /// When the next probe is due; nil unless it is open.
    package let nextProbe: Instant?
    /// Share of its units that it serves: below 1 on the ramp after closing, 0 when it is not closed.
    package let share: Double
    /// What the rates are judged by.
    package let window: WindowSums
    /// Calls since it was made, by the raw values of ``CallResult``.
    package let calls: [UInt64]
}

/// Sums over the sliding window, since the breaker last closed at most.
package struct WindowSums: Equatable, Sendable {
    package var calls: UInt64 = 0
    /// Rows of these calls, of each call at most ``BreakerLimits/rowsCounted``.
    package var rows: UInt64 = 0
    package var failures: UInt64 = 0
    package var slow: UInt64 = 0
}
