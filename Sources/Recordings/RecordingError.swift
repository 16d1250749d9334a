import Glibc

/// Why a recorder file, checkpoint or bitmap could not be made or written. Every description tells a person what to do about it.
package enum RecordingError: Error, Equatable, Sendable {
    /// No room is left on the file system or in the quota.
    case noRoom(path: String)
    /// The file or folder cannot be written (rights, or a read-only file system).
    case readOnly(path: String, reason: String)
    /// The process or the machine has no descriptor left.
    case noDescriptor(path: String, reason: String)
    /// No address range or memory is left for a mapping of so many bytes.
    case noMemory(path: String, bytes: Int)
    /// The named limit on a file's bytes is reached.
    case tooLarge(path: String, limit: Int)
    /// Somebody else could change what lies in the folder; the reason says how.
    case unsafeFolder(path: String, reason: String)
    /// Whatever else the system answered.
    case failed(path: String, reason: String)

    /// The recorder's word for a failed system call on `path`.
    init(errno code: Int32, path: String) {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT: self = .noRoom(path: path)
        case EACCES, EPERM, EROFS: self = .readOnly(path: path, reason: reason)
        case EMFILE, ENFILE: self = .noDescriptor(path: path, reason: reason)
        case ELOOP, ENOTDIR: self = .unsafeFolder(path: path, reason: "a symbolic link or no folder: \(reason)")
        default: self = .failed(path: path, reason: reason)
        }
    }

    /// Whether the same may succeed on another file system.
    var isAboutRoom: Bool {
        switch self {
        case .noRoom, .readOnly: true
        default: false
        }
    }
}

extension RecordingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noRoom(let path): "no room left to write \(path); free some space"
        case .readOnly(let path, let reason):
            "\(path) cannot be written (\(reason)); check its owner and mode, and that its file system is writable"
        case .noDescriptor(let path, let reason):
            "\(path) cannot be opened (\(reason)); raise the limit on open files (ulimit -n)"
        case .noMemory(let path, let bytes):
            "no \(bytes) bytes of address space for \(path); raise the limit on address space (ulimit -v) or give the machine more memory"
        case .tooLarge(let path, let limit):
            "\(path) may not grow beyond \(limit) bytes; serve fewer routes and variants from one server"
        case .unsafeFolder(let path, let reason): "\(path) is not safe to use (\(reason)); remove it, or `chmod 700` it"
        case .failed(let path, let reason): "\(path): \(reason)"
        }
    }
}
