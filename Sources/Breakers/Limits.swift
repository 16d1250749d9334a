package import Primitives

/// What a breaker keeps within bounds. A setting outside them is moved to the nearer bound when it is set; the reader of route files refuses
/// it before, with a message.
package enum BreakerLimits {
    /// Failures in a row that may be asked for, at most: as many as ``anyoneInARow``, which trip in any case.
    package static let failuresInRow: ClosedRange<Int> = 1...20
    /// Failures in a row on one reactor that trip whoever they come from, so that one client with one token does not have to wait for the
    /// rates to notice.
    package static let anyoneInARow = 20
    /// Calls that a window can be made to wait for.
    package static let callsAtLeast: ClosedRange<Int> = 1...1_000_000
    /// Length of the window: shorter than a second it would judge the machine's stalls, longer than ten minutes nobody waits.
    package static let window: ClosedRange<Nanoseconds> = .seconds(1)...Nanoseconds.seconds(600)
    /// How long a breaker stays open. Below 10 ms a probe would meet the calls that tripped it.
    package static let open: ClosedRange<Nanoseconds> = .milliseconds(10)...Nanoseconds.seconds(3_600)
    /// Successful probes until a breaker closes: four bits of its word.
    package static let successesToClose: ClosedRange<Int> = 1...15
    /// Length of the ramp after closing; 0 is none.
    package static let ramp: ClosedRange<Nanoseconds> = 0...Nanoseconds.seconds(3_600)
    /// How long a probe may take until another is sent.
    package static let lease: ClosedRange<Nanoseconds> = .milliseconds(1)...Nanoseconds.seconds(3_600)
    /// Rows that one call counts for at most in the rates: fewer than the 20 calls that a window waits for, so that one poisoned body among
    /// single rows does not trip a breaker alone.
    package static let rowsCounted = BreakerLayout.rowsCounted
    /// Reactors that report to one breaker.
    package static let reactors: ClosedRange<Int> = 1...256
}
