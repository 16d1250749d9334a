import GRDB

extension Ledger {
    /// What is known of a route's outcomes, as of the last complete fold: one state of the file.
    package func outcomeReport(route: String) throws(LedgerError) -> OutcomeReport {
        OutcomeReport(asOf: nil, declarations: [], lines: [])
    }
}
