package import Primitives

/// How far a comparison is.
package struct OfflineProgress: Sendable {
    /// Rows that were looked at, and how many there are.
    package let done: Int
    package let total: Int
    /// Of those that were looked at, the ones that are in no comparison.
    package let skipped: Int
    /// The moment, by a clock that never goes back.
    package let now: Instant
}
