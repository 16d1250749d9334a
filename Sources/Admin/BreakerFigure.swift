import Breakers
import Gateway
import Ledgers
import Primitives

/// One breaker as the control API shows it.
struct BreakerFigure: Encodable {
    let state: String
    let since: String
    /// When the next call may probe; nil unless it is open.
    let nextProbe: String?
    /// Share of its units that the variant serves.
    let served: Double
    let trips: UInt64
    let observedTrips: UInt64
    /// Why it last opened, or would have; nil if it never did.
    let lastTrip: String?
    let window: Window
    /// By result, since the model was loaded.
    let calls: [String: UInt64]
    /// The last 32 at most, oldest first.
    let transitions: [Transition]

    /// What the rates are judged by.
    struct Window: Encodable {
        let calls: UInt64
        let rows: UInt64
        let failures: UInt64
        let slow: UInt64
    }

    /// One entry of its log.
    struct Transition: Encodable {
        let number: UInt64
        let at: String
        let from: String
        let to: String
        let reason: String
    }

    enum CodingKeys: String, CodingKey {
        case state, since, served, trips, window, calls, transitions
        case nextProbe = "next_probe"
        case observedTrips = "observed_trips"
        case lastTrip = "last_trip"
    }

    /// - Parameter now: the moment at which it was read, by the wall clock.
    init(_ breaker: ServedBreaker, now: Timestamp) {
        let time = { (instant: Instant) -> String in
            // One of the two differences is zero.
            let milliseconds = Int64(instant.since(breaker.now) / 1_000_000) - Int64(breaker.now.since(instant) / 1_000_000)
            return Timestamp(milliseconds: now.milliseconds + milliseconds).description
        }
        let reading = breaker.reading
        state = "\(reading.state)"
        since = time(reading.since)
        nextProbe = reading.nextProbe.map(time)
        served = reading.share
        trips = reading.trips
        observedTrips = reading.observedTrips
        lastTrip = reading.lastTrip?.label
        window = Window(calls: reading.window.calls, rows: reading.window.rows, failures: reading.window.failures, slow: reading.window.slow)
        calls = Dictionary(zip(CallResult.allCases, reading.calls).map { ("\($0)", $1) }) { $1 }
        transitions = breaker.transitions.map {
            Transition(number: $0.number, at: time($0.at), from: "\($0.from)", to: "\($0.to)", reason: $0.reason.label)
        }
    }
}
