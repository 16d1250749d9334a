import Foundation
import GRDB
import Primitives

extension Ledger {
    /// Appends sampled predictions in one transaction. A record whose key is there already is left out: repeating a call that failed half
    /// way is safe.
    ///
    /// - Returns: how many were new.
    /// - Throws: `invalid` for a key of another length than 14 bytes, and the faults of the file; nothing is then appended.
    @discardableResult
    package func appendPredictions(_ records: [PredictionRecord]) throws(LedgerError) -> Int {
        if let odd = records.first(where: { $0.key.count != PredictionRecord.keyBytes }) {
            throw .invalid(key: "key", reason: "has \(odd.key.count) bytes; a prediction's has \(PredictionRecord.keyBytes)")
        }
        if records.isEmpty { return 0 }
        return try change { db in
            var added = PredictionUsage(rows: 0, bytes: 0)
            for record in records where try Self.insert(record, db) {
                added.rows += 1
                added.bytes += record.storedBytes
            }
            try Self.addUsage(added, db)
            return Int(added.rows)
        }
    }

    /// How many predictions are kept and the room that they take.
    package func predictionUsage() throws(LedgerError) -> PredictionUsage {
        try read(Self.predictionUsage)
    }

    /// Removes the oldest predictions that retention does not keep: one bounded step, to be repeated until it says that it is done.
    ///
    /// Age counts in the order of arrival: a row whose `at` is newer than the bound keeps its place until the bound has passed it. The file
    /// does not become shorter; its pages are used again.
    ///
    /// - Parameters:
    ///   - before: rows from before this moment go.
    ///   - maxRows: rows that stay at most.
    ///   - maxBytes: estimated bytes that stay at most.
    ///   - step: rows that this call looks at and removes at most; nil for 1000.
    /// - Returns: rows removed, and whether nothing more is to be removed now.
    package func prunePredictions(
        olderThan before: Timestamp, maxRows: Int64, maxBytes: Int64, step: Int? = nil
    ) throws(LedgerError) -> (removed: Int, isDone: Bool) {
        let step = step ?? Limits.prunedPredictions
        // A look without the write lock first: most of the time there is nothing to do.
        guard try read({ db in try !Self.excess(db, before, maxRows, maxBytes, step: 1).isEmpty }) else { return (0, true) }
        return try change { db in
            let excess = try Self.excess(db, before, maxRows, maxBytes, step: step)
            let statement = try db.cachedStatement(sql: "DELETE FROM predictions WHERE number = ?")
            for row in excess { try statement.execute(arguments: [row.number]) }
            try Self.addUsage(PredictionUsage(rows: -Int64(excess.count), bytes: -excess.reduce(0) { $0 + $1.bytes }), db)
            return (excess.count, excess.count < step)
        }
    }
}

extension Ledger {
    /// - Returns: false when a record with its key is there already.
    private static func insert(_ record: PredictionRecord, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO predictions (key, route, at, unit, assigned, served, revision, reason, status, latency_us, label, scores, answer,
                    input, truncated, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
                """)
        try statement.execute(arguments: [
            blob(record.key), record.route, record.at.milliseconds, record.unit.map(Int64.init(bitPattern:)), record.assigned, record.served,
            record.revision, "\(record.reason.name)", record.status, record.latencyMicroseconds, record.label,
            StoredScores.blob(record.scores), record.answer, record.input, record.isTruncated, record.storedBytes,
        ])
        return db.changesCount == 1
    }

    static func predictionUsage(_ db: Database) throws -> PredictionUsage {
        guard let row = try Row.fetchOne(db, sql: "SELECT rows, bytes FROM prediction_usage") else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the usage of predictions is gone")
        }
        return try PredictionUsage(rows: row.value("rows"), bytes: row.value("bytes"))
    }

    /// Adds to the usage inside the caller's transaction; negative numbers take away.
    static func addUsage(_ usage: PredictionUsage, _ db: Database) throws {
        if usage.rows == 0 { return }
        try db.execute(
            sql: "UPDATE prediction_usage SET rows = rows + ?, bytes = bytes + ?", arguments: [usage.rows, usage.bytes])
    }

    /// Of the `step` oldest rows those that retention does not keep.
    private static func excess(
        _ db: Database, _ before: Timestamp, _ maxRows: Int64, _ maxBytes: Int64, step: Int
    ) throws -> [(number: Int64, bytes: Int64)] {
        var usage = try predictionUsage(db)
        let oldest = try Row.fetchCursor(db, sql: "SELECT number, at, bytes FROM predictions ORDER BY number LIMIT ?", arguments: [step])
        var excess: [(number: Int64, bytes: Int64)] = []
        while let row = try oldest.next() {
            let bytes: Int64 = try row.value("bytes")
            guard try row.value("at") < before.milliseconds || usage.rows > maxRows || usage.bytes > maxBytes else { break }
            excess.append((try row.value("number"), bytes))
            usage.rows -= 1
            usage.bytes -= bytes
        }
        return excess
    }
}

/// A model's outputs as a blob: Float32, little-endian, one after the other.
enum StoredScores {
    static func blob(_ scores: [Float]) -> Data {
        var data = Data(capacity: 4 * scores.count)
        for score in scores {
            withUnsafeBytes(of: score.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    static func scores(_ data: Data) -> [Float] {
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
            Float(bitPattern: bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }
    }
}
