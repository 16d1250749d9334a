import Ledgers
import Primitives

/// The columns of the exported tables, in their order. Names are for other people's programs: none is ever renamed.
enum ExportColumns {
    static let predictions = [
        "prediction", "at", "route", "unit", "assigned", "served", "revision", "reason", "status", "latency_us", "label", "scores", "answer",
        "input", "truncated",
    ]

    static let outcomes = [
        "prediction", "name", "value", "counted", "state", "truth", "log_loss", "brier", "route", "unit", "assigned", "served", "revision",
        "reason", "label", "predicted_at", "received_at", "at", "bucket", "declaration",
    ]

    /// The cells of a row of `predictions`.
    static func cells(_ record: PredictionRecord) -> [ExportCell] {
        [
            .text(key(record.key)), ExportCell(time: record.at), .text(record.route), ExportCell(hash: record.unit), .text(record.assigned),
            .text(record.served), ExportCell(number: record.revision), .text("\(record.reason.name)"), ExportCell(number: record.status),
            ExportCell(number: record.latencyMicroseconds), ExportCell(number: record.label), ExportCell(scores: record.scores),
            ExportCell(json: record.answer), ExportCell(json: record.input), .flag(record.isTruncated),
        ]
    }

    /// The cells of a row of `outcomes`.
    static func cells(_ outcome: ExportedOutcome) -> [ExportCell] {
        [
            ExportCell(text: outcome.prediction.map(key)), .text(outcome.name), ExportCell(millionths: outcome.value),
            ExportCell(millionths: outcome.counted), .text(outcome.state), ExportCell(text: outcome.truth),
            ExportCell(millionths: outcome.logLoss), ExportCell(millionths: outcome.brier), .text(outcome.route),
            ExportCell(hash: outcome.unit), .text(outcome.assigned), .text(outcome.served), ExportCell(number: outcome.revision),
            .text(outcome.reason), ExportCell(number: outcome.label), ExportCell(time: outcome.predictedAt),
            ExportCell(time: outcome.receivedAt), ExportCell(time: outcome.at), ExportCell(number: outcome.bucket),
            ExportCell(number: outcome.declaration),
        ]
    }

    /// A prediction's key as base64url. Its first 18 characters are the characters 49 to 66 of the id, for the key begins at byte 36.
    private static func key(_ bytes: [UInt8]) -> String { Base64URL.text(of: bytes.span.bytes) }
}
