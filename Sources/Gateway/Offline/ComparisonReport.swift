/// What a comparison without a server found, in JSON.
package struct ComparisonReport: Encodable, Sendable {
    package var route: String
    /// The new model's file, as it was given, and its digest.
    package var model: String
    package var sha256: String
    /// Rows that were looked at.
    package var rows = 0
    /// Of these, rows that are in no comparison, by reason: see ``Skip``.
    package var skipped: [String: Int] = [:]
    /// About the first of them; left out where there is none.
    package var firstSkipped: String?
    /// Labels that are no class of the route: their rows are compared, and score nothing.
    package var unknownLabels = 0
    /// The new model as if it were a shadow.
    package var comparison: ShadowFigures?

    enum CodingKeys: String, CodingKey {
        case route, model, sha256, rows, skipped, comparison
        case firstSkipped = "first_skipped"
        case unknownLabels = "unknown_labels"
    }

    /// Why a row is in no comparison.
    package enum Skip: String, Sendable, CaseIterable {
        /// The contract refuses it.
        case misfit = "does-not-fit"
        /// Logged without fields: private ones, or because it was too long.
        case incomplete = "fields-missing"
        /// Logged with an answer of other classes, or of another kind, than the new model's.
        case otherAnswer = "other-answer"
    }

    /// Rows that are in no comparison.
    package var skippedRows: Int { skipped.values.reduce(0, +) }

    /// Counts a row that is in no comparison.
    mutating func skip(_ reason: Skip, row: Int, _ words: String) {
        skipped[reason.rawValue, default: 0] += 1
        if firstSkipped == nil { firstSkipped = "row \(row): \(words)" }
    }
}
