import Synchronization

/// The last lines that ONNX Runtime would have printed to standard error. Any of its threads may write, any of ours may read.
package final class Journal: Sendable {
    /// How grave a line is, as the library numbers it.
    package enum Severity: Int32, Comparable, Sendable {
        case verbose, info, warning, error, fatal

        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Lines below this are not even made. Every failure has its own status with the same words, so the default is to
    /// keep only what the library calls fatal.
    package let threshold: Severity
    /// The kept lines; the lock protects the array only.
    private let kept = Mutex<[String]>([])

    private let capacity: Int

    package init(threshold: Severity = .fatal, capacity: Int = Limits.journalLines) {
        self.threshold = threshold
        self.capacity = capacity
    }

    /// The kept lines, oldest first.
    package var lines: [String] { kept.withLock { $0 } }

    /// Keeps a line, dropping the oldest when the journal is full.
    func append(_ line: String) {
        kept.withLock { lines in
            if lines.count == capacity { lines.removeFirst() }
            lines.append(line)
        }
    }
}

/// Receives a line of the library, on any of its threads: a free function, because one written inside an isolated scope would trap there.
/// `journal` is a retained `Journal`.
func receiveLine(
    journal: UnsafeMutableRawPointer?, severity: Int32, category: UnsafePointer<CChar>?, logger: UnsafePointer<CChar>?,
    place: UnsafePointer<CChar>?, message: UnsafePointer<CChar>?
) {
    guard let journal, let message else { return }
    Unmanaged<Journal>.fromOpaque(journal).takeUnretainedValue().append(String(cString: message))
}
