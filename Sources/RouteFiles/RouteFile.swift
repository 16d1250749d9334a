package import Primitives

/// One `route.yaml`, decoded, defaulted and free of complaints. Lines count from 1 and serve later complaints.
package struct RouteFile: Sendable, Equatable {
    /// The file, as reached from the folder that was read.
    package var file: String
    /// The folder that holds it: models and samples are relative to it.
    package var folder: String

    /// The route's name, which is its folder's.
    package var name: String
    /// Where it is served. Starts with a slash; no query.
    package var path: String
    package var pathLine: Int
    /// Who is assigned to a variant.
    package var unit: UnitSource
    /// Seed of the assignment; the route's name unless the file sets one.
    package var salt: String
    /// Time for one answer, from 1 ms to 10 min.
    package var deadline: Nanoseconds
    /// Golden rows, if the route has any.
    package var sample: SampleFile?
    /// Rows that one request may hold, 1 to 1024.
    package var maximumRows: Int
    /// Bytes that one request's body may hold.
    package var maximumBodyBytes: Int
    /// What happens to fields that the contract does not name.
    package var extraFields: ExtraFields
    /// Class names in the order of the model's columns; empty when the model file says them itself.
    package var labels: [String]
    package var labelsLine: Int
    /// The contract, in the order of the model's columns.
    package var input: [InputField]
    package var inputLine: Int
    /// In the order of the file; at least one, and one with a weight above zero.
    package var variants: [VariantEntry]
    /// What gets a copy of a share of the traffic, in the order of the file; their names differ from each other's and the variants'.
    package var shadows: [ShadowEntry] = []
    /// What may come back about a prediction, in the order of the file.
    package var outcomes: [OutcomeEntry]
    /// Percent of the predictions that are logged with their input, 0 to 100.
    package var logPercent: Double
    /// Time from which on an answer counts as slow.
    package var slow: Nanoseconds
    /// When its variants' breakers open and close.
    package var breaker = BreakerEntry()
    /// Whether a request whose model failed is tried once more on another variant; nil when not.
    package var retry: RetryEntry?
    /// What answers when the model failed and nothing else can; nil for an error.
    package var fallback: FallbackEntry?
    /// How many predictions may be in work at once; nil for as many as the server allows.
    package var concurrency: ConcurrencyEntry?

    /// A complaint about this file, found by somebody who knows more than the file says.
    package func complaint(line: Int, key: String, _ message: String) -> Complaint {
        Complaint(file: file, line: line, key: key, message: message)
    }
}

/// Where the key of who is assigned comes from.
package enum UnitSource: Sendable, Equatable {
    /// Each prediction is a unit of its own.
    case prediction
    /// The value of a request header; the name is in lower case.
    case header(String)
    /// The value of a field of the body.
    case field(String)
    /// The value of a cookie.
    case cookie(String)
}

/// What happens to fields that the contract does not name.
package enum ExtraFields: String, Sendable, CaseIterable {
    case refuse, ignore
}

/// One model that can answer a route.
package struct VariantEntry: Sendable, Equatable {
    package var name: String
    package var line: Int
    /// The model file, relative to the route's folder.
    package var model: String
    package var modelLine: Int
    /// The model's digest, as 64 lower-case hexadecimal digits; it was compared with the file.
    package var sha256: String
    /// Share of the traffic, relative to the other variants' weights; finite, not negative.
    package var weight: Double
    package var weightLine: Int
    /// On which threads the model runs; nil leaves it to what a row was measured to cost.
    package var run: RunEntry?
}

/// What an outcome's values are.
package enum OutcomeKind: String, Sendable, CaseIterable {
    /// Yes or no: true, false, 1 or 0.
    case rate
    /// A number, cut at a cap.
    case mean
    /// The text of the true class's label.
    case label
}

/// One thing that may come back about a prediction.
package struct OutcomeEntry: Sendable, Equatable {
    package var name: String
    package var line: Int
    package var kind: OutcomeKind
    /// Whether a larger rate, mean or accuracy is the better one.
    package var isHigherBetter: Bool
    /// Time from the prediction within which the outcome counts, 1 s to 400 days.
    package var window: Nanoseconds
    /// Whether a prediction without this outcome counts as 0 when its window is over; otherwise nothing is known about it.
    package var isZeroWhenAbsent: Bool
    /// Of a mean: values beyond it, either way, count as it. Nil for other kinds.
    package var cap: Double?
}

/// A file of sample rows, one JSON object a line.
package struct SampleFile: Sendable, Equatable {
    /// Relative to the route's folder.
    package var path: String
    package var line: Int
}

/// What a field of the contract holds.
package enum FieldType: String, Sendable, CaseIterable {
    case number, integer, boolean, string
}

/// A value written in the file.
package enum FieldValue: Sendable, Equatable {
    /// Of a `number` or `integer`.
    case number(Double)
    case boolean(Bool)
    case string(String)
}

/// What happens when a row has no value for a field.
package enum AbsentField: Sendable, Equatable {
    /// The request is refused.
    case refused
    /// The model gets NaN.
    case notANumber
    /// The model gets this.
    case value(FieldValue)
}

/// One field of the contract: one column of the model.
package struct InputField: Sendable, Equatable {
    package var name: String
    package var line: Int
    package var type: FieldType
    /// Smallest and largest value, for `number` and `integer`.
    package var minimum: Double?
    package var maximum: Double?
    package var absent: AbsentField
    /// Whether its values are kept out of logs and reports.
    package var isPrivate: Bool
    /// Allowed strings; empty allows all.
    package var values: [String]
    /// Bytes that a string may have.
    package var maximumLength: Int
}
