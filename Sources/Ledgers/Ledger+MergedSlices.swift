import GRDB

extension Ledger {
    /// Merges slices that are matured for every window of their declaration into one, sums and exposures alike; a transaction for each
    /// declaration that has some. Whatever is folded into one of them later goes into the merged one.
    ///
    /// - Returns: how many rows were merged.
    package func mergeMatured() throws(LedgerError) -> Int {
        let due = try read(Self.dueMerges)
        var merged = 0
        for declaration in due {
            merged += try change { db in try Self.merge(db, declaration) }
        }
        return merged
    }

    /// The declarations with slices to merge, each with the first that is not.
    private static func dueMerges(_ db: Database) throws -> [DueMerge] {
        guard let asOf = try Meta.asOf.value(db) else { return [] }
        return try declarations(db).compactMap { declaration in
            let due = DueMerge(declaration, asOf: Timestamp(milliseconds: asOf))
            let sql = """
                SELECT EXISTS (SELECT 1 FROM exposure_sums WHERE route = ?1 AND declaration = ?2 AND slice >= 0 AND slice < ?3)
                OR EXISTS (SELECT 1 FROM outcome_sums WHERE route = ?1 AND declaration = ?2 AND slice >= 0 AND slice < ?3)
                """
            return try Bool.fetchOne(db, sql: sql, arguments: due.arguments) == true ? due : nil
        }
    }

    private static func merge(_ db: Database, _ due: DueMerge) throws -> Int {
        let old = "WHERE route = ? AND declaration = ? AND slice >= 0 AND slice < ?"
        var sums: [OutcomeSumKey: OutcomeSums] = [:]
        let rows = try Row.fetchAll(db, sql: "SELECT * FROM outcome_sums \(old)", arguments: due.arguments)
        for row in rows {
            var key = try OutcomeSumKey(row)
            key.slice = OutcomeDeclaration.mergedSlice
            sums[key, default: OutcomeSums()].add(try OutcomeSums(row))
        }
        for (key, sum) in sums {
            var whole = try OutcomeSums.stored(under: key, db) ?? OutcomeSums()
            whole.add(sum)
            try OutcomeSums.store(whole, under: key, db)
        }
        let exposures = try Row.fetchAll(db, sql: "SELECT * FROM exposure_sums \(old)", arguments: due.arguments)
        for row in exposures {
            let variant: String = try row.value("variant")
            let revision: UInt32 = try row.value("revision")
            let key: StatementArguments = [due.route, variant, revision, due.number, OutcomeDeclaration.mergedSlice]
            try addExposures(try counts(row), under: key, db)
        }
        try db.execute(sql: "DELETE FROM outcome_sums \(old)", arguments: due.arguments)
        try db.execute(sql: "DELETE FROM exposure_sums \(old)", arguments: due.arguments)
        let mark = "UPDATE declarations SET merged_before = max(merged_before, ?3) WHERE route = ?1 AND number = ?2"
        try db.execute(sql: mark, arguments: due.arguments)
        return rows.count + exposures.count
    }
}

/// A declaration whose slices before a certain one are matured.
private struct DueMerge {
    var route: String
    var number: UInt32
    var before: Int64

    init(_ declaration: OutcomeDeclaration, asOf: Timestamp) {
        route = declaration.route
        number = declaration.number
        before = declaration.firstMaturing(windowMilliseconds: declaration.longestWindow, asOf: asOf)
    }

    var arguments: StatementArguments { [route, number, before] }
}
