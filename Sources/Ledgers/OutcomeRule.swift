/// What a route says about one of its outcomes before any of them arrives.
package struct OutcomeRule: Hashable, Codable, Sendable {
    /// What the value of an outcome is. Raw values are stored.
    package enum Kind: String, Codable, Sendable {
        /// 0 or 1: it happened or not.
        case rate
        /// A number between minus and plus the cap.
        case mean
        /// The text of the true label. Its value is 1 where the answer was that label, else 0.
        case label
    }

    /// What an exposure without an outcome stands for once its window is over. Raw values are stored.
    package enum Absence: String, Codable, Sendable {
        /// It did not happen: 0.
        case zero
        /// Nobody said: in neither numerator nor denominator.
        case unknown
    }

    package var name: String
    package var kind: Kind
    package var isHigherBetter: Bool
    /// Time after the prediction, in milliseconds, in which an outcome counts.
    package var windowMilliseconds: Int64
    /// The value, in millionths, beyond whose plus and minus a mean's values count as the cap itself; nil for other kinds.
    package var cap: Int64?
    package var absence: Absence
    /// Of a label outcome the classes in the order of the label index in ids, by variant; those under the empty name are of all variants that
    /// are not listed. Classes in another order are another declaration. Nil for other kinds.
    package var classes: [String: [String]]?

    /// Names in the stored JSON.
    private enum CodingKeys: String, CodingKey {
        case name, kind, cap, absence, classes
        case isHigherBetter = "higher_is_better"
        case windowMilliseconds = "window_ms"
    }

    package init(
        name: String, kind: Kind, isHigherBetter: Bool = true, windowMilliseconds: Int64, cap: Int64? = nil, absence: Absence = .unknown,
        classes: [String: [String]]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isHigherBetter = isHigherBetter
        self.windowMilliseconds = windowMilliseconds
        self.cap = cap
        self.absence = absence
        self.classes = classes
    }

    /// The classes of a variant, in the order of its label index; none for other kinds.
    package func classes(of variant: String) -> [String] {
        classes?[variant] ?? classes?[""] ?? []
    }
}
