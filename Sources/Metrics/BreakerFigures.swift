/// A breaker at the moment of a scrape; gathered by whoever answers it. What is called a total never falls while the variant's model stays.
package struct BreakerFigures: Sendable {
    /// Where it stands. The raw values are those of the label `state`.
    package enum State: String, CaseIterable, Sendable {
        case closed, open, probing, held
    }

    package var route: String
    package var variant: String
    package var state: State
    /// Share of its units that the variant serves, 0 to 1.
    package var share: Double
    /// Trips by reason, in the order in which they are printed.
    package var trips: [(reason: String, count: UInt64)]
    /// Trips that there would have been, had it not only observed.
    package var observedTrips: UInt64
    /// Calls by result, in the order in which they are printed; results without a call are left out.
    package var calls: [(result: String, count: UInt64)]

    package init(
        route: String, variant: String, state: State, share: Double, trips: [(reason: String, count: UInt64)], observedTrips: UInt64,
        calls: [(result: String, count: UInt64)]
    ) {
        self.route = route
        self.variant = variant
        self.state = state
        self.share = share
        self.trips = trips
        self.observedTrips = observedTrips
        self.calls = calls
    }
}
