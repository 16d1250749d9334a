/// One input of a model: its name, type and what values it may have.
package struct ContractField: Sendable, Equatable {
    /// What a field's value is in JSON, and how it becomes a slot (see `BodyDecoder`).
    package enum Kind: String, Sendable, CaseIterable {
        case number, integer, boolean, string
    }

    /// A value for rows that do not give one.
    package enum Value: Sendable, Equatable {
        case number(Double)
        case boolean(Bool)
        case text(String)
    }

    package var name: String
    package var kind: Kind
    /// Smallest and largest allowed value, inclusive; for numbers and integers.
    package var minimum: Double?
    package var maximum: Double?
    /// What a missing value becomes. It comes before `isRequired`.
    package var fallback: Value?
    /// Whether a missing value without a fallback is a fault; otherwise it is NaN, or the empty string.
    package var isRequired: Bool
    /// The allowed strings; empty: every string.
    package var values: [String]
    /// Most bytes of a string, as UTF-8.
    package var maximumLength: Int
    /// Whether no message may quote a value of this field.
    package var isPrivate: Bool

    package init(
        name: String, kind: Kind, minimum: Double? = nil, maximum: Double? = nil, fallback: Value? = nil, isRequired: Bool = true,
        values: [String] = [], maximumLength: Int = Limits.textBytesByDefault, isPrivate: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.minimum = minimum
        self.maximum = maximum
        self.fallback = fallback
        self.isRequired = isRequired
        self.values = values
        self.maximumLength = maximumLength
        self.isPrivate = isPrivate
    }
}
