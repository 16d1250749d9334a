import Glibc

/// The right to keep the books of a state folder: `flock` on `<state>/books`, held until the value goes away or the process ends.
///
/// While new code takes over, two workers of one server count and store side by side. Only one of them may say that everything up to a moment
/// is in the sums, and it must be the last to know.
package struct BooksLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock without waiting; nil while another process keeps the books.
    ///
    /// - Throws: the faults of the file.
    package init?(_ folder: StateFolder) throws(LedgerError) {
        let path = folder.booksPath
        let opened = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw LedgerError(errno: errno, path: path) }
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(opened)
            guard code == EWOULDBLOCK else { throw LedgerError(errno: code, path: path) }
            return nil
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }
}
