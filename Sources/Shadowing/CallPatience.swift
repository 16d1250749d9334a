package import Primitives

/// How long a shadow's call may take before its process is ended.
///
/// A shadow runs when nobody else wants the CPU. The time that it waits for one is no fault of its model, and is not counted: what is counted is
/// the time in which it computed or slept.
package struct CallPatience: Equatable, Sendable {
    package let limit: Nanoseconds

    package init(limit: Nanoseconds) {
        self.limit = limit
    }

    /// Whether a call is over its time.
    ///
    /// - Parameters:
    ///   - elapsed: by the clock, since it began.
    ///   - waited: of that, ready to run and without a CPU (the run delay of /proc/PID/schedstat).
    package func isOver(elapsed: Nanoseconds, waited: Nanoseconds) -> Bool { elapsed > waited && elapsed - waited > limit }
}
