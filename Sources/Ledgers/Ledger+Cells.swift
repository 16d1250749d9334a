import GRDB
import Primitives

extension Ledger {
    /// Adds exposures of closed slices, in one transaction. What was folded before is left out, so a repetition changes nothing.
    ///
    /// - Throws: `invalid` for a slice without 256 counts, and the faults of the file; nothing is added then.
    package func foldExposures(_ folds: [ExposureFold]) throws(LedgerError) {
        for slice in folds.lazy.flatMap(\.slices) where slice.counts.count != BucketSums.count || slice.slice < 0 {
            throw .invalid(key: "exposures", reason: "slice \(slice.slice) with \(slice.counts.count) counts")
        }
        guard !folds.isEmpty else { return }
        try change { db in
            for fold in folds {
                let before = try Self.foldedThrough(db, fold.block) ?? -1
                guard fold.through > before else { continue }
                try Self.add(fold, after: before, db)
                try Self.setFolded(db, fold.block, through: fold.through)
            }
        }
    }

    /// Adds counters of finished blocks, in one transaction; a block that was folded before is left out.
    ///
    /// - Throws: `invalid` for words that cannot be added to those of their key, and the faults of the file; nothing is added then.
    package func foldCells(_ folds: [CellFold]) throws(LedgerError) {
        guard !folds.isEmpty else { return }
        try change { db in
            for fold in folds where try Self.foldedThrough(db, fold.block) == nil {
                try fold.check()
                let stored = try Self.words(db, fold.key)
                try Self.store(db, try stored.map { try fold.merged(with: $0) } ?? fold.words, under: fold.key)
                try Self.setFolded(db, fold.block, through: .max)
            }
        }
    }

    /// The blocks of a worker's files that are in the ledger already.
    package func foldedBlocks(worker: UInt64) throws(LedgerError) -> [FoldedBlock] {
        try read { db in try Self.foldedBlocks(db, worker: worker) }
    }

    static func foldedBlocks(_ db: Database, worker: UInt64) throws -> [FoldedBlock] {
        let sql = "SELECT reactor, serial, through FROM folds WHERE worker = ? ORDER BY reactor, serial"
        return try Row.fetchAll(db, sql: sql, arguments: [Int64(bitPattern: worker)]).map { row in
            let serial = UInt64(bitPattern: try row.value("serial", as: Int64.self))
            return try FoldedBlock(reactor: row.value("reactor"), serial: serial, through: row.value("through"))
        }
    }

    /// Forgets which blocks of all other workers were folded: once their files are gone for good.
    package func forgetBlocks(except workers: Set<UInt64>) throws(LedgerError) {
        let known = try read { db in try Int64.fetchAll(db, sql: "SELECT DISTINCT worker FROM folds") }
        let gone = known.filter { !workers.contains(UInt64(bitPattern: $0)) }
        guard !gone.isEmpty else { return }
        try change { db in
            for worker in gone { try db.execute(sql: "DELETE FROM folds WHERE worker = ?", arguments: [worker]) }
        }
    }

    /// Folded counters, of one route or of all.
    package func cells(route: String? = nil) throws(LedgerError) -> [CellRecord] {
        try read { db in try Self.cells(db, route: route) }
    }

    static func cells(_ db: Database, route: String?) throws -> [CellRecord] {
        let sql = "SELECT * FROM cells WHERE ?1 IS NULL OR route = ?1 ORDER BY route, variant, revision, kind, shape, layout"
        return try Row.fetchAll(db, sql: sql, arguments: [route]).map { row in
            let key = try CellKey(
                kind: row.value("kind"), route: row.value("route"), variant: row.value("variant"), revision: row.value("revision"),
                shape: UInt64(bitPattern: row.value("shape", as: Int64.self)), layout: row.value("layout"))
            return CellRecord(key: key, words: try SparseWords.decode(bytes(row.value("words")), limit: Limits.cellWords))
        }
    }

    /// Folded exposures of a route, by declaration, variant, revision and slice.
    package func exposures(route: String) throws(LedgerError) -> [ExposureRecord] {
        try read { db in try Self.exposures(db, route: route) }
    }

    static func exposures(_ db: Database, route: String) throws -> [ExposureRecord] {
        let sql = "SELECT * FROM exposure_sums WHERE route = ? ORDER BY declaration, variant, revision, slice"
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [route])
        var records: [ExposureRecord] = []
        while let row = try rows.next() {
            let slice = ExposureSlice(slice: try row.value("slice"), counts: try counts(row))
            var record = try ExposureRecord(
                variant: row.value("variant"), revision: row.value("revision"), declaration: row.value("declaration"), slices: [slice])
            if let last = records.last, last.isSame(as: record) {
                record.slices = last.slices + record.slices
                records.removeLast()
            }
            records.append(record)
        }
        return records
    }
}

