package import Breakers
package import Metrics
import Reactor

/// One breaker of the plan in force, as a report shows it.
package struct ServedBreaker: Sendable {
    package let route: String
    package let variant: String
    package let reading: BreakerReading
    /// The last 32 at most, oldest first.
    package let transitions: [BreakerTransition]

    /// Its part of the metrics.
    package var figures: BreakerFigures {
        let state: BreakerFigures.State =
            switch reading.state {
            case .closed: .closed
            case .open: .open
            case .probing: .probing
            case .held: .held
            }
        let calls = zip(CallResult.allCases, reading.calls).filter { $1 > 0 }.map { (result: "\($0)", count: $1) }
        return BreakerFigures(
            route: route, variant: variant, state: state, share: reading.share, trips: reading.trips, observedTrips: reading.observedTrips,
            calls: calls)
    }
}

extension ServerView {
    /// The breakers of the plan in force, or of one of its routes; by route, and in the order of its file. Any thread but a reactor's.
    package func breakers(route: String? = nil) -> [ServedBreaker] {
        let now = MonotonicTime.now()
        return parts.filter { route == nil || $0.name == route }.sorted { $0.name < $1.name }.flatMap { parts in
            parts.variants.map {
                ServedBreaker(
                    route: parts.name, variant: $0.name, reading: $0.breaker.reading(now: now), transitions: $0.breaker.transitions(after: 0))
            }
        }
    }
}
