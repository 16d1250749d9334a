internal import Primitives

/// Decides which row is next and when it is due. It holds no clock: the time is passed in.
///
/// The first turns open the connections: they are due at once, and nothing else is until `begin(at:)` says that they are over. So
/// handshakes are neither in the latencies nor in the pace.
struct Schedule {
    /// One row of one pass, both counted from 1.
    struct Turn: Equatable {
        var pass: Int
        var row: Int
        /// When it should go out; without a rate, when it did. Latency counts from here, so that a late start is not hidden.
        var due: Instant
        /// Whether it is one of those that open connections.
        var isOpening: Bool
    }

    let rows: Int
    let total: Int
    /// Turns that open connections.
    let opening: Int
    /// Rows a second; nil: always due.
    let rate: Double?
    private var start: Instant?
    private var taken = 0

    init(rows: Int, passes: Int, connections: Int, rate: Double?) {
        self.rows = rows
        self.total = rows * passes
        self.opening = min(connections, rows * passes)
        self.rate = rate
    }

    /// The connections stand: the paced turns begin.
    mutating func begin(at now: Instant) { start = now }

    /// The next turn, if it is due at `now`.
    mutating func take(at now: Instant) -> Turn? {
        guard let due = nextDue(at: now), due <= now else { return nil }
        defer { taken += 1 }
        return Turn(pass: taken / rows + 1, row: taken % rows + 1, due: due, isOpening: taken < opening)
    }

    /// When the next turn is due; nil after the last, and while connections are being opened.
    func nextDue(at now: Instant) -> Instant? {
        guard taken < total else { return nil }
        guard taken >= opening else { return now }
        guard let start else { return nil }
        guard let rate else { return now }
        return start.advanced(by: Nanoseconds(Double(taken - opening) / rate * 1e9))
    }
}
