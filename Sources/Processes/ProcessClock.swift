import Glibc
package import Primitives

/// How much CPU the main thread of a process has had, and how long it waited for some while it was ready to run.
package struct ProcessClock: Equatable, Sendable {
    package let used: Nanoseconds
    package let waited: Nanoseconds

    /// Reads `/proc/PID/schedstat` (proc(5)): nanoseconds on a CPU, nanoseconds on a run queue, slices of time; nil where the process is gone or
    /// the kernel keeps no such count.
    package init?(of pid: Int32) {
        let number = open("/proc/\(pid)/schedstat", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(number, &text, text.count)
        guard count > 0 else { return nil }
        let words = text.prefix(count).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 2, let used = UInt64(words[0]), let waited = UInt64(words[1]) else { return nil }
        (self.used, self.waited) = (used, waited)
    }
}
