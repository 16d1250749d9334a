/// Something that was set right without failing, which a person should know of. The server logs each one.
package enum RecordingRemark: Equatable, Sendable {
    /// Recorder files are made in the state folder, not in shared memory.
    case notInMemory(reason: String)
    /// A file could not be read as what its name says, and lies in the archive now.
    case archived(path: String, to: String, reason: String)
    /// A file could not be read, nor moved: it stays where it is.
    case left(path: String, reason: String)
    /// A file's owner is alive although it should be dead: two servers share a folder of shared memory.
    case living(path: String)

    /// Whether it is about a file whose owner lives, which is as it should be while one worker takes over from another.
    package var isAboutTheLiving: Bool {
        if case .living = self { true } else { false }
    }
}

extension RecordingRemark: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInMemory(let reason): "counters lie in the state folder, not in shared memory: \(reason)"
        case .archived(let path, let place, let reason): "\(path) is not counted (\(reason)); it lies in \(place) now"
        case .left(let path, let reason): "\(path) is not counted and stays where it is: \(reason)"
        case .living(let path): "\(path) belongs to a server that runs: give each server a shared memory or a state folder path of its own"
        }
    }
}
