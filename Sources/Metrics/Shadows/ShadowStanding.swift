/// A shadow of a route in force at the moment of a scrape; gathered by whoever answers it.
package struct ShadowStanding: Equatable, Sendable {
    package var route: String
    package var shadow: String
    /// Whether its process is there and takes rows.
    package var isUp: Bool
    /// Rows that wait for it.
    package var waitingRows: Int
    /// Processes that were started in place of another, since this one began.
    package var restarts: UInt64
    package var breakerState: BreakerFigures.State

    package init(route: String, shadow: String, isUp: Bool, waitingRows: Int, restarts: UInt64, breakerState: BreakerFigures.State) {
        self.route = route
        self.shadow = shadow
        self.isUp = isUp
        self.waitingRows = waitingRows
        self.restarts = restarts
        self.breakerState = breakerState
    }
}
