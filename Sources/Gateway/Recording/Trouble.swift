import Primitives

/// Something that goes wrong over and over, and what the log has been told of it: once that it began and why, once that it is over.
///
/// A disk that is nearly full lets every other write pass. So the end is told after some calm only, and another reason not at once.
struct Trouble {
    /// Without a failure for so long it is over; as long lies between two reasons that are told.
    static let calm: Nanoseconds = .seconds(10)

    /// The reason that was told last; nil when there is no trouble.
    private var reason: String?
    private var toldAt = Instant(nanoseconds: 0)
    private var failedAt = Instant(nanoseconds: 0)

    /// Notes a failure. Returns whether the log should be told.
    mutating func failed(_ reason: String, now: Instant) -> Bool {
        failedAt = now
        guard reason != self.reason, self.reason == nil || now.since(toldAt) >= Self.calm else { return false }
        self.reason = reason
        toldAt = now
        return true
    }

    /// Notes a success. Returns whether the log should be told that the trouble is over.
    mutating func succeeded(now: Instant) -> Bool {
        guard reason != nil, now.since(failedAt) >= Self.calm else { return false }
        reason = nil
        return true
    }
}
