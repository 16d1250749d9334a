import GRDB

extension Ledger {
    /// The number of a route's declaration with these outcomes and slices: that of the newest one if it says the same, else a new one.
    ///
    /// - Throws: `invalid` for names, windows or caps out of bounds, and the faults of the file.
    package func declare(
        route: String, outcomes: [OutcomeRule], sliceMilliseconds: Int64, now: Timestamp
    ) throws(LedgerError) -> UInt32 {
        try Rules.check(name: route, key: "route")
        try Rules.check(outcomes: outcomes)
        guard sliceMilliseconds > 0 else { throw .invalid(key: "slice", reason: "\(sliceMilliseconds) ms; must be above 0") }
        func agrees(_ declaration: OutcomeDeclaration) -> Bool {
            declaration.outcomes == outcomes && declaration.sliceMilliseconds == sliceMilliseconds
        }
        // A look without the write lock first: at most starts nothing has changed.
        if let newest = try declarations(route: route).last, agrees(newest) { return newest.number }
        return try change { db in
            let newest = try Self.declarations(db, route: route).last
            if let newest, agrees(newest) { return newest.number }
            guard newest?.number != .max else { throw LedgerError.invalid(key: route, reason: "its declaration numbers are used up") }
            let number = (newest?.number ?? 0) + 1
            try db.execute(
                sql: "INSERT INTO declarations (route, number, at, slice_ms, outcomes) VALUES (?, ?, ?, ?, ?)",
                arguments: [route, number, now.milliseconds, sliceMilliseconds, try StoredJSON.text(outcomes)])
            return number
        }
    }

    /// Milliseconds of the longest window that any route ever declared; 0 without a declaration.
    package func longestWindow() throws(LedgerError) -> Int64 {
        try read { db in try Self.declarations(db).map(\.longestWindow).max() ?? 0 }
    }

    /// The declarations of a route, the newest last.
    package func declarations(route: String) throws(LedgerError) -> [OutcomeDeclaration] {
        try read { db in try Self.declarations(db, route: route) }
    }

    /// The declarations of a route, or of all routes; the newest of each last.
    static func declarations(_ db: Database, route: String? = nil) throws -> [OutcomeDeclaration] {
        let sql = "SELECT * FROM declarations WHERE ?1 IS NULL OR route = ?1 ORDER BY route, number"
        return try Row.fetchAll(db, sql: sql, arguments: [route]).map(declaration)
    }

    /// One declaration.
    ///
    /// - Throws: `invalid` when there is none of that number, and errors of SQLite.
    static func declaration(_ db: Database, route: String, number: UInt32) throws -> OutcomeDeclaration {
        let statement = try db.cachedStatement(sql: "SELECT * FROM declarations WHERE route = ? AND number = ?")
        guard let row = try Row.fetchOne(statement, arguments: [route, number]) else {
            throw LedgerError.invalid(key: "declaration", reason: "route '\(route)' has no declaration \(number)")
        }
        return try declaration(row)
    }

    private static func declaration(_ row: Row) throws -> OutcomeDeclaration {
        try OutcomeDeclaration(
            route: row.value("route"), number: row.value("number"), at: Timestamp(milliseconds: row.value("at")),
            sliceMilliseconds: row.value("slice_ms"), outcomes: StoredJSON.value([OutcomeRule].self, from: row.value("outcomes")),
            mergedBefore: row.value("merged_before"))
    }
}
