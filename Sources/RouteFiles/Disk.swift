import Glibc

/// The few things this target asks of the file system, each with a bound and an answer instead of a crash.
enum Disk {
    /// What stat(2) says about an entry.
    struct Entry {
        enum Kind { case file, folder, other }
        let kind: Kind
        let size: Int
        let inode: UInt64
        /// Last change of the content, in nanoseconds since 1970.
        let changed: Int64
    }

    /// Why something could not be read.
    enum Failure: Error, Equatable {
        case system(Int32)
        case tooLarge

        var reason: String {
            switch self {
            case .system(let code): String(cString: strerror(code))
            case .tooLarge: "is too large"
            }
        }
    }

    /// The entry at a path, links followed; nil when there is none.
    static func entry(_ path: String) -> Entry? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let kind: Entry.Kind = status.st_mode & S_IFMT == S_IFREG ? .file : status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
        return Entry(
            kind: kind, size: Int(status.st_size), inode: UInt64(status.st_ino),
            changed: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    /// Names in a folder, sorted, without hidden ones; at most `limit` of them.
    static func names(in folder: String, atMost limit: Int) throws(Failure) -> [String] {
        guard let stream = opendir(folder) else { throw .system(errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < limit, let item = readdir(stream) {
            let name = withUnsafePointer(to: &item.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The absolute path behind all links (realpath(3)).
    static func resolved(_ path: String) throws(Failure) -> String {
        guard let pointer = realpath(path, nil) else { throw .system(errno) }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    /// All bytes of a file of at most `limit` bytes.
    static func bytes(of path: String, atMost limit: Int) throws(Failure) -> [UInt8] {
        var all: [UInt8] = []
        try pieces(of: path) { piece throws(Failure) in
            guard all.count + piece.count <= limit else { throw .tooLarge }
            all.append(contentsOf: piece)
        }
        return all
    }

    /// Reads a file piece by piece.
    static func pieces(of path: String, _ each: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno) }
            guard count > 0 else { return }
            try each(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
