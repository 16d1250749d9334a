import Foundation
import GRDB
import Primitives

/// Outcomes that are stored in one transaction.
struct OutcomeGroup {
    private struct Replaced: Hashable {
        var author: String
        var route: String
        var outcome: String
    }

    private let db: Database
    private let cursor: Int64
    private var changes: SumChanges
    private var rules = SliceRules()
    private var replaced: [Replaced: Int] = [:]

    /// Begins within the caller's `BEGIN IMMEDIATE`.
    init(_ db: Database) throws {
        self.db = db
        cursor = try Meta.folded.value(db) ?? 0
        changes = SumChanges(db)
    }

    /// Stores one, or finds the one that is there.
    mutating func record(_ entry: OutcomeEntry) throws -> OutcomeResult {
        _ = try rules.rule(db, route: entry.route, declaration: entry.declaration)
        if try insert(entry) { return entry.isLate ? .late : .recorded }
        guard entry.replaces else { return .duplicate }
        guard !entry.isLate else { return .late }
        return try replace(try existing(entry), with: entry)
    }

    /// Writes the sums that replacements changed, and the audit of them.
    mutating func finish(now: Timestamp) throws {
        try changes.write()
        for (author, counts) in Dictionary(grouping: replaced, by: \.key.author).sorted(by: { $0.key < $1.key }) {
            let lines = counts.map { AuditSubject.OutcomesReplaced.Count(route: $0.key.route, outcome: $0.key.outcome, count: $0.value) }
            let subject = AuditSubject.OutcomesReplaced(replaced: lines.sorted { ($0.route, $0.outcome) < ($1.route, $1.outcome) })
            _ = try Ledger.appendAudit(db, .outcomesReplaced, subject, author: author, at: now)
        }
    }

    /// Whether the entry was the first of its prediction and name.
    private func insert(_ entry: OutcomeEntry) throws -> Bool {
        let id = entry.id
        let statement = try db.cachedStatement(sql: Self.insertion)
        try statement.execute(arguments: [
            entry.route, entry.name, entry.key, id.flags.contains(.ownUnit) ? nil : Int64(bitPattern: id.unit), entry.assigned,
            entry.served, id.revision, "\(id.reason.name)", id.label == PredictionID.noLabel ? nil : Int(id.label), Int64(id.time),
            entry.receivedAt.milliseconds, entry.at?.milliseconds, UInt8(truncatingIfNeeded: id.unit), entry.declaration,
            entry.state.rawValue, entry.value, entry.storedCounted, entry.truth, entry.truthIndex,
        ])
        return db.changesCount == 1
    }

    private func existing(_ entry: OutcomeEntry) throws -> StoredOutcome {
        let statement = try db.cachedStatement(sql: Self.lookup)
        guard let row = try Row.fetchOne(statement, arguments: [entry.key, entry.name]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an outcome is in the index and not in its table")
        }
        return try StoredOutcome(row)
    }

    private mutating func replace(_ old: StoredOutcome, with entry: OutcomeEntry) throws -> OutcomeResult {
        let isSame = old.value == entry.value && old.counted == entry.counted && old.truth == entry.truth
        guard !isSame else { return .duplicate }
        let statement = try db.cachedStatement(sql: Self.replacement)
        try statement.execute(arguments: [
            entry.value, entry.storedCounted, entry.truth, entry.truthIndex, entry.at?.milliseconds, entry.receivedAt.milliseconds,
            old.number,
        ])
        if old.number <= cursor {
            var new = old
            (new.value, new.counted, new.truth, new.truthIndex) = (entry.value, entry.counted, entry.truth, entry.truthIndex)
            (new.logLoss, new.brier) = (nil, nil)
            try new.scoreIfStored(db)
            try changes.remove(old)
            try changes.add(new)
        }
        replaced[Replaced(author: entry.author, route: entry.route, outcome: entry.name), default: 0] += 1
        return .replaced
    }
}

extension OutcomeGroup {
    private static let insertion = """
        INSERT INTO outcomes (
            route, name, prediction, unit, assigned, served, revision, reason, label, predicted_at, received_at, at, bucket, declaration,
            state, value, counted, truth, truth_index
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """

    private static let lookup = "SELECT \(StoredOutcome.columns) FROM outcomes WHERE \(isOfPrediction)"

    /// Finds the outcome of a prediction's key and a name: by the expressions of the index `outcomes_once`, or SQLite would not use it.
    static let isOfPrediction = """
        substr(prediction, 1, 9) = substr(?1, 1, 9) AND substr(prediction, 14, 1) = substr(?1, 14, 1)
        AND substr(prediction, 13, 1) = substr(?1, 13, 1) AND substr(prediction, 12, 1) = substr(?1, 12, 1)
        AND substr(prediction, 11, 1) = substr(?1, 11, 1) AND substr(prediction, 10, 1) = substr(?1, 10, 1) AND name = ?2
        """

    private static let replacement = """
        UPDATE outcomes SET value = ?, counted = ?, truth = ?, truth_index = ?, at = ?, received_at = ?, log_loss = NULL, brier = NULL
        WHERE number = ?
        """
}

extension OutcomeEntry {
    /// Bit of an id's flags: no slice was free for its exposure.
    private static let uncountedFlag: UInt8 = 1 << 1

    /// Whether it came after its window: our clock at arrival less the id's time.
    fileprivate var isLate: Bool {
        let age = receivedAt.milliseconds.subtractingReportingOverflow(Int64(id.time))
        return age.overflow || age.partialValue > windowMilliseconds
    }

    /// How it takes part in sums. What the caller steered, or has no exposure, is neither in time nor late.
    fileprivate var state: OutcomeState {
        if id.reason == .override { return .override }
        if id.flags.contains(.uncounted) { return .uncounted }
        return isLate ? .late : .counted
    }

    /// nil where it is the value itself, as most are.
    fileprivate var storedCounted: Int64? { counted == value ? nil : counted }

    /// The 14 bytes that name the prediction in the ledger.
    fileprivate var key: Data {
        var bytes = Data(capacity: 14)
        for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: id.nonce >> UInt64(8 * place))) }
        bytes.append(id.reactor)
        for place in 0..<5 { bytes.append(UInt8(truncatingIfNeeded: id.sequence >> UInt64(8 * place))) }
        return bytes
    }
}
