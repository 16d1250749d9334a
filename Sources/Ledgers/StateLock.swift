import Glibc

/// The right to serve from a state folder: `flock` on `<state>/lock`, held until the value goes away or the process ends; and as long as any
/// process lives that was given the descriptor, since the lock belongs to the open file (flock(2)).
///
/// Commands that only read or write the ledger do not take it; SQLite's own locks are enough for them. The file stays behind: removing
/// it would let two servers lock two different files of one name.
package struct StateLock: ~Copyable {
    private let descriptor: Int32
    /// The open file's number, to be given to another process.
    package var number: Int32 { descriptor }

    /// Takes over a lock that another process took and gave to this one.
    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Takes the lock and writes this process's id into the file, for the message a second server prints.
    ///
    /// - Parameter retry: called when another one holds the lock, with the number of the attempt from 1 on; true to try again. A server that
    ///   was killed may leave a child that is about to end.
    /// - Throws: `LedgerError.served` when another server holds it.
    package init(_ folder: StateFolder, retry: (Int) -> Bool = { _ in false }) throws(LedgerError) {
        try folder.prepare()
        let path = folder.lockPath
        let opened = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw LedgerError(errno: errno, path: path) }
        var attempt = 0
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            attempt += 1
            if code == EINTR || code == EWOULDBLOCK && retry(attempt) { continue }
            let holder = Self.readProcess(opened)
            close(opened)
            throw code == EWOULDBLOCK ? .served(folder: folder.path, pid: holder) : LedgerError(errno: code, path: path)
        }
        guard Self.writeProcess(opened) else {
            let code = errno
            close(opened)
            throw LedgerError(errno: code, path: path)
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    private static func readProcess(_ descriptor: Int32) -> Int32? {
        var digits = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &digits, digits.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: digits.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private static func writeProcess(_ descriptor: Int32) -> Bool {
        let text = Array("\(getpid())\n".utf8)
        return ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, text.count, 0) == text.count
    }
}
