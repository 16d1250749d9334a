import Glibc
import Primitives

/// Where the recorder files, checkpoints and bitmaps of one state folder lie.
///
/// Reactors' own files: `weir-<uid>-<XXH64 of the state folder's real path>` in shared memory when it is safe and has room, else `recorder`
/// in the state folder. Checkpoints, bitmaps and the archive: always in `recorder`.
///
/// The caller holds the state folder's lock: there is one server, and every other worker start is dead.
package struct RecorderFolder: Sendable {
    /// Version of the blocks' layout that this program writes and reads.
    let layoutVersion: UInt64
    /// Identity of the ledger that all counters here belong to.
    let ledger: UInt64
    /// `recorder` in the state folder.
    let state: Folder
    /// The folder in shared memory; nil when there is none that is safe.
    let memory: Folder?
    let boot: BootID?
    /// What has to be said about the folders themselves.
    package let remarks: [RecordingRemark]
    private let whyNoMemory: String

    /// Opens the folders, and makes them (mode 0700) when they are missing.
    ///
    /// - Parameters:
    ///   - path: the state folder, which exists.
    ///   - ledger: identity of its ledger; files of another one go to the archive.
    ///   - sharedMemory: where shared memory is mounted.
    /// - Throws: `unsafeFolder` when `recorder` is a symbolic link, another user's or can be written by others. The same about the folder in
    ///   shared memory, where everybody may make one of that name, is a remark.
    package init(
        statePath path: String, layoutVersion: UInt64, ledger: UInt64, sharedMemory: String = "/dev/shm"
    ) throws(RecordingError) {
        try self.init(statePath: path, layoutVersion: layoutVersion, ledger: ledger, sharedMemory: sharedMemory, boot: BootID.current())
    }

    init(statePath path: String, layoutVersion: UInt64, ledger: UInt64, sharedMemory: String, boot: BootID?) throws(RecordingError) {
        self.layoutVersion = layoutVersion
        self.ledger = ledger
        self.boot = boot
        let realPath = try Self.realPath(path)
        state = try Folder(making: realPath + "/recorder")
        do {
            memory = try Folder(making: Self.memoryPath(of: realPath, in: sharedMemory))
            remarks = []
            whyNoMemory = ""
        } catch {
            memory = nil
            whyNoMemory = "\(error)"
            remarks = [.notInMemory(reason: whyNoMemory)]
        }
    }

    /// Makes the file of a reactor.
    ///
    /// - Parameters:
    ///   - workerStart: wall clock in milliseconds since 1970.
    ///   - wish: bytes that the file is expected to grow to; decides whether shared memory has room enough.
    ///   - limit: bytes that it may grow to.
    package func makeFile(
        _ name: RecorderName, workerStart: UInt64, wish: Int, limit: Int = Limits.fileBytes
    ) throws(RecordingError) -> RecorderFile {
        precondition(
            (RecorderHead.byteCount...Limits.fileBytes).contains(limit), "a file holds its head and at most \(Limits.fileBytes) bytes")
        let head = RecorderHead(
            layoutVersion: layoutVersion, workerStart: workerStart, name: name, bytesInUse: RecorderHead.byteCount,
            process: UInt64(getpid()),
            boot: boot ?? BootID(low: 0, high: 0), checkpoint: 0, ledger: ledger)
        var reason = whyNoMemory
        if let memory {
            do {
                let needed = max(Limits.freeMemoryBytes, Limits.freeMemoryFactor * min(max(wish, 0), Limits.fileBytes))
                let free = try memory.freeBytes()
                if free >= needed { return try makeFile(in: memory, head: head, place: .memory, limit: limit) }
                reason = "\(memory.path) has \(free) bytes left, and \(needed) are needed"
            } catch let error where error.isAboutRoom {
                reason = "\(error)"
            }
        }
        return try makeFile(in: state, head: head, place: .state(reason: reason), limit: limit)
    }

    /// Removes what a worker's reactor left: its file and both checkpoints. For after the fold.
    ///
    /// The names are not forced to disk: one that comes back after a power loss is found again, and the ledger knows its blocks.
    package func remove(_ name: RecorderName) throws(RecordingError) {
        if let memory { try memory.remove(name.fileName) }
        for file in [name.fileName] + name.checkpointNames { try state.remove(file) }
    }

    /// Moves the files of a worker's reactor to the archive: when they can be read, but not counted. Says of each where it is now.
    package func archive(_ name: RecorderName, reason: String) -> [RecordingRemark] {
        let archive = Archive(recorder: state)
        var places = ([name.fileName] + name.checkpointNames).map { (folder: state, file: $0) }
        if let memory { places.append((memory, name.fileName)) }
        return places.filter { $0.folder.contains($0.file) }.map { archive.take($0.file, from: $0.folder, reason: reason) }
    }

    /// Removes the folder in shared memory if nothing is left in it: for an orderly end.
    package func removeIfEmpty() {
        if let memory { rmdir(memory.path) }
    }

    /// Makes the file; one that cannot be finished does not stay behind.
    private func makeFile(in folder: Folder, head: RecorderHead, place: RecorderPlace, limit: Int) throws(RecordingError) -> RecorderFile {
        let file = try folder.create(head.name.fileName)
        do {
            return try RecorderFile(file, head: head, place: place, limit: limit, checkpointsIn: state)
        } catch {
            try folder.remove(head.name.fileName)
            throw error
        }
    }

    /// Where the files of a state folder lie in shared memory.
    static func memoryPath(of realPath: String, in sharedMemory: String) -> String {
        "\(sharedMemory)/weir-\(geteuid())-\(hexadecimal(XXH64.hash(Array(realPath.utf8).span.bytes)))"
    }

    static func realPath(_ path: String) throws(RecordingError) -> String {
        guard let real = realpath(path, nil) else { throw RecordingError(errno: errno, path: path) }
        defer { free(real) }
        return String(cString: real)
    }
}
