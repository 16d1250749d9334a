package import Primitives

/// When a breaker opens, for how long, and how it closes again. Every value is settable in the route file.
package struct BreakerPolicy: Sendable, Equatable {
    /// What becomes of a trip.
    package enum Mode: UInt8, Sendable, CaseIterable {
        /// The variant gets no traffic.
        case enforce
        /// It is counted, and nothing else.
        case observe
        /// Nothing is judged. Held variants are held all the same.
        case off
    }

    package var mode: Mode
    /// Failures in a row, on one reactor, that open it. Of these, at most two fifths (2 of 5) count from one unit or token.
    package var failuresInRow: Int
    /// Length of the sliding window of both rates.
    package var window: Nanoseconds
    /// Calls in the window without which no rate is judged.
    package var callsAtLeast: Int
    /// Share of failed rows in the window that opens it, above 0; above 1 it never does.
    package var failureShare: Double
    /// Share of slow rows in the window that opens it, above 0; above 1 it never does.
    package var slowShare: Double
    /// How long it stays open the first time; each further trip doubles that, up to `openAtMost`.
    package var open: Nanoseconds
    package var openAtMost: Nanoseconds
    /// How far the time it stays open is moved at random, up or down, as a share of it: replicas do not probe in step.
    package var jitter: Double
    /// Successful probes, one after the other, that close it.
    package var successesToClose: Int
    /// After closing, the time in which the share of its units that it serves grows from 0 to all.
    package var ramp: Nanoseconds
    /// How long a probe may take until another is sent in its place: longer than any call takes, so twice the route's deadline.
    package var lease: Nanoseconds

    /// The defaults, but for what is named.
    package init(
        mode: Mode = .enforce, failuresInRow: Int = 5, window: Nanoseconds = .seconds(10), callsAtLeast: Int = 20, failureShare: Double = 0.5,
        slowShare: Double = 0.8, open: Nanoseconds = .seconds(1), openAtMost: Nanoseconds = .seconds(60), jitter: Double = 0.1,
        successesToClose: Int = 3, ramp: Nanoseconds = .seconds(10), lease: Nanoseconds = .seconds(2)
    ) {
        self.mode = mode
        self.failuresInRow = failuresInRow
        self.window = window
        self.callsAtLeast = callsAtLeast
        self.failureShare = failureShare
        self.slowShare = slowShare
        self.open = open
        self.openAtMost = openAtMost
        self.jitter = jitter
        self.successesToClose = successesToClose
        self.ramp = ramp
        self.lease = lease
    }
}
