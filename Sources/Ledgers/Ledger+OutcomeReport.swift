import GRDB

extension Ledger {
    /// What is known of a route's outcomes, as of the last complete fold: one state of the file.
    package func outcomeReport(route: String) throws(LedgerError) -> OutcomeReport {
        try read { db in try Self.outcomeReport(db, route: route) }
    }

    static func outcomeReport(_ db: Database, route: String) throws -> OutcomeReport {
        let asOf = try Meta.asOf.value(db).map(Timestamp.init(milliseconds:))
        let declarations = try declarations(db, route: route)
        var lines: [OutcomeSumKey: OutcomeLine] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM outcome_sums WHERE route = ?", arguments: [route])
        while let row = try rows.next() {
            var key = try OutcomeSumKey(row)
            let declaration = declarations.first { $0.number == key.declaration }
            let isMatured = declaration?.isMatured(key, asOf: asOf) ?? false
            key.slice = OutcomeDeclaration.mergedSlice
            lines[key, default: OutcomeLine(key)].add(try OutcomeSums(row), isMatured: isMatured)
        }
        return OutcomeReport(asOf: asOf, declarations: declarations, lines: lines.values.sorted { $0.place < $1.place })
    }
}

extension OutcomeDeclaration {
    /// Whether the slice of some sums is matured for the window of their outcome; for the longest one where that is not declared.
    fileprivate func isMatured(_ key: OutcomeSumKey, asOf: Timestamp?) -> Bool {
        guard let asOf else { return false }
        let name = key.outcome.prefix { $0 != "." }
        let window = outcomes.first { $0.name == name }?.windowMilliseconds ?? longestWindow
        return isMatured(slice: key.slice, windowMilliseconds: window, asOf: asOf)
    }
}

extension OutcomeLine {
    fileprivate init(_ key: OutcomeSumKey) {
        self.init(
            outcome: key.outcome, variant: key.variant, revision: key.revision, declaration: key.declaration, matured: BucketSums(),
            maturing: 0, late: 0, uncounted: 0, overridden: 0)
    }

    fileprivate mutating func add(_ sums: OutcomeSums, isMatured: Bool) {
        if isMatured {
            matured.add(sums.counted)
        } else {
            maturing += sums.counted.overall.count
        }
        late += sums.late
        uncounted += sums.uncounted
        overridden += sums.overridden
    }

    /// Where it stands in a report.
    fileprivate var place: (UInt32, String, String, UInt32) { (declaration, outcome, variant, revision) }
}
