package import Primitives

/// One sampled prediction, as the ledger keeps it: what came in, what was answered, by whom and why.
package struct PredictionRecord: Hashable, Sendable {
    /// Bytes 36..<50 of the prediction id: nonce, reactor and sequence.
    package var key: [UInt8]
    package var route: String
    /// When it was answered.
    package var at: Timestamp
    /// Keyed hash of the unit; nil when the request named none and was its own unit.
    package var unit: UInt64?
    /// Name of the variant that the split chose.
    package var assigned: String
    /// Name of the variant that answered.
    package var served: String
    package var revision: UInt32
    package var reason: ServedReason
    /// HTTP status of the answer.
    package var status: UInt16
    /// From the request's head to its answer.
    package var latencyMicroseconds: Int64
    /// Index of the answered label; nil for a regression or a failure.
    package var label: UInt16?
    /// What the model said, one number for each of its outputs; empty when it said nothing.
    package var scores: [Float]
    /// The row's answer as a whole JSON object, or the code of the error. Nil for none.
    package var answer: String?
    /// The contract's fields as a whole JSON object, without those that are `private: true`. Nil for none.
    package var input: String?
    /// Whether fields were left out of `input` because it was too long.
    package var isTruncated: Bool

    package init(
        key: [UInt8], route: String, at: Timestamp, unit: UInt64?, assigned: String, served: String, revision: UInt32, reason: ServedReason,
        status: UInt16, latencyMicroseconds: Int64, label: UInt16?, scores: [Float], answer: String?, input: String?, isTruncated: Bool = false
    ) {
        self.key = key
        self.route = route
        self.at = at
        self.unit = unit
        self.assigned = assigned
        self.served = served
        self.revision = revision
        self.reason = reason
        self.status = status
        self.latencyMicroseconds = latencyMicroseconds
        self.label = label
        self.scores = scores
        self.answer = answer
        self.input = input
        self.isTruncated = isTruncated
    }
}

extension PredictionRecord {
    /// Bytes of `key`.
    package static let keyBytes = 14

    /// Bytes that the record takes in the file with its entries in three indexes, estimated. A page of 4096 bytes holds whole rows, so a row
    /// of half a page takes one; what does not fit into a page is spread over several (https://sqlite.org/fileformat2.html, sections 1.5 and 1.6).
    var storedBytes: Int64 {
        let texts = [route, assigned, served, answer ?? "", input ?? ""].reduce(0) { $0 + $1.utf8.count }
        let row = Int64(texts + 4 * scores.count) + Limits.predictionRowBytes
        let (page, usable): (Int64, Int64) = (4_096, 4_088)
        let pages = row <= usable ? page / (usable / row) : row
        return pages + Int64(2 * route.utf8.count) + Limits.predictionIndexBytes
    }
}
