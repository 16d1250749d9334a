import Foundation

/// Where exported bytes go: standard output, or a file that has its name only once it is complete.
final class ExportSink {
    /// Whoever read standard output has gone, and needs no more.
    struct ReaderGone: Error {}

    /// Bytes that are gathered for one write.
    private static let bufferBytes = 1 << 16

    private let descriptor: Int32
    /// The name that the file gets at the end; nil for standard output and for what is no ordinary file.
    private let path: String?
    private let label: String
    private var buffer: [UInt8] = []

    /// - Parameter path: nil for standard output. Rows of people lie in the file: mode 0600.
    /// - Throws: `Refusal` when the file cannot be made.
    init(path: String?) throws {
        label = path ?? "standard output"
        guard let path else {
            descriptor = STDOUT_FILENO
            self.path = nil
            return
        }
        var facts = stat()
        // A device or pipe is written as it is.
        let isOrdinary = stat(path, &facts) != 0 || facts.st_mode & S_IFMT == S_IFREG
        descriptor = isOrdinary ? open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) : open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Refusal("\(path) cannot be written (\(String(cString: strerror(errno))))") }
        self.path = isOrdinary ? path : nil
    }

    deinit {
        // The name of a complete file is gone already.
        if let path { unlink(path + ".part") }
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    /// Writes bytes, sooner or later.
    ///
    /// - Throws: `ReaderGone`, or `Refusal` when they cannot be written.
    func write(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes what is left and gives the file its name.
    func finish() throws {
        try flush()
        guard let path else { return }
        guard rename(path + ".part", path) == 0 else { throw refusal(errno) }
    }

    private func flush() throws {
        var written = 0
        while written < buffer.count {
            let count = buffer[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno == EPIPE {
                throw ReaderGone()
            } else if errno != EINTR {
                throw refusal(errno)
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func refusal(_ code: Int32) -> Refusal {
        Refusal("\(label) cannot be written (\(String(cString: strerror(code))))")
    }
}
