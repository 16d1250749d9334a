import Foundation
import GRDB
import Primitives

/// A row of `outcomes`, as far as sums need it.
struct StoredOutcome {
    var number: Int64
    var route: String
    var name: String
    /// 14 bytes; nil after erasure.
    var prediction: [UInt8]?
    var assigned: String
    var revision: UInt32
    var declaration: UInt32
    /// Time of the prediction, in milliseconds since 1970 UTC.
    var predictedAt: Int64
    var bucket: UInt8
    var state: OutcomeState
    var value: Int64
    var counted: Int64
    var truth: String?
    var truthIndex: Int?
    var logLoss: Int64?
    var brier: Int64?

    /// The columns in the order in which `init` reads them.
    static let columns = """
        number, route, name, prediction, assigned, revision, declaration, predicted_at, bucket, state, value, counted, truth, truth_index, \
        log_loss, brier
        """

    /// - Throws: what becomes `LedgerError.corrupt`, when a column holds what does not fit.
    init(_ row: Row) throws {
        number = try row.decode(Int64.self, atIndex: 0)
        route = try row.decode(String.self, atIndex: 1)
        name = try row.decode(String.self, atIndex: 2)
        prediction = try row.decode(Data?.self, atIndex: 3).map(bytes)
        assigned = try row.decode(String.self, atIndex: 4)
        revision = try row.decode(UInt32.self, atIndex: 5)
        declaration = try row.decode(UInt32.self, atIndex: 6)
        predictedAt = try row.decode(Int64.self, atIndex: 7)
        bucket = try row.decode(UInt8.self, atIndex: 8)
        let state = try row.decode(Int.self, atIndex: 9)
        guard let known = OutcomeState(rawValue: state) else {
            throw StoredFault("an outcome in state \(state)")
        }
        self.state = known
        value = try row.decode(Int64.self, atIndex: 10)
        counted = try row.decode(Int64?.self, atIndex: 11) ?? value
        truth = try row.decode(String?.self, atIndex: 12)
        truthIndex = try row.decode(Int?.self, atIndex: 13)
        logLoss = try row.decode(Int64?.self, atIndex: 14)
        brier = try row.decode(Int64?.self, atIndex: 15)
    }
}

extension StoredOutcome {
    /// Name of the outcome that holds the logarithmic losses of a label outcome.
    static func logLossName(of name: String) -> String { name + ".log_loss" }
    /// Name of the outcome that holds its Brier scores.
    static func brierName(of name: String) -> String { name + ".brier" }

    /// The sums that the outcome is part of, and with what.
    func parts(slice: Int64) -> [SumPart] {
        let own = part(name, counted, raw: value, slice: slice)
        guard state == .counted, let logLoss, let brier else { return [own] }
        return [
            own, part(Self.logLossName(of: name), logLoss, raw: logLoss, slice: slice),
            part(Self.brierName(of: name), brier, raw: brier, slice: slice),
        ]
    }

    private func part(_ outcome: String, _ counted: Int64, raw: Int64, slice: Int64) -> SumPart {
        let key = OutcomeSumKey(
            route: route, outcome: outcome, variant: assigned, revision: revision, declaration: declaration, slice: slice)
        return SumPart(key: key, state: state, bucket: bucket, counted: counted, raw: raw)
    }

    /// Whether scores, if there are any, would make it part of more sums than its own.
    var wantsScores: Bool { state == .counted && truthIndex != nil && prediction != nil }

    /// Sets logarithmic loss and Brier score from the probabilities that were answered. Scores that are no probabilities, or fewer than
    /// there are labels, set nothing.
    mutating func score(by probabilities: [Float]) {
        guard let truthIndex, let score = ProperScore(probabilities: probabilities, truth: truthIndex) else { return }
        (logLoss, brier) = (score.logLoss, score.brier)
    }
}
