import Glibc

extension StateFolder {
    /// Whether a server serves from this folder, which may hold what is not yet in the ledger.
    ///
    /// Tries the server's lock as a reader and lets it go at once. A server that starts in those microseconds is told that the folder is
    /// in use.
    package var isServed: Bool {
        let descriptor = open(lockPath, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
