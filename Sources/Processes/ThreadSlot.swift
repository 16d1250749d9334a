import CProcess
public import Primitives
public import Synchronization

/// What one thread says about itself while it is inside a model, in memory that survives the process.
///
/// A trivial value: a pointer. The thread itself is the only writer, except of `isTerminated`; any thread may read.
///
/// Unchecked: everything behind the pointer is a 64-bit atomic word, except the kept rows, which are read only when the writer is dead.
@frozen public struct ThreadSlot: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    /// Its place in the table.
    public let index: Int32

    /// The words of a slot.
    @frozen @usableFromInline enum Word {
        /// Nanoseconds of the monotonic clock; 0 when nobody is inside. Changes with every `enter`.
        @usableFromInline static let since = 0
        /// Route << 32 | variant, as 32-bit name hashes.
        @usableFromInline static let occupant = 1
        @usableFromInline static let model = 2
        @usableFromInline static let deadline = 3
        @usableFromInline static let terminated = 4
        /// The kernel's id of the bound thread; 0 before.
        @usableFromInline static let thread = 5
        /// Bytes of kept rows, and rows that had no room.
        @usableFromInline static let kept = 6
        @usableFromInline static let lost = 7
    }

    init(base: UnsafeMutableRawPointer, index: Int) {
        self.base = base
        self.index = Int32(index)
    }

    @inlinable @inline(__always) func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        base.assumingMemoryBound(to: Atomic<UInt64>.self) + index
    }

    @inlinable @inline(__always) func value(_ index: Int) -> UInt64 { word(index).pointee.load(ordering: .relaxed) }

    @inlinable @inline(__always) func set(_ index: Int, _ value: UInt64) { word(index).pointee.store(value, ordering: .relaxed) }

    // MARK: Written by the thread itself

    /// The thread goes into a model.
    ///
    /// - Parameters:
    ///   - route: 32-bit hash of the route's name, as in prediction ids; so is `variant`.
    ///   - model: the first 8 bytes of the file's SHA-256, as a big-endian number.
    @inlinable @inline(__always) public func enter(route: UInt32, variant: UInt32, model: UInt64, now: Instant, deadline: Instant) {
        set(Word.occupant, UInt64(route) << 32 | UInt64(variant))
        set(Word.model, model)
        set(Word.deadline, deadline.nanoseconds)
        set(Word.terminated, 0)
        word(Word.since).pointee.store(now.nanoseconds, ordering: .releasing)
    }

    /// The thread came back; the rows that it had taken in are forgotten.
    @inlinable @inline(__always) public func leave() {
        set(Word.since, 0)
        set(Word.kept, 0)
        set(Word.lost, 0)
        // On processors that reorder stores: the words of the next `enter` come after this.
        atomicMemoryFence(ordering: .releasing)
    }

    /// Keeps a copy of rows that go in, for a rerun after a crash. May be called several times before or after `enter`; `leave` forgets all.
    ///
    /// - Parameters:
    ///   - slots: `rows` x `width` values. A text's is its place in `text`, as a contract decodes it.
    ///   - text: the bytes that texts point into.
    public func keep(slots: UnsafePointer<Double>, rows: Int, width: Int, text: UnsafePointer<UInt8>?, textCount: Int) {
        let used = Int(value(Word.kept))
        let valueBytes = rows * width * MemoryLayout<Double>.stride
        let textBytes = text == nil ? 0 : textCount
        let size = SlotLayout.recordHeadBytes + valueBytes + (textBytes + 7) & ~7
        guard size <= SlotLimits.keptBytes - used else { return set(Word.lost, value(Word.lost) &+ UInt64(rows)) }
        let place = base + SlotLayout.keptOffset + used
        place.storeBytes(of: UInt64(rows) << 32 | UInt64(width), as: UInt64.self)
        place.storeBytes(of: UInt64(textBytes), toByteOffset: 8, as: UInt64.self)
        (place + SlotLayout.recordHeadBytes).copyMemory(from: slots, byteCount: valueBytes)
        if let text { (place + SlotLayout.recordHeadBytes + valueBytes).copyMemory(from: text, byteCount: textBytes) }
        set(Word.kept, UInt64(used + size))
    }

    /// Binds the calling thread to this slot: a crash on it names the slot, and its signals are handled on a stack of their own.
    package func bind() throws(ProcessError) {
        guard weir_bind_thread(UInt32(index)) == 0 else { throw ProcessError("sigaltstack") }
        set(Word.thread, UInt64(UInt32(bitPattern: weir_thread_id())))
    }

    /// Undoes `bind`; on the same thread, before it ends.
    package func unbind() {
        set(Word.thread, 0)
        weir_unbind_thread()
    }

    // MARK: Read by the watchdog

    /// What the watchdog sees of a thread that is inside a model.
    @frozen public struct Stay: Sendable, Equatable {
        /// Tells one stay from the next of the same thread: when it began.
        public let since: Instant
        public let deadline: Instant
        public let route: UInt32
        public let variant: UInt32
        public let model: UInt64
        /// Whether `markTerminated` was called since it began.
        public let isTerminated: Bool
    }

    /// The stay that the thread is in at this moment; nil when it is in none, or was just changing.
    public var stay: Stay? {
        let since = word(Word.since).pointee.load(ordering: .acquiring)
        guard since != 0 else { return nil }
        let occupant = value(Word.occupant)
        let (model, deadline, terminated) = (value(Word.model), value(Word.deadline), value(Word.terminated))
        atomicMemoryFence(ordering: .acquiring)
        guard value(Word.since) == since else { return nil }
        return Stay(
            since: Instant(nanoseconds: since), deadline: Instant(nanoseconds: deadline), route: UInt32(truncatingIfNeeded: occupant >> 32),
            variant: UInt32(truncatingIfNeeded: occupant), model: model, isTerminated: terminated == since)
    }

    /// Says that the stay's run was told to end. A stay that has ended meanwhile is left alone.
    package func markTerminated(_ stay: Stay) {
        set(Word.terminated, stay.since.nanoseconds)
    }

    /// Whether the run that the thread is in was told to end; asked by the thread itself before `leave`.
    @inlinable public var isTerminated: Bool { value(Word.since) != 0 && value(Word.terminated) == value(Word.since) }

    /// CPU time that the bound thread has used; nil without a bound thread.
    package func cpuTime() -> Nanoseconds? {
        let thread = Int32(truncatingIfNeeded: value(Word.thread))
        guard thread != 0 else { return nil }
        let time = weir_thread_cpu(thread)
        return time < 0 ? nil : Nanoseconds(time)
    }
}
