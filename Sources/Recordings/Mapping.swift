import Glibc
import Synchronization

/// A file's bytes in memory: unmapped when the last owner is gone. The mapping outlives the descriptor it was made from.
///
/// Sendable although it holds a pointer: address and length never change. What lies there is reached by atomic
/// words.
final class Mapping: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let byteCount: Int

    /// Maps the first `byteCount` bytes of a file, shared with everybody who maps it.
    ///
    /// The file may be shorter: Linux looks at its length when a page is first touched (SIGBUS beyond the end), so a mapping that is made
    /// once for all that may come needs no second call, no MAP_FIXED and never moves.
    init(_ file: OpenFile, byteCount: Int) throws(RecordingError) {
        guard let found = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0), found != MAP_FAILED else {
            throw errno == ENOMEM ? .noMemory(path: file.path, bytes: byteCount) : RecordingError(errno: errno, path: file.path)
        }
        base = found
        self.byteCount = byteCount
    }

    deinit {
        munmap(base, byteCount)
    }

    /// The bytes as 64-bit words. Atomic<UInt64> has the layout of UInt64, and every bit pattern is a value of it.
    var words: UnsafeMutablePointer<Atomic<UInt64>> { base.assumingMemoryBound(to: Atomic<UInt64>.self) }

    /// Makes the pages of a range present and writable, so that no store of a reactor waits for a page fault.
    ///
    /// MADV_POPULATE_WRITE (23, Linux 5.14) does it in one call and reports what would be SIGBUS; MAP_POPULATE would fault shared pages
    /// for reading only. Older kernels fault at the first store instead.
    func populate(_ range: Range<Int>, path: String) throws(RecordingError) {
        let populateWrite: Int32 = 23
        guard madvise(base + range.lowerBound, range.count, populateWrite) != 0, errno != EINVAL else { return }
        throw errno == EFAULT ? .noRoom(path: path) : RecordingError(errno: errno, path: path)
    }

    /// Waits until the stores made so far are in the file on disk.
    func sync(path: String) throws(RecordingError) {
        guard msync(base, byteCount, MS_SYNC) == 0 else { throw RecordingError(errno: errno, path: path) }
    }
}
