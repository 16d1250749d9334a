import GRDB

extension Ledger {
    /// Adds exposures of closed slices, in one transaction. What was folded before is left out, so a repetition changes nothing.
    package func foldExposures(_ folds: [ExposureFold]) throws(LedgerError) {
    }

    /// Adds counters of finished blocks, in one transaction; a block that was folded before is left out.
    ///
    /// - Throws: `invalid` for words that cannot be added to those of their key, and the faults of the file; nothing is added then.
    package func foldCells(_ folds: [CellFold]) throws(LedgerError) {
    }

    /// The blocks of a worker's files that are in the ledger already.
    package func foldedBlocks(worker: UInt64) throws(LedgerError) -> [FoldedBlock] {
        []
    }

    /// Forgets which blocks of a worker were folded: once its files are gone for good.
    package func forgetBlocks(worker: UInt64) throws(LedgerError) {
    }

    /// Folded counters, of one route or of all.
    package func cells(route: String? = nil) throws(LedgerError) -> [CellRecord] {
        []
    }

    /// Folded exposures of a route.
    package func exposures(route: String) throws(LedgerError) -> [ExposureRecord] {
        []
    }
}
