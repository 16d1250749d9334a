public import Synchronization

/// A bounded queue between any number of threads, without locks: producers and consumers meet in one atomic word a place.
///
/// Each place carries a turn number that says whose turn it is there: to be written in round r, then to be read in round r. A thread claims a
/// place by moving the head or the tail over it, works there alone, and hands it on by storing the next turn.
/// Algorithm: D. Vyukov, "Bounded MPMC queue", 1024cores.net.
///
/// Lives at one address, behind a pointer or in a class, because all threads use it in place. Elements are plain bytes, copied in and out.
/// They come out in the order in which their places were claimed. A thread that is stopped between claiming and handing on makes `pop` say
/// "empty" to the others although later elements are complete: whoever knows that there is one tries again.
@safe public struct SharedQueue<Element: BitwiseCopyable>: ~Copyable {
    /// The next place to be written; counts up for ever.
    @usableFromInline let tail = Atomic<UInt>(0)
    /// Keeps the two counters on different cache lines: producers and consumers shall not take the line from each other.
    @usableFromInline let gap = InlineArray<15, UInt64>(repeating: 0)
    /// The next place to be read; counts up for ever.
    @usableFromInline let head = Atomic<UInt>(0)
    @usableFromInline let mask: UInt
    /// `n`: place n is free for element n. `n + 1`: it holds element n. `n + capacity`: free for the next round.
    @usableFromInline let turns: UnsafeMutablePointer<Atomic<UInt>>
    @usableFromInline let elements: UnsafeMutablePointer<Element>

    /// A queue that holds at least `capacity` elements: the next power of two, two at least.
    public init(capacity: Int) {
        precondition(capacity > 0 && capacity <= 1 << 30, "a shared queue holds 1 to 2^30 elements")
        // With one place, "holds element n" and "free for element n + 1" would be the same number.
        let count = capacity <= 2 ? 2 : 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
        mask = UInt(count - 1)
        // Both owned by this value until its end; an element is written before it is read.
        unsafe turns = .allocate(capacity: count)
        unsafe elements = .allocate(capacity: count)
        for place in 0..<count { unsafe (turns + place).initialize(to: Atomic(UInt(place))) }
    }

    deinit {
        // Elements are plain bytes: nothing to take apart.
        unsafe turns.deinitialize(count: Int(mask) + 1)
        unsafe turns.deallocate()
        unsafe elements.deallocate()
    }

    /// Elements that fit.
    public var capacity: Int { Int(mask) + 1 }

    /// Appends an element. Any thread.
    ///
    /// - Returns: false when the queue is full; the element is then not taken.
    @inlinable public func push(_ element: Element) -> Bool {
        var place = tail.load(ordering: .relaxed)
        while true {
            let index = Int(bitPattern: place & mask)
            // Acquires the last reader's release: its reading of the place is over before we write there. The mask keeps the index inside.
            let turn = unsafe turns[index].load(ordering: .acquiring)
            let ahead = Int(bitPattern: turn &- place)
            if ahead == 0 {
                let (isOurs, now) = tail.weakCompareExchange(expected: place, desired: place &+ 1, ordering: .relaxed)
                if isOurs {
                    // The place is ours until we hand it on.
                    unsafe (elements + index).initialize(to: element)
                    unsafe turns[index].store(place &+ 1, ordering: .releasing)
                    return true
                }
                place = now
            } else if ahead < 0 {
                return false
            } else {
                place = tail.load(ordering: .relaxed)
            }
        }
    }

    /// Takes the oldest element; nil when there is none. Any thread.
    @inlinable public func pop() -> Element? {
        var place = head.load(ordering: .relaxed)
        while true {
            let index = Int(bitPattern: place & mask)
            // Acquires the writer's release: the element is complete. The mask keeps the index inside.
            let turn = unsafe turns[index].load(ordering: .acquiring)
            let ahead = Int(bitPattern: turn &- (place &+ 1))
            if ahead == 0 {
                let (isOurs, now) = head.weakCompareExchange(expected: place, desired: place &+ 1, ordering: .relaxed)
                if isOurs {
                    // The place is ours until we hand it on.
                    let element = unsafe elements[index]
                    unsafe turns[index].store(place &+ mask &+ 1, ordering: .releasing)
                    return element
                }
                place = now
            } else if ahead < 0 {
                return nil
            } else {
                place = head.load(ordering: .relaxed)
            }
        }
    }
}

// The threads meet only in the atomic words; an element belongs to the thread that claimed its place until that thread hands the place on.
extension SharedQueue: @unchecked Sendable where Element: Sendable {}
