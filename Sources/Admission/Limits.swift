package import Primitives

/// Every limit of this target: unit, reason, and the answer to what exceeds it. Values outside are refused where they are read, with a
/// message of their own; here they are brought into range, so that no arithmetic overflows.
package enum AdmissionLimits {
    /// Requests a second of one token. Slower than one in a quarter of an hour is revocation; a process answers a few 100 000 a second.
    package static let rate = 0.001...1_000_000.0

    /// Requests that one token may send at once. With the slowest rate their time stays below 2^60 ns.
    package static let burst = 1...1_000_000

    /// Requests answered at once, of a route and of the process. The word that counts them would hold 2^64.
    package static let concurrency = 1...1_000_000

    /// Percent of the requests of the last ten seconds that may be tried again. Beyond 100 the retries alone would double the load.
    package static let retryPercent = 0.01...100.0

    /// Retries in ten seconds that are always allowed: a route with a request a second could otherwise never retry.
    package static let retriesAtLeast: UInt64 = 3

    /// Time that requests may wait as a rule, before some are turned away (RFC 8289 section 4.3 proposes 5 ms for the queues of routers,
    /// and for the same reason: below it the queue absorbs bursts, above it stands).
    package static let shedTarget: Nanoseconds = .milliseconds(5)

    /// Time for which every request has to have waited longer than the target before one is turned away (RFC 8289 section 4.2: 100 ms, the
    /// order of a round trip, within which a client can slow down).
    package static let shedInterval: Nanoseconds = .milliseconds(100)
}
