public import Synchronization

/// A bounded queue of byte records of any length from one thread to one other, without locks: a reactor writes a record where the consumer
/// will read it, and never waits.
///
/// Lives at one address, behind a pointer or in a class, because both threads use it in place. Exactly one thread calls `reserve` and
/// `commit`, exactly one calls `first` and `removeFirst`. A record that does not fit is refused; the producer counts its drops.
///
/// Each record lies in one piece behind a frame of eight bytes that holds its length, at a multiple of eight bytes. One that would run over
/// the end of the memory starts anew at the beginning, behind a frame that says "skip". Since it may need a skip, a record takes at most
/// half of the ring, frame included: so it fits whenever the ring is empty.
@safe public struct ByteRing: ~Copyable {
    /// Bytes ever written, frames and skips included. Only the producer stores it.
    @usableFromInline let tail = Atomic<UInt>(0)
    /// The producer's own: where the reserved record's frame will be, what length may be committed, and the last `head` it has seen, so that
    /// it takes the consumer's cache line only when the ring looks full.
    @usableFromInline let reservedPlace = Atomic<UInt>(0)
    @usableFromInline let reservedCount = Atomic<Int>(-1)
    @usableFromInline let seenHead = Atomic<UInt>(0)
    /// Keeps the threads' counters on different cache lines, so that they do not take the line from each other.
    @usableFromInline let gap = InlineArray<15, UInt64>(repeating: 0)
    /// Bytes ever read. Only the consumer stores it.
    @usableFromInline let head = Atomic<UInt>(0)
    @usableFromInline let mask: UInt
    @usableFromInline let memory: UnsafeMutableRawPointer

    /// Bytes of the frame before each record.
    @inlinable static var frameBytes: Int { 8 }
    /// What a frame holds in place of a length when the next record lies at the beginning of the memory.
    @inlinable static var skip: UInt64 { .max }

    /// A ring of at least `byteCapacity` bytes, frames included: the next power of two, at least 64.
    public init(byteCapacity: Int) {
        precondition(byteCapacity > 0 && byteCapacity <= 1 << 30, "a byte ring holds 1 to 2^30 bytes")
        let count = byteCapacity <= 64 ? 64 : 1 << (Int.bitWidth - (byteCapacity - 1).leadingZeroBitCount)
        mask = UInt(count - 1)
        // Owned by this value until its end. Not cleared: pages that no record reaches take no memory.
        unsafe memory = .allocate(byteCount: count, alignment: 64)
    }

    deinit {
        // Bytes: nothing to take apart.
        unsafe memory.deallocate()
    }

    /// Bytes of the memory.
    public var byteCapacity: Int { Int(mask) + 1 }

    /// Bytes of the longest record that the ring ever takes.
    @inlinable public var longestRecord: Int { Int(mask &+ 1) / 2 &- ByteRing.frameBytes }

    /// Room for a record of up to `count` bytes, aligned to eight, for the producer to write in place; nil when it does not fit now, or is
    /// longer than `longestRecord`. Producer only.
    ///
    /// Nothing is in the queue until `commit`. A reservation that is not committed is given up by the next one.
    @inlinable public func reserve(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        guard count >= 0, count <= longestRecord else { return nil }
        let end = tail.load(ordering: .relaxed)
        let size = ByteRing.size(of: count)
        let untilWrap = (mask &+ 1) &- (end & mask)
        let place = size <= untilWrap ? end : end &+ untilWrap
        guard hasRoom(until: place &+ size) else { return nil }
        reservedPlace.store(place, ordering: .relaxed)
        reservedCount.store(count, ordering: .relaxed)
        // The mask keeps the frame inside the memory, `untilWrap` the record behind it, and the counters the consumer out of both.
        return unsafe UnsafeMutableRawBufferPointer(start: memory + (Int(bitPattern: place & mask) &+ ByteRing.frameBytes), count: count)
    }

    /// Hands over the first `count` bytes of what was reserved last. Producer only; once for each reservation.
    @inlinable public func commit(_ count: Int) {
        precondition(count >= 0 && count <= reservedCount.load(ordering: .relaxed), "more bytes committed than reserved")
        let end = tail.load(ordering: .relaxed)
        let place = reservedPlace.load(ordering: .relaxed)
        // Frames are whole: capacity, places and sizes are multiples of eight.
        if place != end { unsafe memory.storeBytes(of: ByteRing.skip, toByteOffset: Int(bitPattern: end & mask), as: UInt64.self) }
        unsafe memory.storeBytes(of: UInt64(count), toByteOffset: Int(bitPattern: place & mask), as: UInt64.self)
        reservedCount.store(-1, ordering: .relaxed)
        tail.store(place &+ ByteRing.size(of: count), ordering: .releasing)
    }

    /// The oldest record, in place: valid until `removeFirst`. Nil when there is none. Consumer only.
    @inlinable public func first() -> UnsafeRawBufferPointer? {
        var place = head.load(ordering: .relaxed)
        // Acquires the producer's release: frame and record are complete.
        guard place != tail.load(ordering: .acquiring) else { return nil }
        var length = frame(at: place)
        if length == ByteRing.skip {
            place &+= (mask &+ 1) &- (place & mask)
            length = frame(at: place)
        }
        // `commit` wrote the length of a record that lies in one piece behind its frame.
        return unsafe UnsafeRawBufferPointer(
            start: memory + (Int(bitPattern: place & mask) &+ ByteRing.frameBytes), count: Int(truncatingIfNeeded: length))
    }

    /// Gives the oldest record's room back. Does nothing when there is none. Consumer only.
    @inlinable public func removeFirst() {
        guard let record = unsafe first() else { return }
        let place = head.load(ordering: .relaxed)
        let start = frame(at: place) == ByteRing.skip ? place &+ ((mask &+ 1) &- (place & mask)) : place
        // Releases: the consumer's reading of the record is over before the producer writes there.
        head.store(start &+ ByteRing.size(of: record.count), ordering: .releasing)
    }

    /// Bytes of a record with its frame, rounded up so that the next frame is aligned.
    @inlinable static func size(of count: Int) -> UInt { UInt((count &+ frameBytes &+ 7) & ~7) }

    /// Whether the consumer has read far enough for the memory to hold everything up to `end`.
    @inlinable func hasRoom(until end: UInt) -> Bool {
        if end &- seenHead.load(ordering: .relaxed) <= mask &+ 1 { return true }
        // Acquires the consumer's release: its reading of that memory is over before we write there.
        let current = head.load(ordering: .acquiring)
        seenHead.store(current, ordering: .relaxed)
        return end &- current <= mask &+ 1
    }

    @inlinable func frame(at place: UInt) -> UInt64 {
        // The consumer reads only frames that `commit` wrote, at multiples of eight inside the memory.
        unsafe memory.load(fromByteOffset: Int(bitPattern: place & mask), as: UInt64.self)
    }
}

// The two threads meet only in the atomic counters; memory belongs to the producer until `tail` passes it and to the consumer until `head`
// does.
extension ByteRing: @unchecked Sendable {}
