package import Breakers
package import Metrics
import Primitives
import Reactor

/// One breaker of the plan in force, as a report shows it.
package struct ServedBreaker: Sendable {
    package let route: String
    package let variant: String
    package let reading: BreakerReading
    /// The last 32 at most, oldest first.
    package let transitions: [BreakerTransition]

    /// Whether there is anything to tell: a closed breaker that has judged no call says nothing, and a server may have ten thousand of them.
    package var saysSomething: Bool {
        reading.state != .closed || reading.trips > 0 || reading.observedTrips > 0 || reading.calls.contains { $0 > 0 }
    }

    /// Its part of the metrics.
    package var figures: BreakerFigures {
        let calls = zip(CallResult.allCases, reading.calls).filter { $1 > 0 }.map { (result: "\($0)", count: $1) }
        return BreakerFigures(
            route: route, variant: variant, state: BreakerFigures.State(reading.state), share: reading.share,
            trips: zip(BreakerReason.trips, reading.tripsByReason).map { (reason: $0.label, count: $1) },
            observedTrips: reading.observedTrips, calls: calls)
    }
}

extension BreakerFigures.State {
    init(_ state: BreakerState) {
        self =
            switch state {
            case .closed: .closed
            case .open: .open
            case .probing: .probing
            case .held: .held
            }
    }
}

extension ServerView {
    /// The workers of slow models of the plan in force. Any thread but a reactor's.
    package var crews: [CrewFigures] {
        parts.sorted { $0.name < $1.name }.flatMap { parts in
            parts.variants.filter { $0.lanes.workers > 0 }.map {
                CrewFigures(route: parts.name, variant: $0.name, waitingRows: $0.lanes.waitingRows, threads: $0.lanes.workers)
            }
        }
    }

    /// The breakers of the plan in force, or of one of its routes; by route, and in the order of its file. Any thread but a reactor's.
    package func breakers(route: String? = nil) -> [ServedBreaker] {
        let now = MonotonicTime.now()
        return parts.filter { route == nil || $0.name == route }.sorted { $0.name < $1.name }.flatMap { parts in
            breakers(of: parts, now: now)
        }
    }

    /// The breakers of one route.
    func breakers(of parts: RouteParts, now: Instant = MonotonicTime.now()) -> [ServedBreaker] {
        parts.variants.map {
            ServedBreaker(
                route: parts.name, variant: $0.name, reading: $0.breaker.reading(now: now), transitions: $0.breaker.transitions(after: 0))
        }
    }
}
