import Glibc

/// A folder that only this user may change, held open: what is done in it is done in the folder that was checked, whatever its name
/// leads to later.
final class Folder: Sendable {
    /// For messages, without a slash at its end.
    let path: String
    private let number: Int32

    /// Opens the folder, and makes it (mode 0700) when it is missing.
    ///
    /// - Throws: `unsafeFolder` when it is a symbolic link, belongs to another user, or others may write it.
    convenience init(making path: String) throws(RecordingError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw RecordingError(errno: errno, path: path) }
        try self.init(path)
    }

    /// Opens the folder if there is one; nil when there is none.
    ///
    /// - Throws: as `init(making:)`.
    static func find(_ path: String) throws(RecordingError) -> Folder? {
        var facts = stat()
        if lstat(path, &facts) != 0, errno == ENOENT { return nil }
        return try Folder(path)
    }

    private init(_ path: String) throws(RecordingError) {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw RecordingError(errno: errno, path: path) }
        self.path = path
        number = opened
        var facts = stat()
        guard fstat(opened, &facts) == 0 else { throw RecordingError(errno: errno, path: path) }
        guard facts.st_uid == geteuid() else { throw .unsafeFolder(path: path, reason: "it belongs to user \(facts.st_uid)") }
        guard facts.st_mode & 0o022 == 0 else {
            throw .unsafeFolder(path: path, reason: "others may write it, mode 0\(String(facts.st_mode & 0o7777, radix: 8))")
        }
    }

    deinit {
        close(number)
    }

    /// The path of a name in it, for messages.
    func path(of name: String) -> String { "\(path)/\(name)" }

    /// Makes a file of mode 0600 that must not exist yet, or opens it when `exclusive` is false.
    func create(_ name: String, exclusive: Bool = true) throws(RecordingError) -> OpenFile {
        try file(name, flags: O_RDWR | O_CREAT | (exclusive ? O_EXCL : 0))
    }

    /// Opens a file to read and lock it; nil when there is none.
    func find(_ name: String) throws(RecordingError) -> OpenFile? {
        do {
            // Without O_NONBLOCK, opening a FIFO would wait for a writer.
            return try file(name, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            if contains(name) { throw error }
            return nil
        }
    }

    /// Whether a name stands in it, whatever it is.
    func contains(_ name: String) -> Bool {
        var facts = stat()
        return fstatat(number, name, &facts, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// When a file was last changed, in seconds; 0 when there is none.
    func changeTime(of name: String) -> Int {
        var facts = stat()
        return fstatat(number, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 ? facts.st_mtim.tv_sec : 0
    }

    /// Removes a name; one that does not exist is as good as removed.
    func remove(_ name: String) throws(RecordingError) {
        if unlinkat(number, name, 0) != 0, errno != ENOENT { throw RecordingError(errno: errno, path: path(of: name)) }
    }

    /// Moves a name to a folder of the same file system.
    func move(_ name: String, to other: Folder, as newName: String) throws(RecordingError) {
        guard renameat(number, name, other.number, newName) == 0 else { throw RecordingError(errno: errno, path: path(of: name)) }
    }

    /// All names but `.` and `..`, sorted.
    func names() throws(RecordingError) -> [String] {
        // A stream of its own: fdopendir takes the descriptor over.
        let opened = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw RecordingError(errno: errno, path: path) }
        guard let stream = fdopendir(opened) else {
            let code = errno
            close(opened)
            throw RecordingError(errno: code, path: path)
        }
        defer { closedir(stream) }
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        var names: [String] = []
        while let entry = readdir(stream) {
            // An entry is as long as its name, not as long as the type: read from where it stands.
            names.append(String(cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)))
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    /// Waits until the names made and removed are on disk.
    func sync() throws(RecordingError) {
        guard fsync(number) == 0 else { throw RecordingError(errno: errno, path: path) }
    }

    /// Bytes that this user may still write on its file system.
    func freeBytes() throws(RecordingError) -> Int {
        var facts = statvfs()
        guard fstatvfs(number, &facts) == 0 else { throw RecordingError(errno: errno, path: path) }
        return Int(clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue)
    }

    private func file(_ name: String, flags: Int32) throws(RecordingError) -> OpenFile {
        let opened = openat(number, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            // ELOOP is about the file here, not about the folder.
            if errno == ELOOP { throw .failed(path: path(of: name), reason: "a symbolic link") }
            throw RecordingError(errno: errno, path: path(of: name))
        }
        return try OpenFile(owning: opened, path: path(of: name))
    }
}
