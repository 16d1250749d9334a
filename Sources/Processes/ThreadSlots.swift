import CProcess
import Glibc
import Synchronization

/// The slots of all threads that run models, in memory without a name (memfd_create(2)) that survives the process that wrote it.
///
/// The supervisor makes it and passes the descriptor to the worker, which adopts it; after a crash the supervisor reads who was inside what.
///
/// Unchecked: address and length never change, and what lies there is atomic words and rows of threads that are dead when they are read.
package final class ThreadSlots: @unchecked Sendable {
    /// The memory's descriptor, for passing on; close-on-exec. Valid while this object lives.
    package let number: Int32
    /// Slots in it.
    package let count: Int
    let base: UnsafeMutableRawPointer
    private let byteCount: Int

    /// New memory for so many threads, empty. Takes no pages until they are written: 4 KiB a thread, and what it keeps of rows.
    package static func make(threads: Int) throws(ProcessError) -> ThreadSlots {
        precondition(1...SlotLimits.threads ~= threads, "threads are between 1 and SlotLimits.threads")
        let number = weir_make_memory("weir-slots", UInt64(SlotLayout.bytes(threads: threads)))
        guard number >= 0 else { throw ProcessError("memfd_create weir-slots") }
        let slots = try ThreadSlots(owning: number, byteCount: SlotLayout.bytes(threads: threads), count: threads)
        slots.writeShape()
        return slots
    }

    /// Takes over the descriptor of memory that another process made.
    /// - Throws: `ProcessError` with EINVAL when it is not such memory, or of another version. The descriptor is closed then.
    package convenience init(adopting number: Int32) throws(ProcessError) {
        var head: (UInt64, UInt64) = (0, 0)
        let count = withUnsafeMutableBytes(of: &head) { pread(number, $0.baseAddress, $0.count, 0) }
        let threads = Int(truncatingIfNeeded: head.1 & 0xFFFF_FFFF)
        var facts = stat()
        guard count == 16, head.0 == SlotLayout.magic, head.1 >> 32 == SlotLayout.version, 1...SlotLimits.threads ~= threads,
            fstat(number, &facts) == 0, Int(facts.st_size) == SlotLayout.bytes(threads: threads)
        else {
            close(number)
            throw ProcessError("adopting thread slots from descriptor \(number)", code: EINVAL)
        }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        try self.init(owning: number, byteCount: Int(facts.st_size), count: threads)
    }

    private init(owning number: Int32, byteCount: Int, count: Int) throws(ProcessError) {
        guard let found = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0), found != MAP_FAILED else {
            let error = ProcessError("mmap weir-slots")
            close(number)
            throw error
        }
        base = found
        self.number = number
        self.byteCount = byteCount
        self.count = count
    }

    deinit {
        munmap(base, byteCount)
        close(number)
    }

    /// A thread's slot, 0..<`count`; valid while this object lives.
    package func slot(_ index: Int) -> ThreadSlot {
        precondition(0..<count ~= index, "a slot lies within the table")
        return ThreadSlot(base: base + SlotLayout.headBytes + index * SlotLayout.slotBytes, index: index)
    }

    /// From now on SEGV, BUS, ILL, FPE, ABRT and TRAP are noted here before they end this process, and this object lives as long as the
    /// process. Once per process.
    package func handleCrashes() throws(ProcessError) {
        _ = Unmanaged.passRetained(self)
        guard weir_handle_crashes(base.assumingMemoryBound(to: UInt64.self)) == 0 else { throw ProcessError("sigaction") }
    }

    /// Ends this process because a thread hangs inside a model: the slot is noted, and the thread gets SIGABRT, so that the crash handler
    /// runs on it.
    ///
    /// - Returns: false when the slot's thread is not bound; the process then goes on.
    package func declareHang(_ slot: ThreadSlot) -> Bool {
        let thread = Int32(truncatingIfNeeded: slot.value(ThreadSlot.Word.thread))
        guard thread != 0 else { return false }
        head(WEIR_SLOTS_HANG).pointee.store(UInt64(slot.index) + 1, ordering: .releasing)
        return weir_abort_thread(thread) == 0
    }

    /// Everything becomes as `make` left it, for the next worker. The process that wrote it has to be dead.
    package func erase() throws(ProcessError) {
        guard weir_empty_memory(number, UInt64(byteCount)) == 0 else { throw ProcessError("fallocate weir-slots") }
        writeShape()
    }

    private func writeShape() {
        head(WEIR_SLOTS_MAGIC).pointee.store(SlotLayout.magic, ordering: .relaxed)
        head(WEIR_SLOTS_SHAPE).pointee.store(SlotLayout.version << 32 | UInt64(count), ordering: .releasing)
    }

    /// A word of the head.
    func head(_ word: some BinaryInteger) -> UnsafeMutablePointer<Atomic<UInt64>> {
        base.assumingMemoryBound(to: Atomic<UInt64>.self) + Int(word)
    }
}
