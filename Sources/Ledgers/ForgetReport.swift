/// What an erasure did, in rows.
package struct ForgetReport: Hashable, Sendable {
    /// Logged predictions that were deleted.
    package var predictions: Int
    /// Outcomes that stay without prediction, unit and truth.
    package var outcomes: Int
    /// Examples of shadows that were deleted.
    package var examples: Int

    package init(predictions: Int = 0, outcomes: Int = 0, examples: Int = 0) {
        self.predictions = predictions
        self.outcomes = outcomes
        self.examples = examples
    }

    /// Whether there was nothing to erase.
    package var isEmpty: Bool { predictions == 0 && outcomes == 0 && examples == 0 }

    package static func + (left: ForgetReport, right: ForgetReport) -> ForgetReport {
        ForgetReport(
            predictions: left.predictions + right.predictions, outcomes: left.outcomes + right.outcomes,
            examples: left.examples + right.examples)
    }
}
