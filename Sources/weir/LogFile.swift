import Gateway
import Glibc

/// Where log lines are written: standard output, or a file that is followed when it is rotated.
///
/// The file is opened to append, so a rotation by copying and truncating goes on at the new end (open(2), `O_APPEND`). One by renaming is
/// seen when the path no longer leads to the open file, and the path is opened anew; while that fails, lines go on into the renamed file.
///
/// What cannot be written is lost and counted, and the next write tries again: a full disk, or a pipe that nobody reads any more, costs lines
/// and nothing else.
final class LogFile: LogOutput, @unchecked Sendable {
    // Used by one thread at a time, as `LogOutput` says: the log thread, and the main thread before and after it.
    private let path: String?
    private var descriptor: Int32
    private var identity: Identity
    /// The end of a line that was cut off by a full disk: it goes first as soon as there is room, so that no line is ever broken.
    private var rest: [UInt8] = []
    /// Cleared when a reader took nothing for a second, until it takes something: the end of a program must not wait for it many times.
    private var isPatient = true

    /// Milliseconds that one write waits for the reader of a pipe or a terminal.
    private static let patience: Int32 = 1_000
    /// Bytes that a pipe takes whole, without those of other writers between them (pipe(7), `PIPE_BUF`).
    private static let pipeBytes = 4_096

    /// What tells one open file from another.
    private struct Identity: Equatable {
        var device: dev_t
        var number: ino_t
        var isRegular: Bool

        init(_ status: stat) {
            device = status.st_dev
            number = status.st_ino
            isRegular = status.st_mode & S_IFMT == S_IFREG
        }
    }

    /// - Parameter path: the file, made with mode 0640 when it is not there; nil: standard output.
    /// - Throws: `Refusal` when the file cannot be opened.
    init(path: String?) throws {
        self.path = path
        if let path {
            guard let (number, opened) = Self.open(path) else {
                throw Refusal("the log file \(path) cannot be opened: \(String(cString: strerror(errno)))")
            }
            (descriptor, identity) = (number, opened)
        } else {
            var status = stat()
            if fstat(STDOUT_FILENO, &status) != 0 { Self.occupyStandardOutput() }
            (descriptor, identity) = (STDOUT_FILENO, Identity(status))
        }
    }

    deinit {
        if path != nil { _ = close(descriptor) }
    }

    // MARK: - LogOutput

    func isReady(within milliseconds: Int32) -> Bool {
        guard !identity.isRegular else { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, milliseconds) != 0
    }

    func write(_ lines: UnsafeRawBufferPointer) -> Int {
        guard sendRest() else { return Self.count(lines[...]) }
        let sent = send(lines)
        guard sent < lines.count else { return 0 }
        guard sent > 0, lines[sent - 1] != Self.lineFeed else { return Self.count(lines[sent...]) }
        let end = (lines[sent...].firstIndex(of: Self.lineFeed) ?? lines.count - 1) + 1
        rest = Array(lines[sent..<end])
        return Self.count(lines[end...])
    }

    func follow() -> Int {
        guard let path else { return 0 }
        var status = stat()
        if stat(path, &status) == 0, Identity(status) == identity { return 0 }
        guard let (number, opened) = Self.open(path) else { return 0 }
        _ = close(descriptor)
        (descriptor, identity) = (number, opened)
        defer { rest = [] }
        return rest.isEmpty ? 0 : 1
    }

    // MARK: - Writing

    private static let lineFeed = UInt8(ascii: "\n")

    private func sendRest() -> Bool {
        guard !rest.isEmpty else { return true }
        let sent = rest.withUnsafeBytes(send)
        rest.removeFirst(sent)
        return rest.isEmpty
    }

    /// Writes as much as goes. Returns the bytes that went.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count {
            if !identity.isRegular {
                guard isReady(within: isPatient ? Self.patience : 0) else {
                    isPatient = false
                    break
                }
            }
            let piece = self.piece(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            isPatient = true
            sent += count
        }
        return sent
    }

    /// What one call writes: everything to a file; to a pipe, which others may write to as well, whole lines up to what it takes in one piece.
    private func piece(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard !identity.isRegular, bytes.count > Self.pipeBytes else { return bytes }
        let end = bytes[..<Self.pipeBytes].lastIndex(of: Self.lineFeed).map { $0 + 1 } ?? Self.pipeBytes
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }

    private static func count(_ lines: Slice<UnsafeRawBufferPointer>) -> Int {
        lines.reduce(0) { $1 == lineFeed ? $0 + 1 : $0 }
    }

    /// A closed standard output leads nowhere from now on: the next file to be opened would get its number, and the log lines.
    private static func occupyStandardOutput() {
        let number = Glibc.open("/dev/null", O_WRONLY)
        if number >= 0, number != STDOUT_FILENO { _ = dup2(number, STDOUT_FILENO) }
    }

    /// Opens without waiting: a named pipe that nobody reads is refused instead (fifo(7)).
    private static func open(_ path: String) -> (Int32, Identity)? {
        let number = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
        guard number >= 0 else { return nil }
        var status = stat()
        guard fstat(number, &status) == 0 else {
            _ = close(number)
            return nil
        }
        return (number, Identity(status))
    }
}
