import Glibc

/// An open regular file: closed when the last owner is gone.
///
/// Sendable: the number never changes, and every verb names its own position.
final class OpenFile: Sendable {
    /// For messages.
    let path: String
    let number: Int32

    /// Takes over a descriptor; refuses what is not a regular file (a FIFO would block, a device is nobody's counters).
    init(owning number: Int32, path: String) throws(RecordingError) {
        self.number = number
        self.path = path
        guard try facts().st_mode & S_IFMT == S_IFREG else { throw .failed(path: path, reason: "not a regular file") }
    }

    deinit {
        close(number)
    }

    /// What the kernel knows about the file.
    func facts() throws(RecordingError) -> stat {
        var facts = stat()
        guard fstat(number, &facts) == 0 else { throw RecordingError(errno: errno, path: path) }
        return facts
    }

    /// Its length in bytes.
    func size() throws(RecordingError) -> Int { Int(try facts().st_size) }

    /// Gives the range blocks of its own, zeroed where the file is new, so that a store into a mapping of it needs no room any more.
    ///
    /// A store into a hole of a full tmpfs is SIGBUS. On failure the file is as long as before.
    func reserve(_ range: Range<Int>) throws(RecordingError) {
        let before = try size()
        var code = EINTR
        while code == EINTR { code = posix_fallocate(number, range.lowerBound, range.count) }
        guard code != 0 else { return }
        // glibc's stand-in for file systems that cannot (pwrite of zeros) leaves what it had written.
        _ = ftruncate(number, before)
        throw RecordingError(errno: code, path: path)
    }

    /// Makes the file at least so long; what is new reads as zeros and takes no blocks.
    func extend(to bytes: Int) throws(RecordingError) {
        guard try size() < bytes else { return }
        guard ftruncate(number, bytes) == 0 else { throw RecordingError(errno: errno, path: path) }
    }

    /// Writes all bytes at a position.
    func write(_ bytes: RawSpan, at position: Int) throws(RecordingError) {
        try bytes.withUnsafeBytes { (bytes) throws(RecordingError) in
            var done = 0
            while let first = bytes.baseAddress, done < bytes.count {
                let count = pwrite(number, first + done, bytes.count - done, position + done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw RecordingError(errno: count < 0 ? errno : EIO, path: path) }
                done += count
            }
        }
    }

    /// Reads from a position on until the buffer is full or the file ends; says how many bytes came.
    ///
    /// Files that came from outside are read, not mapped: a bad disk is an error here, and SIGBUS in a mapping. So is a hole of a
    /// full tmpfs, which needs a page even to be looked at.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(RecordingError) -> Int {
        var done = 0
        while let first = buffer.baseAddress, done < buffer.count {
            let count = pread(number, first + done, buffer.count - done, position + done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw RecordingError(errno: errno, path: path) }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// Waits until what was written, and the length, are on disk.
    func sync() throws(RecordingError) {
        while fdatasync(number) != 0 {
            guard errno == EINTR else { throw RecordingError(errno: errno, path: path) }
        }
    }

    /// Marks this process as the owner, until the file is closed: also by `kill -9`. False when another one holds it.
    func lock() throws(RecordingError) -> Bool {
        if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw RecordingError(errno: errno, path: path) }
        return false
    }
}
