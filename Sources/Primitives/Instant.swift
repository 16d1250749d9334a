/// A span of time in nanoseconds.
public typealias Nanoseconds = UInt64

/// A point on the monotonic clock (`CLOCK_MONOTONIC`), in nanoseconds since an arbitrary start.
///
/// Values only: whoever owns a thread reads the clock and passes the instant down.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's start.
    public var nanoseconds: UInt64

    /// The instant that many nanoseconds after the clock's start.
    @inlinable public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `duration` later; saturates at the end of the clock.
    @inlinable public func advanced(by duration: Nanoseconds) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration)
        return Instant(nanoseconds: overflow ? .max : sum)
    }

    /// Nanoseconds from `earlier` to this instant; zero when `earlier` is in fact later.
    @inlinable public func since(_ earlier: Instant) -> Nanoseconds {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }
}

extension Nanoseconds {
    /// `count` microseconds; traps beyond the clock's range, about 584 years.
    @inlinable public static func microseconds(_ count: UInt64) -> Nanoseconds { count * 1_000 }
    /// `count` milliseconds; traps like `microseconds(_:)`.
    @inlinable public static func milliseconds(_ count: UInt64) -> Nanoseconds { count * 1_000_000 }
    /// `count` seconds; traps like `microseconds(_:)`.
    @inlinable public static func seconds(_ count: UInt64) -> Nanoseconds { count * 1_000_000_000 }
}
