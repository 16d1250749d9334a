import Foundation

/// How far an export is, on standard error: a line that counts on a terminal, elsewhere a line every five seconds.
struct ExportProgress {
    private let isTerminal: Bool
    private let start: ContinuousClock.Instant
    private var next: ContinuousClock.Instant
    private(set) var rows = 0

    init(isTerminal: Bool = isatty(STDERR_FILENO) == 1, start: ContinuousClock.Instant = .now) {
        self.isTerminal = isTerminal
        self.start = start
        next = start.advanced(by: isTerminal ? .milliseconds(200) : .seconds(5))
    }

    /// Counts rows. Gives what to write at `now`; nil if it is too early to write again.
    mutating func count(_ more: Int, now: ContinuousClock.Instant = .now) -> String? {
        rows += more
        guard now >= next else { return nil }
        next = now.advanced(by: isTerminal ? .milliseconds(200) : .seconds(5))
        return isTerminal ? "\r\(text(now))\u{1b}[K" : "\(text(now))\n"
    }

    /// The last line: `1000 rows in 0.5 s (2000/s)`.
    func ending(now: ContinuousClock.Instant = .now) -> String {
        (isTerminal ? "\r\u{1b}[K" : "") + text(now) + "\n"
    }

    private func text(_ now: ContinuousClock.Instant) -> String {
        let seconds = (now - start) / .seconds(1)
        let rate = seconds > 0 ? Int((Double(rows) / seconds).rounded()) : 0
        return "\(rows) \(rows == 1 ? "row" : "rows") in \(String(format: "%.1f", seconds)) s (\(rate)/s)"
    }
}
