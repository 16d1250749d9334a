package import Primitives

/// One entry of a breaker's log.
package struct BreakerTransition: Equatable, Sendable {
    /// Counts from 1 since the breaker was made.
    package let number: UInt64
    /// When, to the millisecond.
    package let at: Instant
    package let from: BreakerState
    package let to: BreakerState
    package let reason: BreakerReason
}
