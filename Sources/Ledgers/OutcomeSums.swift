/// What sums of outcomes are kept under.
package struct OutcomeSumKey: Hashable, Sendable {
    package var route: String
    /// Name of the outcome; `NAME.log_loss` and `NAME.brier` hold the scores of label outcomes.
    package var outcome: String
    /// The variant that the split had assigned, whichever answered.
    package var variant: String
    package var revision: UInt32
    package var declaration: UInt32
    /// Slice of the exposure; `OutcomeDeclaration.mergedSlice` for all that were merged.
    package var slice: Int64
}

/// All that is known in sum of the outcomes of one key.
package struct OutcomeSums: Hashable, Sendable {
    /// Outcomes that count.
    package var counted = BucketSums()
    /// How many came late, were stored without an exposure that counts, or belong to a variant that the caller named: in no sum.
    package var late: Int64 = 0
    package var uncounted: Int64 = 0
    package var overridden: Int64 = 0

    package init() {}

    /// Adds other sums.
    package mutating func add(_ other: OutcomeSums) {
        counted.add(other.counted)
        late += other.late
        uncounted += other.uncounted
        overridden += other.overridden
    }
}

/// How far a fold of outcomes came.
package struct OutcomeFold: Hashable, Sendable {
    /// Rows that it moved into sums.
    package var rows: Int
    /// Whether no stored outcome is left: the sums are then as of the moment that was given.
    package var isComplete: Bool
}
