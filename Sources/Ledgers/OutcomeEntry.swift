package import Primitives

/// One outcome as it arrived, its prediction id verified and its value checked against the declaration.
package struct OutcomeEntry: Sendable {
    /// The prediction that it is about: gives key, unit, revision, reason, label, time and flags.
    package var id: PredictionID
    /// Names behind the id's hashes.
    package var route: String
    package var assigned: String
    package var served: String
    /// Name of the outcome.
    package var name: String
    /// The whole number of the declaration that the id's three bits stand for.
    package var declaration: UInt32
    /// Window of the outcome in that declaration, in milliseconds.
    package var windowMilliseconds: Int64
    /// Value in millionths, as sent; within plus and minus `Limits.outcomeValue`.
    package var value: Int64
    /// Value in millionths that counts: the same, or the cap.
    package var counted: Int64
    /// Of a label outcome the true label, and its place among the labels of the variant that served; nil where it has none.
    package var truth: String?
    package var truthIndex: Int?
    /// When it happened, as the caller says. For delay curves only.
    package var at: Timestamp?
    /// When it arrived here.
    package var receivedAt: Timestamp
    /// Whether a value that is there already gives way.
    package var replaces: Bool
    /// Who sent it: name of the token.
    package var author: String

    package init(
        id: PredictionID, route: String, assigned: String, served: String, name: String, declaration: UInt32, windowMilliseconds: Int64,
        value: Int64, counted: Int64? = nil, truth: String? = nil, truthIndex: Int? = nil, at: Timestamp? = nil, receivedAt: Timestamp,
        replaces: Bool = false, author: String
    ) {
        self.id = id
        self.route = route
        self.assigned = assigned
        self.served = served
        self.name = name
        self.declaration = declaration
        self.windowMilliseconds = windowMilliseconds
        self.value = value
        self.counted = counted ?? value
        self.truth = truth
        self.truthIndex = truthIndex
        self.at = at
        self.receivedAt = receivedAt
        self.replaces = replaces
        self.author = author
    }
}

/// What became of an outcome.
package enum OutcomeResult: Sendable, Hashable, CaseIterable {
    /// It is the first of its prediction and name, and stored.
    case recorded
    /// There is one already; it stays, unless this one is the same anyway.
    case duplicate
    /// It took the place of the one that was there.
    case replaced
    /// It came after its window. The first is stored, and in no sum; one that would replace another then changes nothing.
    case late
}

/// How a stored outcome takes part in sums. Raw values are stored.
package enum OutcomeState: Int, Sendable, Hashable {
    /// In the sums of its assigned variant.
    case counted = 0
    /// It came after its window.
    case late = 1
    /// Its exposure found no free slice, so it is in no denominator either.
    case uncounted = 2
    /// The caller had named the variant: recorded apart.
    case override = 3
}
