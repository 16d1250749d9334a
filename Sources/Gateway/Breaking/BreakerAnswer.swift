import Breakers
package import Ledgers
import Primitives
import Reactor

/// A variant's breaker in JSON: `GET /api/v1/routes/{route}/breakers`, and in a report. Times are ISO 8601 in UTC; counts go back to when the server made it.
package struct BreakerAnswer: Codable, Equatable, Sendable {
    package let variant: String
    /// `enforce`, `observe` (it only counts what it would have done) or `off`.
    package let mode: String
    /// `closed` (traffic flows), `open` (none), `probing` (one call at a time) or `held` (put aside until released).
    package let state: String
    package let since: String
    /// When the next probe is due; of an open one.
    package let nextProbe: String?
    /// Part of its units that it serves: below 1 while its share comes back, 0 when it is not closed.
    package let share: Double
    /// Why it last opened, or would have.
    package let lastTrip: String?
    /// How often it opened, failed probes included.
    package let trips: UInt64
    /// The same by reason; those that never happened are left out.
    package let tripsByReason: [String: UInt64]
    /// How often it would have opened while it only observed.
    package let observedTrips: UInt64
    /// What its rates are judged by.
    package let window: Window
    /// Calls by what came of them.
    package let calls: [String: UInt64]
    /// The last 32, oldest first.
    package let transitions: [Transition]
    /// Models of this name that are kept out of traffic; left out where that is said elsewhere.
    package let held: [HeldAnswer]?

    enum CodingKeys: String, CodingKey {
        case variant, mode, state, since, share, trips, window, calls, transitions, held
        case nextProbe = "next_probe"
        case lastTrip = "last_trip"
        case tripsByReason = "trips_by_reason"
        case observedTrips = "observed_trips"
    }

    /// Sums over the sliding window: calls, and rows that failed or were slow.
    package struct Window: Codable, Equatable, Sendable {
        package let calls: UInt64
        package let rows: UInt64
        package let failures: UInt64
        package let slow: UInt64
    }

    /// One step of a breaker.
    package struct Transition: Codable, Equatable, Sendable {
        package let number: UInt64
        package let at: String
        package let from: String
        package let to: String
        package let reason: String
    }

    /// - Parameters:
    ///   - held: what the ledger keeps out of traffic in its route; nil to say nothing of it.
    ///   - instant: now by the clock that breakers go by.
    ///   - now: the same moment on the wall clock.
    init(_ breaker: ServedBreaker, held: [HeldVariant]?, at instant: Instant, now: Timestamp) {
        func wall(_ other: Instant) -> String {
            let distance = Int64(other.since(instant) / 1_000_000) - Int64(instant.since(other) / 1_000_000)
            return Timestamp(milliseconds: now.milliseconds + distance).description
        }
        let reading = breaker.reading
        variant = breaker.variant
        mode = "\(reading.mode)"
        state = "\(reading.state)"
        since = wall(reading.since)
        nextProbe = reading.nextProbe.map(wall)
        share = reading.share
        lastTrip = reading.lastTrip?.label
        trips = reading.trips
        tripsByReason = Dictionary(
            uniqueKeysWithValues: zip(BreakerReason.trips.map(\.label), reading.tripsByReason).filter { $1 > 0 })
        observedTrips = reading.observedTrips
        let sums = reading.window
        window = Window(calls: sums.calls, rows: sums.rows, failures: sums.failures, slow: sums.slow)
        calls = Dictionary(zip(CallResult.allCases.map { "\($0)" }, reading.calls)) { first, _ in first }
        transitions = breaker.transitions.map {
            Transition(number: $0.number, at: wall($0.at), from: "\($0.from)", to: "\($0.to)", reason: $0.reason.label)
        }
        self.held = held?.filter { $0.variant == breaker.variant }.map(HeldAnswer.init)
    }
}

extension ServerView {
    /// The breakers of a route in the plan in force, as they are now.
    ///
    /// - Parameter held: what the ledger keeps out of traffic in that route.
    package func breakerAnswers(route: String, held: [HeldVariant]) -> [BreakerAnswer] {
        let (instant, now) = (MonotonicTime.now(), Timestamp.now)
        return breakers(route: route).map { BreakerAnswer($0, held: held, at: instant, now: now) }
    }
}
