/// What the ledger knows of a route's outcomes, for a report.
package struct OutcomeReport: Sendable {
    /// All outcomes that had arrived by then are in it; nil before the first fold.
    package var asOf: Timestamp?
    /// Every declaration of the route, the newest last.
    package var declarations: [OutcomeDeclaration]
    /// By declaration, outcome, variant and revision.
    package var lines: [OutcomeLine]
}

/// One outcome of one assigned variant under one revision and declaration.
package struct OutcomeLine: Hashable, Sendable {
    package var outcome: String
    package var variant: String
    package var revision: UInt32
    package var declaration: UInt32
    /// Sums of the matured slices, those that no outcome can join any more.
    package var matured: BucketSums
    /// Outcomes of younger slices: to be counted later.
    package var maturing: Int64
    /// Of all slices: came after the window, were stored without an exposure that counts, belong to a variant that the caller named.
    package var late: Int64
    package var uncounted: Int64
    package var overridden: Int64
}

/// The exposures of one assigned variant under one revision and declaration that the ledger holds.
package struct ExposureRecord: Hashable, Sendable {
    package var variant: String
    package var revision: UInt32
    package var declaration: UInt32
    /// By slice; a merged one first.
    package var slices: [ExposureSlice]

    package init(variant: String, revision: UInt32, declaration: UInt32, slices: [ExposureSlice]) {
        self.variant = variant
        self.revision = revision
        self.declaration = declaration
        self.slices = slices
    }
}
