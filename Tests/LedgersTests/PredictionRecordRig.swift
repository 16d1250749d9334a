import Foundation
import GRDB
import Primitives

@testable import Ledgers

extension PredictionRecord {
    /// A record like those of a server: number `number` of a route, a millisecond after the one before.
    static func sample(_ number: Int, route: String = "films", unit: UInt64? = nil, input: String? = nil) -> PredictionRecord {
        PredictionRecord(
            key: key(number), route: route, at: Timestamp(milliseconds: Timestamp.noon.milliseconds + Int64(number)), unit: unit,
            assigned: "champion", served: number % 2 == 0 ? "champion" : "challenger", revision: 3, reason: number % 2 == 0 ? .assigned : .override,
            status: 200, latencyMicroseconds: 250 + Int64(number), label: UInt16(number % 3), scores: [0.25, 0.5, Float(number)],
            answer: #"{"label":"Drama","probabilities":{"Drama":0.71}}"#, input: input ?? #"{"year":\#(1900 + number % 100),"title":"é\n"}"#)
    }

    /// A nonce, the reactor and the number, as in an id.
    static func key(_ number: Int, reactor: UInt8 = 1) -> [UInt8] {
        [1, 2, 3, 4, 5, 6, 7, 8, reactor] + (0..<5).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}

extension Ledger {
    /// The numbers in the keys of all rows, in their order.
    func storedNumbers() throws -> [Int] {
        try read { db in try Data.fetchAll(db, sql: "SELECT key FROM predictions ORDER BY number") }
            .map { key in key.suffix(5).reversed().reduce(0) { $0 << 8 | Int($1) } }
    }
}
