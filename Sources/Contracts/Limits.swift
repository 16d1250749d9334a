internal import CSimdJSON

/// Every bound of this target, with its unit and what exceeding it does.
package enum Limits {
    /// Fields of a contract. A contract with more is refused when it is loaded.
    package static let fields = 4_096
    /// Bytes of a field's name. Longer ones are refused when the contract is loaded.
    package static let nameBytes = 256
    /// Rows of one body that a contract may allow (its own `maxRows` is what a body is held to: `too-many-rows`).
    package static let rows = 1_024
    /// Bytes of a string value that a field may allow.
    package static let textBytes = 65_536
    /// Bytes of a string value when the field does not say (`text-too-long` beyond).
    package static let textBytesByDefault = 256
    /// Allowed strings of one field.
    package static let allowedValues = 4_096
    /// Bytes of a body that a decoder may be made for; offsets into its tables are 32 bits wide.
    package static let bodyBytes = 1 << 30
    /// Bytes of a unit's text (`text-too-long` beyond).
    package static let unitBytes = Int(CSIMDJSON_UNIT)
    /// Levels of objects and arrays inside an ignored field (`too-deep` beyond).
    package static let nesting = Int(CSIMDJSON_DEPTH)
    /// Bytes of an unknown field's name that a report gives back; longer names are cut between characters.
    package static let echoedBytes = Int(CSIMDJSON_ECHO)
    /// Values that a sentence about a fault lists before it says how many more there are.
    package static let listedValues = 8

    /// Outcomes of one body that a reader may be made for (its own `maxItems` is what a body is held to: `too-many-rows`).
    package static let outcomes = 100_000
    /// Bytes of an outcome's prediction (`text-too-long` beyond): twice what an id has.
    package static let predictionBytes = Int(CSIMDJSON_PREDICTION)
    /// Bytes of an outcome's name (`text-too-long` beyond).
    package static let outcomeNameBytes = Int(CSIMDJSON_OUTCOME_NAME)
    /// Bytes of an outcome's value that is a text; a longer one is unfit, and only its item suffers.
    package static let outcomeTextBytes = Int(CSIMDJSON_OUTCOME_TEXT)
    /// The largest outcome in 1e-6 of its unit, either way, so that a million of them fit into the sum of an Int64. A larger number has
    /// no fixed point.
    package static let fixedPoint = Int64(CSIMDJSON_FIXED_POINT)
}
