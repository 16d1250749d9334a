import Foundation
import GRDB
import Primitives

/// Reads a route's logged predictions in the order of their time, page by page. Each page is a read transaction of its own, so that a long
/// reading holds up no checkpoint; what is pruned or erased meanwhile is not seen any more.
package struct PredictionReader {
    private let ledger: Ledger
    private let route: String
    private let until: Timestamp
    private var place: Place?

    /// The last row that was read.
    private struct Place {
        var at: Int64
        var number: Int64
    }

    /// - Parameters:
    ///   - since: the first moment that counts.
    ///   - until: the first that does not.
    package init(_ ledger: Ledger, route: String, since: Timestamp, until: Timestamp) {
        self.ledger = ledger
        self.route = route
        self.until = until
        place = Place(at: since.milliseconds, number: -1)
    }

    /// The next rows, fewer than `limit` where they are long; nil after the last. `answer` and `input` are compact JSON: what is stored as
    /// another text comes as a JSON string.
    ///
    /// - Throws: the faults of the file; the same page can be asked for again.
    package mutating func next(limit: Int = 1_000) throws(LedgerError) -> [PredictionRecord]? {
        guard let start = place else { return nil }
        var last: Place?
        let page = try ledger.read { db in
            var page: [PredictionRecord] = []
            var bytes = 0
            let rows = try Row.fetchCursor(
                db, sql: Self.sql, arguments: [route, start.at, start.number, until.milliseconds, limit])
            while bytes < Limits.exportedPageBytes, let row = try rows.next() {
                let record = try PredictionRecord(row)
                page.append(record)
                bytes += (record.input?.utf8.count ?? 0) + (record.answer?.utf8.count ?? 0)
                last = Place(at: record.at.milliseconds, number: try row.value("number"))
            }
            return page
        }
        place = last
        return page.isEmpty ? nil : page
    }

    /// Walks the index by route and time, in which rows of one time stand by number.
    private static let sql = """
        SELECT number, key, route, at, unit, assigned, served, revision, reason, status, latency_us, label, scores, truncated,
            CASE WHEN answer IS NULL OR json_valid(answer) THEN json(answer) ELSE json_quote(answer) END AS answer,
            CASE WHEN input IS NULL OR json_valid(input) THEN json(input) ELSE json_quote(input) END AS input
        FROM predictions WHERE route = ?1 AND at >= ?2 AND (at, number) > (?2, ?3) AND at < ?4 ORDER BY at, number LIMIT ?5
        """
}

extension PredictionRecord {
    /// - Throws: when a column holds what does not fit.
    init(_ row: Row) throws {
        let reason: String = try row.value("reason")
        guard let known = ServedReason.allCases.first(where: { "\($0.name)" == reason }) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the reason '\(reason)' is unknown")
        }
        try self.init(
            key: bytes(row.value("key")), route: row.value("route"), at: Timestamp(milliseconds: row.value("at")),
            unit: row.value("unit", as: Int64?.self).map(UInt64.init(bitPattern:)), assigned: row.value("assigned"),
            served: row.value("served"), revision: row.value("revision"), reason: known, status: row.value("status"),
            latencyMicroseconds: row.value("latency_us"), label: row.value("label"), scores: StoredScores.scores(row.value("scores")),
            answer: row.value("answer"), input: row.value("input"), isTruncated: row.value("truncated"))
    }
}
