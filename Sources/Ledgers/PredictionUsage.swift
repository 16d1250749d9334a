/// How much the log of predictions holds.
package struct PredictionUsage: Hashable, Sendable {
    package var rows: Int64
    /// Bytes in the ledger's file, estimated row by row.
    package var bytes: Int64
}
