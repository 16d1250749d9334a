/// The workers of a variant's model at the moment of a scrape; gathered by whoever answers it.
package struct CrewFigures: Equatable, Sendable {
    package var route: String
    package var variant: String
    /// Rows that wait for them.
    package var waitingRows: Int
    package var threads: Int

    package init(route: String, variant: String, waitingRows: Int, threads: Int) {
        self.route = route
        self.variant = variant
        self.waitingRows = waitingRows
        self.threads = threads
    }
}
