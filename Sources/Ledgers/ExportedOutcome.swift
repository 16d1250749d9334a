import Foundation
import GRDB

/// An outcome as it is stored, for those who take it elsewhere. Numbers with a fraction are in millionths.
package struct ExportedOutcome: Hashable, Sendable {
    /// Bytes 36..<50 of the prediction id; nil after erasure.
    package var prediction: [UInt8]?
    package var route: String
    /// Name of the outcome.
    package var name: String
    /// Keyed hash of the unit; nil where the prediction was its own, and after erasure.
    package var unit: UInt64?
    package var assigned: String
    package var served: String
    package var revision: UInt32
    package var reason: String
    /// Index of the answered label.
    package var label: UInt16?
    package var predictedAt: Timestamp
    package var receivedAt: Timestamp
    /// When it happened, as the caller says.
    package var at: Timestamp?
    package var bucket: UInt8
    package var declaration: UInt32
    /// `counted`, `late`, `uncounted` or `override`.
    package var state: String
    /// As sent.
    package var value: Int64
    /// What counts of it, after capping.
    package var counted: Int64
    /// The true label of a label outcome; nil after erasure.
    package var truth: String?
    package var logLoss: Int64?
    package var brier: Int64?
}

extension ExportedOutcome {
    /// - Throws: when a column holds what does not fit.
    init(_ row: Row) throws {
        prediction = try row.value("prediction", as: Data?.self).map { bytes($0) }
        route = try row.value("route")
        name = try row.value("name")
        unit = try row.value("unit", as: Int64?.self).map(UInt64.init(bitPattern:))
        assigned = try row.value("assigned")
        served = try row.value("served")
        revision = try row.value("revision")
        reason = try row.value("reason")
        label = try row.value("label")
        predictedAt = Timestamp(milliseconds: try row.value("predicted_at"))
        receivedAt = Timestamp(milliseconds: try row.value("received_at"))
        at = try row.value("at", as: Int64?.self).map(Timestamp.init(milliseconds:))
        bucket = try row.value("bucket")
        declaration = try row.value("declaration")
        state = try row.value("state")
        value = try row.value("value")
        counted = try row.value("counted")
        truth = try row.value("truth")
        logLoss = try row.value("log_loss")
        brier = try row.value("brier")
    }
}