extension ExposureRecord {
    /// Whether both are of one variant, revision and declaration.
    fileprivate func isSame(as other: ExposureRecord) -> Bool {
        (variant, revision, declaration) == (other.variant, other.revision, other.declaration)
    }
}

extension Ledger {
    private static func foldedThrough(_ db: Database, _ block: BlockIdentity) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT through FROM folds WHERE worker = ? AND reactor = ? AND serial = ?")
        return try Int64.fetchOne(statement, arguments: block.arguments)
    }

    private static func setFolded(_ db: Database, _ block: BlockIdentity, through: Int64) throws {
        let sql = "INSERT OR REPLACE INTO folds (worker, reactor, serial, through) VALUES (?, ?, ?, ?)"
        try db.cachedStatement(sql: sql).execute(arguments: block.arguments + [through])
    }

    private static func add(_ fold: ExposureFold, after before: Int64, _ db: Database) throws {
        let slices = fold.slices.filter { $0.slice > before && $0.slice <= fold.through }
        guard !slices.isEmpty else { return }
        let rule = try SliceRule(declaration(db, route: fold.route, number: fold.declaration))
        for slice in slices {
            let key: StatementArguments = [fold.route, fold.variant, fold.revision, fold.declaration, rule.stored(slice.slice)]
            try addExposures(slice.counts, under: key, db)
        }
    }

    /// - Parameter key: route, variant, revision, declaration and slice.
    static func addExposures(_ counts: [UInt64], under key: StatementArguments, _ db: Database) throws {
        let lookup = """
            SELECT counts FROM exposure_sums WHERE route = ? AND variant = ? AND revision = ? AND declaration = ? AND slice = ?
            """
        var sum = counts
        if let row = try Row.fetchOne(try db.cachedStatement(sql: lookup), arguments: key) {
            SparseWords.add(try Self.counts(row), to: &sum)
        }
        let sql = """
            INSERT INTO exposure_sums (route, variant, revision, declaration, slice, counts) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET counts = excluded.counts
            """
        try db.cachedStatement(sql: sql).execute(arguments: key + [blob(SparseWords.encode(sum))])
    }

    /// The 256 counts of a row of `exposure_sums`.
    static func counts(_ row: Row) throws -> [UInt64] {
        let counts = try SparseWords.decode(bytes(row.value("counts")), limit: BucketSums.count)
        guard counts.count == BucketSums.count else { throw StoredFault("exposures in \(counts.count) buckets") }
        return counts
    }

    private static func words(_ db: Database, _ key: CellKey) throws -> [UInt64]? {
        let sql = "SELECT words FROM cells WHERE kind = ? AND route = ? AND variant = ? AND revision = ? AND shape = ? AND layout = ?"
        guard let row = try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: key.arguments) else { return nil }
        return try SparseWords.decode(bytes(row.value("words")), limit: Limits.cellWords)
    }

    private static func store(_ db: Database, _ words: [UInt64], under key: CellKey) throws {
        let sql = """
            INSERT INTO cells (kind, route, variant, revision, shape, layout, words) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET words = excluded.words
            """
        try db.cachedStatement(sql: sql).execute(arguments: key.arguments + [blob(SparseWords.encode(words))])
    }
}

extension BlockIdentity {
    /// The columns of the key of `folds`; numbers of 64 bits as signed ones.
    fileprivate var arguments: StatementArguments { [Int64(bitPattern: worker), reactor, Int64(bitPattern: serial)] }
}

extension CellFold {
    /// - Throws: `invalid` for a block without a head or beyond its bounds, and for places that are no words behind the head.
    fileprivate func check() throws(LedgerError) {
        guard (Limits.cellHeadWords...Limits.cellWords).contains(words.count) else {
            throw .invalid(key: "cells", reason: "a block of \(words.count) words")
        }
        guard largest.isEmpty || (Limits.cellHeadWords <= largest.lowerBound && largest.upperBound <= words.count) else {
            throw .invalid(key: "cells", reason: "the largest at \(largest) of a block of \(words.count) words")
        }
    }

    /// The words of the block with those that are stored under its key: the stored head, sums, and what is largest.
    ///
    /// - Throws: `invalid` for words of another number.
    fileprivate func merged(with stored: [UInt64]) throws(LedgerError) -> [UInt64] {
        guard stored.count == words.count else {
            throw .invalid(key: "cells", reason: "a block of \(words.count) words cannot be added to \(stored.count) of the same key")
        }
        var sums = words
        sums.replaceSubrange(..<Limits.cellHeadWords, with: repeatElement(0, count: Limits.cellHeadWords))
        SparseWords.add(stored, to: &sums)
        for place in largest { sums[place] = max(stored[place], words[place]) }
        return sums
    }
}

extension CellKey {
    /// The columns of the key of `cells`.
    fileprivate var arguments: StatementArguments { [kind, route, variant, revision, Int64(bitPattern: shape), layout] }
}
