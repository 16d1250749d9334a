private import Glibc
package import Primitives

/// Shows on standard error how far something is that goes through rows, such as a replay: a bar that moves on a terminal, elsewhere a line
/// every few seconds.
package struct ProgressMeter {
    private static let barCells = 30
    private let isTerminal: Bool
    private let total: Int
    private let start: Instant
    private var next: Instant

    /// - Parameters:
    ///   - total: rows that there are.
    ///   - isTerminal: whether a bar may move.
    package init(total: Int, start: Instant, isTerminal: Bool) {
        self.isTerminal = isTerminal
        self.total = total
        self.start = start
        next = start.advanced(by: isTerminal ? .milliseconds(100) : .seconds(5))
    }

    /// The meter of this process's standard error.
    package init(total: Int, start: Instant) {
        self.init(total: total, start: start, isTerminal: isatty(STDERR_FILENO) == 1)
    }

    /// What to write at `now`, or nil if it is too early to write again.
    package mutating func text(done: Int, errors: Int, now: Instant) -> String? {
        guard now >= next else { return nil }
        next = now.advanced(by: isTerminal ? .milliseconds(100) : .seconds(5))
        return isTerminal ? "\r" + line(done, errors, now) + "\u{1b}[K" : line(done, errors, now) + "\n"
    }

    /// What ends the bar, so that the report begins on a clean line.
    package func ending() -> String { isTerminal ? "\r\u{1b}[K" : "" }

    private func line(_ done: Int, _ errors: Int, _ now: Instant) -> String {
        let filled = total == 0 ? Self.barCells : done * Self.barCells / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barCells - filled)
        let seconds = Double(now.since(start)) / 1e9
        let rate = seconds > 0 ? decimal(Double(done) / seconds, 0) : "0"
        let percent = total == 0 ? 100 : done * 100 / total
        return "\(isTerminal ? bar + " " : "")\(percent) %  \(done)/\(total) rows  \(rate)/s  \(errors) error\(errors == 1 ? "" : "s")"
    }
}

/// Writes to standard error at once. A failure is ignored: the report does not depend on it.
func writeToStandardError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
