import Glibc
import Synchronization

/// The mapped file of one reactor of one worker start. Blocks of counters are carved from it; the reactor stores into them, and the kernel
/// keeps what was stored when the process dies, however it dies.
///
/// The file never holds a hole: it grows by ranges that are allocated (`posix_fallocate`) and made present before a pointer into them is
/// handed out, so no store of a reactor needs room, waits for a page fault or ends in SIGBUS. (In the state folder the kernel may still
/// make a store wait while it writes the page back; in shared memory it never does. On a copy-on-write file system with snapshots a
/// reserved range is no promise.) It lies in one range of addresses of the size of its limit, so pointers stay valid until the object goes.
///
/// Threads: `allocate` and `commit` from any control thread, `checkpoint` from one keeper thread at the same time. The words of a block
/// belong to its writer.
///
/// Sendable: the mapping is fixed, and what changes is behind two locks, neither of which a reactor takes.
package final class RecorderFile: Sendable {
    package let name: RecorderName
    /// Where it was made.
    package let place: RecorderPlace
    /// Path of the file, for messages.
    package var path: String { file.path }
    private let file: OpenFile
    private let mapping: Mapping
    private let extent: Mutex<Extent>
    private let checkpoints: Mutex<Checkpoints>

    /// Bytes handed out, and bytes that the file has.
    private struct Extent {
        var allocated: Int
        var reserved: Int
    }

    /// Takes over an empty file that nobody else has open, and makes its head.
    ///
    /// - Parameters:
    ///   - limit: bytes the file may grow to.
    ///   - state: the folder for checkpoints.
    init(
        _ file: OpenFile, head: RecorderHead, place: RecorderPlace, limit: Int, checkpointsIn state: Folder
    ) throws(RecordingError) {
        guard try file.lock() else { throw .failed(path: file.path, reason: "somebody else has locked it") }
        let first = min(Limits.growthBytes, limit)
        try file.reserve(0..<first)
        mapping = try Mapping(file, byteCount: limit)
        try mapping.populate(0..<first, path: file.path)
        head.write(to: mapping.words)
        self.file = file
        name = head.name
        self.place = place
        extent = Mutex(Extent(allocated: head.bytesInUse, reserved: first))
        checkpoints = Mutex(Checkpoints(of: head.name, in: state))
    }

    /// Zeroed bytes at a multiple of 128, valid as long as this object.
    ///
    /// No reader looks at them before ``commit()``: write the block's head first.
    /// - Throws: `tooLarge` at the file's limit, `noRoom` when the file system is full; what was handed out before stays as it is.
    package func allocate(bytes: Int) throws(RecordingError) -> UnsafeMutableRawPointer {
        precondition(bytes > 0, "a block has a length")
        return try extent.withLock { (extent) throws(RecordingError) -> Position in
            let start = extent.allocated
            guard bytes <= mapping.byteCount - start else { throw .tooLarge(path: path, limit: mapping.byteCount) }
            let end = rounded(start + bytes, to: RecorderHead.blockAlignment)
            if end > extent.reserved { try grow(&extent, to: end) }
            extent.allocated = end
            return Position(offset: start)
        }.pointer(in: mapping)
    }

    /// Tells readers that every block handed out so far is complete. What was written into them is seen by whoever sees this.
    package func commit() {
        extent.withLock { extent in
            mapping.words[RecorderHead.Word.bytesInUse].store(UInt64(extent.allocated), ordering: .releasing)
        }
    }

    /// Bytes that readers may look at, the head of the file included.
    package var bytesInUse: Int { Int(mapping.words[RecorderHead.Word.bytesInUse].load(ordering: .acquiring)) }

    /// Copies what changed to the state folder and waits until it is on disk; see ``Checkpoints`` for what is guaranteed.
    ///
    /// Takes milliseconds and two waits for the disk, none when nothing changed.
    /// - Throws: `noRoom` and others; the checkpoint before stays whole, and the next call tries again.
    @discardableResult
    package func checkpoint() throws(RecordingError) -> CheckpointFigures {
        try checkpoints.withLock { (checkpoints) throws(RecordingError) -> CheckpointFigures in
            try checkpoints.take(of: mapping.words)
        }
    }

    /// Grows by at least a step. What the file has beyond `reserved` after a failure is neither mapped to anybody nor counted.
    private func grow(_ extent: inout Extent, to end: Int) throws(RecordingError) {
        let bytes = min(rounded(end, to: Limits.growthBytes), mapping.byteCount)
        try file.reserve(extent.reserved..<bytes)
        try mapping.populate(extent.reserved..<bytes, path: path)
        extent.reserved = bytes
    }

    /// A place in the mapping: a pointer may not leave a lock's closure.
    private struct Position: Sendable {
        let offset: Int

        func pointer(in mapping: Mapping) -> UnsafeMutableRawPointer { mapping.base + offset }
    }
}

/// Where a recorder file lies.
package enum RecorderPlace: Equatable, Sendable {
    /// In shared memory: stores never touch a disk.
    case memory
    /// In the state folder, for the reason given.
    case state(reason: String)
}

/// The next multiple of `step`, a power of two.
func rounded(_ bytes: Int, to step: Int) -> Int { (bytes + step - 1) & -step }
