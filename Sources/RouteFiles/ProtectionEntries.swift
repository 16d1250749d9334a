package import Primitives

/// What a breaker does with what it finds.
package enum BreakerMode: String, Sendable, CaseIterable {
    /// It takes traffic off a failing variant.
    case enforce
    /// It counts and reports the trips that it would have made.
    case observe
    /// It does not look.
    case off
}

/// When the breakers of a route's variants open and close again.
package struct BreakerEntry: Sendable, Equatable {
    package var mode = BreakerMode.enforce
    /// Failures in a row that open it, 1 to 20.
    package var failures = 5
    /// Calls within the window below which no rate is judged, 1 to 100 000.
    package var calls = 20
    /// Percent of the window's calls that, failed, open it; above 0, at most 100.
    package var failureRate = 50.0
    /// Percent of the window's calls that, slow, open it; above 0, at most 100.
    package var slowRate = 80.0
    /// Time over which rates are taken, 1 s to 10 min.
    package var window: Nanoseconds = .seconds(10)
    /// Time that it stays open after its first trip, 10 ms to 10 min; doubled at each further one.
    package var open: Nanoseconds = .seconds(1)
    /// Longest time that it stays open before the next probe; at least ``open``, at most 1 h.
    package var openAtMost: Nanoseconds = .seconds(60)
    /// Probes in a row that must succeed to close it, 1 to 15.
    package var successes = 3
    /// Time over which a variant's share comes back after closing, 0 to 10 min.
    package var ramp: Nanoseconds = .seconds(10)
}

/// One more try on another variant after the model failed.
package struct RetryEntry: Sendable, Equatable {
    /// Percent of the route's requests that may be tried again, above 0, at most 100.
    package var budget = 10.0
}

/// What answers when the model failed and nothing else can.
package enum FallbackEntry: Sendable, Equatable {
    /// Another variant of the route, by name; its weight may be 0.
    case variant(String)
    /// This status, 200 to 599, and this JSON text.
    case answer(status: Int, json: [UInt8])
}

/// Whether a limit refuses, or only counts what it would have refused.
package enum LimitMode: String, Sendable, CaseIterable {
    case enforce, observe
}

/// How many of a route's predictions may be in work at once.
package struct ConcurrencyEntry: Sendable, Equatable {
    /// 1 to 65 536.
    package var limit: Int
    package var mode = LimitMode.enforce
}

/// On which threads a variant's model runs.
package enum RunEntry: String, Sendable, CaseIterable {
    /// On those that hold the connections.
    case inline
    /// On threads of its own.
    case workers
}
