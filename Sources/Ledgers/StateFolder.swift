import Glibc

/// The folder that holds the ledger, its lock and whatever else must outlive a process.
///
/// It is made with mode 0700 and its ledger with 0600: keys and token hashes lie in it. A folder that others may write is refused,
/// for they could put a ledger of their own in its place.
package struct StateFolder: Hashable, Sendable {
    /// Path of the folder, without a slash at its end.
    package let path: String

    package init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The SQLite file. Beside it lie its `-wal` and `-shm`, with the same mode.
    package var ledgerPath: String { path + "/ledger.sqlite" }

    /// The file that a server locks.
    package var lockPath: String { path + "/lock" }

    /// The file that the worker locks that keeps the books.
    package var booksPath: String { path + "/books" }

    /// The file that says who was inside a model when a worker died without a word.
    package var suspectsPath: String { path + "/suspects" }

    /// Whether a ledger has been made here.
    package var hasLedger: Bool { access(ledgerPath, F_OK) == 0 }

    /// The file in which a running server says where breakers stand and where models run.
    package var servingPath: String { path + "/serving.json" }

    /// Makes the folder (mode 0700) and those above it if they are missing; refuses one that group or others may write.
    package func prepare() throws(LedgerError) {
        try Self.makeFolders(above: path)
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw LedgerError(errno: errno, path: path) }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw LedgerError(errno: errno, path: path) }
        guard facts.st_mode & S_IFMT == S_IFDIR else { throw LedgerError(errno: ENOTDIR, path: path) }
        guard facts.st_mode & 0o022 == 0 else { throw .unsafeFolder(path: path, mode: facts.st_mode & 0o7777) }
    }

    /// Makes the empty ledger file with mode 0600, or gives an existing one that mode.
    ///
    /// An existing file is never opened here: closing a descriptor of it would drop the locks that SQLite holds on it in this process
    /// (fcntl(2), https://sqlite.org/howtocorrupt.html section 2.2).
    func prepareLedgerFile() throws(LedgerError) {
        let descriptor = open(ledgerPath, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            throw LedgerError(errno: errno, path: ledgerPath)
        }
        var facts = stat()
        guard stat(ledgerPath, &facts) == 0 else { throw LedgerError(errno: errno, path: ledgerPath) }
        if facts.st_mode & 0o077 != 0, chmod(ledgerPath, 0o600) != 0 {
            throw LedgerError(errno: errno, path: ledgerPath)
        }
    }

    /// Runs `body` while no other process does the same in this folder.
    ///
    /// The change of a new file to WAL does not wait for the busy timeout: of 480 first openings by 8 processes at once, 15 failed with
    /// "database is locked" without this lock.
    func whileAlone<Value>(_ body: () throws(LedgerError) -> Value) throws(LedgerError) -> Value {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LedgerError(errno: errno, path: path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw LedgerError(errno: errno, path: path) }
        }
        return try body()
    }

    /// Writes a small file of the folder (mode 0600), so that whoever reads it finds all of the old text or all of the new.
    package func write(_ text: String, to path: String) throws(LedgerError) {
        let draft = path + ".new"
        let descriptor = open(draft, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(errno: errno, path: draft) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, rename(draft, path) == 0 else {
            throw LedgerError(errno: errno, path: draft)
        }
    }

    private static func makeFolders(above path: String) throws(LedgerError) {
        var parent = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/").dropLast() {
            parent += part
            if mkdir(parent, 0o777) != 0 {
                let code = errno
                guard access(parent, F_OK) == 0 else { throw LedgerError(errno: code, path: parent) }
            }
            parent += "/"
        }
    }
}
