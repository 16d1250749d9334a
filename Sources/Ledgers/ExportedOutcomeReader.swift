import GRDB

/// Reads a route's outcomes in the order of their arrival, page by page. Each page is a read transaction of its own that looks at a bounded
/// stretch of the table, so that a long reading holds up no checkpoint; what arrives after the first page is not part of it.
package struct ExportedOutcomeReader {
    private let ledger: Ledger
    private let route: String
    private let since: Timestamp
    private let until: Timestamp
    /// Numbers that are still to be looked at; nil before the first page.
    private var rest: Range<Int64>?

    /// - Parameters:
    ///   - since: the first moment of arrival that counts.
    ///   - until: the first that does not.
    package init(_ ledger: Ledger, route: String, since: Timestamp, until: Timestamp) {
        self.ledger = ledger
        self.route = route
        self.since = since
        self.until = until
    }

    /// The next rows among the next `stretch` of the table, often none of it; nil after the last.
    ///
    /// - Throws: the faults of the file; the same page can be asked for again.
    package mutating func next(stretch: Int64 = 1_000) throws(LedgerError) -> [ExportedOutcome]? {
        let rest = if let known = self.rest { known } else { try stored() }
        guard !rest.isEmpty else { return nil }
        let end = min(rest.lowerBound + stretch, rest.upperBound)
        let page = try ledger.read { db in
            try Row.fetchAll(
                db, sql: Self.sql,
                arguments: [rest.lowerBound, end, route, since.milliseconds, until.milliseconds]
            ).map(ExportedOutcome.init)
        }
        self.rest = end..<rest.upperBound
        return page
    }

    private func stored() throws(LedgerError) -> Range<Int64> {
        try ledger.read { db in
            let first = try Int64.fetchOne(db, sql: "SELECT min(number) FROM outcomes") ?? 0
            let last = try Int64.fetchOne(db, sql: "SELECT max(number) FROM outcomes") ?? -1
            return first..<last + 1
        }
    }

    private static let sql = """
        SELECT prediction, route, name, unit, assigned, served, revision, reason, label, predicted_at, received_at, at, bucket, declaration,
            CASE state WHEN 0 THEN 'counted' WHEN 1 THEN 'late' WHEN 2 THEN 'uncounted' WHEN 3 THEN 'override' END AS state,
            value, coalesce(counted, value) AS counted, truth, log_loss, brier
        FROM outcomes
        WHERE number >= ? AND number < ? AND route = ? AND received_at >= ? AND received_at < ? ORDER BY number
        """
}
