import GRDB

/// What one outcome adds to one sum.
struct SumPart {
    var key: OutcomeSumKey
    var state: OutcomeState
    var bucket: UInt8
    var counted: Int64
    var raw: Int64

    /// Adds it.
    func add(to sums: inout OutcomeSums) {
        switch state {
        case .counted: sums.counted.add(counted, raw: raw, to: bucket)
        case .late: sums.late += 1
        case .uncounted: sums.uncounted += 1
        case .override: sums.overridden += 1
        }
    }

    /// Takes it away again.
    func remove(from sums: inout OutcomeSums) {
        switch state {
        case .counted: sums.counted.remove(counted, raw: raw, from: bucket)
        case .late: sums.late -= 1
        case .uncounted: sums.uncounted -= 1
        case .override: sums.overridden -= 1
        }
    }
}

/// Where a declaration's slices begin, and which of them are merged.
struct SliceRule {
    var milliseconds: Int64
    var mergedBefore: Int64

    init(_ declaration: OutcomeDeclaration) {
        milliseconds = declaration.sliceMilliseconds
        mergedBefore = declaration.mergedBefore
    }

    /// The slice that the sums of a prediction at `time` (milliseconds since 1970 UTC) are kept under.
    func slice(of time: Int64) -> Int64 {
        stored(time / milliseconds)
    }

    /// The slice itself, or the merged one.
    func stored(_ slice: Int64) -> Int64 {
        slice < mergedBefore ? OutcomeDeclaration.mergedSlice : slice
    }
}

/// The slice rules of declarations, looked up once each in a transaction.
struct SliceRules {
    private struct Key: Hashable {
        var route: String
        var number: UInt32
    }

    private var known: [Key: SliceRule] = [:]

    /// - Throws: `invalid` for a declaration that does not exist.
    mutating func rule(_ db: Database, route: String, declaration: UInt32) throws -> SliceRule {
        let key = Key(route: route, number: declaration)
        if let rule = known[key] { return rule }
        let rule = SliceRule(try Ledger.declaration(db, route: route, number: declaration))
        known[key] = rule
        return rule
    }
}

/// Sums that a transaction changes: each is read once, changed in memory, and written at the end.
struct SumChanges {
    private let db: Database
    private var sums: [OutcomeSumKey: OutcomeSums] = [:]
    private var rules = SliceRules()

    init(_ db: Database) {
        self.db = db
    }

    /// Adds an outcome to every sum that it is part of.
    mutating func add(_ outcome: StoredOutcome) throws {
        try change(outcome) { part, sums in part.add(to: &sums) }
    }

    /// Takes an outcome that was added out of them again.
    mutating func remove(_ outcome: StoredOutcome) throws {
        try change(outcome) { part, sums in part.remove(from: &sums) }
    }

    /// Writes what has changed; the values in hand are then let go.
    mutating func write() throws {
        for (key, sums) in sums { try OutcomeSums.store(sums, under: key, db) }
        sums = [:]
    }

    private mutating func change(_ outcome: StoredOutcome, _ body: (SumPart, inout OutcomeSums) -> Void) throws {
        let rule = try rules.rule(db, route: outcome.route, declaration: outcome.declaration)
        for part in outcome.parts(slice: rule.slice(of: outcome.predictedAt)) {
            if sums.count >= Limits.sumsInHand { try write() }
            if sums[part.key] == nil { sums[part.key] = try OutcomeSums.stored(under: part.key, db) ?? OutcomeSums() }
            body(part, &sums[part.key, default: OutcomeSums()])
        }
    }
}

extension OutcomeSums {
    /// The sums stored under a key; nil when there are none.
    static func stored(under key: OutcomeSumKey, _ db: Database) throws -> OutcomeSums? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT late, uncounted, overridden, sums FROM outcome_sums
                WHERE route = ? AND outcome = ? AND variant = ? AND revision = ? AND declaration = ? AND slice = ?
                """)
        return try Row.fetchOne(statement, arguments: key.arguments).map(OutcomeSums.init)
    }

    /// Stores sums under a key, in place of those that are there.
    static func store(_ sums: OutcomeSums, under key: OutcomeSumKey, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO outcome_sums (route, outcome, variant, revision, declaration, slice, late, uncounted, overridden, sums)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                late = excluded.late, uncounted = excluded.uncounted, overridden = excluded.overridden, sums = excluded.sums
                """)
        let values: StatementArguments = [sums.late, sums.uncounted, sums.overridden, blob(sums.counted.encoded())]
        try statement.execute(arguments: key.arguments + values)
    }

    /// A row of `outcome_sums`.
    init(_ row: Row) throws {
        late = try row.value("late")
        uncounted = try row.value("uncounted")
        overridden = try row.value("overridden")
        counted = try BucketSums(decoding: bytes(row.value("sums")))
    }
}

extension OutcomeSumKey {
    /// The columns of the key in the order of the table.
    fileprivate var arguments: StatementArguments { [route, outcome, variant, revision, declaration, slice] }

    /// A row of `outcome_sums`.
    init(_ row: Row) throws {
        try self.init(
            route: row.value("route"), outcome: row.value("outcome"), variant: row.value("variant"), revision: row.value("revision"),
            declaration: row.value("declaration"), slice: row.value("slice"))
    }
}
