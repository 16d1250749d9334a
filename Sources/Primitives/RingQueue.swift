public import Synchronization

/// A bounded queue from one thread to one other, without locks: a reactor hands over log records and never waits.
///
/// Lives at one address, behind a pointer or in a global, because both threads use it in place. Exactly one thread calls `push` and exactly
/// one calls `pop`. What does not fit is refused; the producer counts its drops. Elements are plain bytes, copied in and out.
@safe public struct RingQueue<Element: BitwiseCopyable>: ~Copyable {
    /// Where the next element is written; counts up for ever. Only the producer stores it.
    @usableFromInline let tail = Atomic<UInt>(0)
    /// Keeps the two counters on different cache lines, so that the threads do not take the line from each other.
    @usableFromInline let gap = InlineArray<15, UInt64>(repeating: 0)
    /// Where the next element is read; counts up for ever. Only the consumer stores it.
    @usableFromInline let head = Atomic<UInt>(0)
    @usableFromInline let mask: UInt
    @usableFromInline let slots: UnsafeMutablePointer<Element>

    /// A queue that holds at least `capacity` elements: the next power of two.
    public init(capacity: Int) {
        precondition(capacity > 0 && capacity <= 1 << 30, "a ring queue holds 1 to 2^30 elements")
        let count = capacity == 1 ? 1 : 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
        mask = UInt(count - 1)
        // Owned by this value until its end; every slot is written before it is read.
        unsafe slots = .allocate(capacity: count)
    }

    deinit {
        // Elements are plain bytes: nothing to take apart.
        unsafe slots.deallocate()
    }

    /// Elements that fit.
    public var capacity: Int { Int(mask) + 1 }

    /// Appends an element. Producer only.
    ///
    /// - Returns: false when the queue is full; the element is then not taken.
    @inlinable public func push(_ element: Element) -> Bool {
        let place = tail.load(ordering: .relaxed)
        // Acquires the consumer's release: its reading of the slot is over before we write there.
        guard place &- head.load(ordering: .acquiring) <= mask else { return false }
        // The mask keeps the index inside the slots, and the counters keep the consumer out of this one.
        unsafe (slots + Int(bitPattern: place & mask)).initialize(to: element)
        tail.store(place &+ 1, ordering: .releasing)
        return true
    }

    /// Takes the oldest element; nil when there is none. Consumer only.
    @inlinable public func pop() -> Element? {
        let place = head.load(ordering: .relaxed)
        // Acquires the producer's release: the element is complete.
        guard place != tail.load(ordering: .acquiring) else { return nil }
        // The mask keeps the index inside the slots, and the counters keep the producer out of this one.
        let element = unsafe slots[Int(bitPattern: place & mask)]
        head.store(place &+ 1, ordering: .releasing)
        return element
    }
}

// The two threads meet only in the atomic counters; a slot belongs to the producer until `tail` passes it and to the consumer
// until `head` does.
extension RingQueue: @unchecked Sendable where Element: Sendable {}
