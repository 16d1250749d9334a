import Primitives
import Reactor
import Synchronization

/// The place where log lines go. Used by one thread at a time.
package protocol LogOutput: AnyObject, Sendable {
    /// Waits until lines can be written without waiting, or `milliseconds` have passed. A place that can only fail counts as ready.
    func isReady(within milliseconds: Int32) -> Bool

    /// Writes whole lines, each ending in a line feed. Never leaves half a line for the next one to follow.
    /// - Returns: lines that are lost.
    func write(_ lines: UnsafeRawBufferPointer) -> Int

    /// Sees whether the place has moved, and moves along. Called about once a second.
    /// - Returns: lines that are lost by that.
    func follow() -> Int
}

/// All log lines on their way to one place: event lines from any thread, access lines from the reactors' rings.
///
/// While a server runs, its log thread alone writes; `flush` writes before and after. So nobody waits for a slow disk but that thread, and
/// no line begins inside another.
package final class LogLines: Sendable {
    private let output: any LogOutput
    /// Event lines that wait for the log thread, which it wakes.
    private let events: Mailbox<[UInt8]>
    private let waiting = Atomic(0)
    private let lost = Atomic<UInt64>(0)
    /// In each line, as the version of the service.
    let version: String

    /// Bytes of event lines that may wait while the place takes none: some thousand lines. More are lost.
    static let waitingAtMost = 1 << 20

    /// - Throws: an error of the system when it has no descriptor left.
    package init(to output: any LogOutput, version: String) throws {
        self.output = output
        self.version = version
        events = try Mailbox()
    }

    /// Lines that could not be written, so far. Any thread.
    package var linesLost: UInt64 { lost.load(ordering: .relaxed) }

    /// Hands over an event line, with its line feed. Any thread; does not wait.
    package func post(_ line: String) {
        let bytes = Array(line.utf8)
        guard waiting.load(ordering: .relaxed) + bytes.count <= Self.waitingAtMost else { return lose(1) }
        waiting.add(bytes.count, ordering: .relaxed)
        events.post(bytes)
    }

    /// Writes the event lines that wait, oldest first. For the log thread, and for the main thread while there is no log thread.
    package func flush() {
        let text = Array(events.take().joined())
        guard !text.isEmpty else { return }
        waiting.subtract(text.count, ordering: .relaxed)
        text.withUnsafeBytes(write)
    }

    // MARK: - For the log thread

    /// Readable when event lines wait.
    var number: Int32 { events.number }

    func isReady(within milliseconds: Int32) -> Bool { output.isReady(within: milliseconds) }

    func write(_ lines: UnsafeRawBufferPointer) {
        lose(output.write(lines))
    }

    func follow() {
        lose(output.follow())
    }

    private func lose(_ lines: Int) {
        lost.add(UInt64(lines), ordering: .relaxed)
    }
}
