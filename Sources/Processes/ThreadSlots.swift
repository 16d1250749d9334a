import CProcess
import Glibc
import Synchronization

/// The slots of all threads that run models, in shared memory that survives the process that wrote it.
///
/// The supervisor makes it and passes the descriptor to the worker, which adopts it; after a crash the supervisor reads who was inside what.
package final class ThreadSlots: Sendable {
    private let memory: SharedMemory
    /// Slots in it.
    package let count: Int

    /// The memory's descriptor, for passing on; close-on-exec. Valid while this object lives.
    package var number: Int32 { memory.number }
    private var base: UnsafeMutableRawPointer { memory.bytes.baseAddress.unsafelyUnwrapped }

    /// New memory for so many threads, empty. Takes no pages until they are written: 4 KiB a thread, and what it keeps of rows.
    package static func make(threads: Int) throws(ProcessError) -> ThreadSlots {
        precondition(1...SlotLimits.threads ~= threads, "threads are between 1 and SlotLimits.threads")
        let slots = ThreadSlots(memory: try SharedMemory.make("weir-slots", byteCount: SlotLayout.bytes(threads: threads)), count: threads)
        slots.writeShape()
        return slots
    }

    /// Takes over the descriptor of memory that another process made.
    /// - Throws: `ProcessError` with EINVAL when it is not such memory, or of another version. The descriptor is closed then.
    package convenience init(adopting number: Int32) throws(ProcessError) {
        let memory = try SharedMemory(adopting: number)
        let head = UnsafeRawBufferPointer(memory.bytes)
        guard head.count >= SlotLayout.headBytes, head.loadUnaligned(as: UInt64.self) == SlotLayout.magic,
            case let shape = head.loadUnaligned(fromByteOffset: 8, as: UInt64.self), shape >> 32 == SlotLayout.version,
            case let threads = Int(shape & 0xFFFF_FFFF), 1...SlotLimits.threads ~= threads, head.count == SlotLayout.bytes(threads: threads)
        else { throw ProcessError("adopting thread slots from descriptor \(number)", code: EINVAL) }
        self.init(memory: memory, count: threads)
    }

    private init(memory: SharedMemory, count: Int) {
        self.memory = memory
        self.count = count
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
        try memory.empty()
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
