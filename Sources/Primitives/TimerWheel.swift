/// Deadlines in O(1): a hierarchical wheel over timers that are numbers of the caller's.
///
/// The caller owns slots 0..<capacity, such as connections; each has at most one deadline here. Eight levels of 64 buckets cover
/// the whole clock: level *n* tells timers apart whose tick has the same digits (base 64) above *n* as now. A bucket is a
/// doubly linked list threaded through one array, so arming, moving and cancelling touch a few words and allocate nothing.
/// A timer moves down at most seven times in its life. For one thread.
/// After Varghese and Lauck, "Hashed and hierarchical timing wheels" (1987).
///
/// A tick is 2^20 ns, about 1.05 ms: a shift instead of a division. A timer never fires early and at most one tick late, plus the
/// lateness of the caller.
@safe public struct TimerWheel: ~Copyable {
    static let tickShift: UInt64 = 20
    private static let levelCount = 8
    private static let digitBits: UInt64 = 6
    private static let bucketsPerLevel = 64
    /// The bucket of timers whose tick has come and that `expire` has not handed out yet.
    private static let due = levelCount * bucketsPerLevel
    private static let bucketCount = due + 1

    private struct Node {
        /// The tick at which the timer fires.
        var tick: UInt64 = 0
        var next: UInt32 = none
        var previous: UInt32 = none
        /// The bucket whose list the timer is in; `none` when it is not armed.
        var bucket: UInt32 = none
    }

    /// No slot, no bucket.
    private static let none = UInt32.max

    private let nodes: UnsafeMutablePointer<Node>
    /// The first timer of each bucket.
    private let heads: UnsafeMutablePointer<UInt32>
    /// For each level, a bit for each bucket that is not empty.
    private var occupied = InlineArray<8, UInt64>(repeating: 0)
    /// The tick up to which all is done. Every armed timer that is not due yet has a later one.
    private var current: UInt64

    /// Slots 0..<capacity.
    public let capacity: Int
    /// Armed timers, due ones included.
    public private(set) var count = 0

    /// An empty wheel for that many slots, 24 bytes each.
    public init(capacity: Int, now: Instant) {
        precondition(capacity > 0 && capacity < Int(UInt32.max), "a timer wheel has 1 to 2^32 - 2 slots")
        self.capacity = capacity
        current = now.nanoseconds >> TimerWheel.tickShift
        // Both are owned by this value until its end, and initialized here as a whole.
        unsafe nodes = .allocate(capacity: capacity)
        unsafe nodes.initialize(repeating: Node(), count: capacity)
        unsafe heads = .allocate(capacity: TimerWheel.bucketCount)
        unsafe heads.initialize(repeating: TimerWheel.none, count: TimerWheel.bucketCount)
    }

    deinit {
        // Plain words: nothing to take apart.
        unsafe nodes.deallocate()
        unsafe heads.deallocate()
    }

    /// Whether the slot has a deadline ahead, or one that is due and not handed out.
    public func isArmed(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < capacity, "no such timer slot")
        // Checked just above.
        return unsafe nodes[slot].bucket != TimerWheel.none
    }

    /// Gives the slot a deadline, in place of the one it may have. One that has passed already fires with the next tick, not in the
    /// `expire` loop under way: a caller that always arms again for "now" cannot spin.
    public mutating func arm(_ slot: Int, at deadline: Instant) {
        cancel(slot)
        let whole = deadline.nanoseconds >> TimerWheel.tickShift
        let roundedUp = whole << TimerWheel.tickShift == deadline.nanoseconds ? whole : whole + 1
        // `cancel` checked the slot.
        unsafe nodes[slot].tick = max(roundedUp, current + 1)
        link(UInt32(slot))
        count += 1
    }

    /// Takes the slot's deadline away; nothing happens when it has none.
    public mutating func cancel(_ slot: Int) {
        guard isArmed(slot) else { return }
        unlink(UInt32(slot))
        count -= 1
    }

    /// The instant at which the caller should call `expire` again; nil with nothing armed.
    ///
    /// Never later than the first deadline's tick, and sometimes earlier: then timers only move down a level.
    public var nextDeadline: Instant? {
        // `due` is a bucket.
        if unsafe heads[TimerWheel.due] != TimerWheel.none { return Instant(nanoseconds: current << TimerWheel.tickShift) }
        guard let first = firstBucket() else { return nil }
        let tick = startTick(of: first)
        let (nanoseconds, overflow) = tick.multipliedReportingOverflow(by: 1 << TimerWheel.tickShift)
        return Instant(nanoseconds: overflow ? .max : nanoseconds)
    }

    /// Hands out one slot whose deadline has passed and disarms it; nil when there is none left. Call until nil, in any order of slots.
    public mutating func expire(now: Instant) -> Int? {
        let nowTick = now.nanoseconds >> TimerWheel.tickShift
        while true {
            // `due` is a bucket.
            let slot = unsafe heads[TimerWheel.due]
            if slot != TimerWheel.none {
                cancel(Int(slot))
                return Int(slot)
            }
            guard let bucket = firstBucket(), startTick(of: bucket) <= nowTick else {
                current = max(current, nowTick)
                return nil
            }
            current = startTick(of: bucket)
            empty(bucket)
        }
    }

    /// Moves every timer of the bucket to where it belongs now that its first tick has come: down a level, or due.
    private mutating func empty(_ bucket: Int) {
        while true {
            // `firstBucket` gave it.
            let slot = unsafe heads[bucket]
            if slot == TimerWheel.none { return }
            unlink(slot)
            link(slot)
        }
    }

    /// The bucket with the earliest ticks: on the lowest level that has any, because higher levels begin after a lower one ends.
    private func firstBucket() -> Int? {
        for level in 0..<TimerWheel.levelCount where occupied[level] != 0 {
            return level * TimerWheel.bucketsPerLevel + occupied[level].trailingZeroBitCount
        }
        return nil
    }

    /// The first tick of a bucket: the digits of now above its level, its own digit, zeros below.
    private func startTick(of bucket: Int) -> UInt64 {
        let shift = UInt64(bucket / TimerWheel.bucketsPerLevel) * TimerWheel.digitBits
        let digit = UInt64(bucket % TimerWheel.bucketsPerLevel)
        let above = current >> (shift + TimerWheel.digitBits)
        return (above << TimerWheel.digitBits | digit) << shift
    }

    /// The level is that of the highest digit in which the tick differs from now.
    private func bucket(for tick: UInt64) -> Int {
        guard tick > current else { return TimerWheel.due }
        let highestBit = UInt64(63 - (tick ^ current).leadingZeroBitCount)
        let level = highestBit / TimerWheel.digitBits
        let digit = tick >> (level * TimerWheel.digitBits) & UInt64(TimerWheel.bucketsPerLevel - 1)
        return Int(level) * TimerWheel.bucketsPerLevel + Int(digit)
    }

    private mutating func link(_ slot: UInt32) {
        // The public verbs checked the slot; links hold only checked slots; `bucket(for:)` gives a bucket.
        let node = unsafe nodes + Int(slot)
        let bucket = unsafe bucket(for: node.pointee.tick)
        let head = unsafe heads[bucket]
        unsafe node.pointee.bucket = UInt32(bucket)
        unsafe node.pointee.previous = TimerWheel.none
        unsafe node.pointee.next = head
        if head != TimerWheel.none { unsafe nodes[Int(head)].previous = slot }
        unsafe heads[bucket] = slot
        if bucket != TimerWheel.due { occupied[bucket / TimerWheel.bucketsPerLevel] |= 1 << UInt64(bucket % TimerWheel.bucketsPerLevel) }
    }

    private mutating func unlink(_ slot: UInt32) {
        // As in `link`.
        let node = unsafe nodes[Int(slot)]
        let bucket = Int(node.bucket)
        if node.next != TimerWheel.none { unsafe nodes[Int(node.next)].previous = node.previous }
        if node.previous != TimerWheel.none {
            unsafe nodes[Int(node.previous)].next = node.next
        } else {
            unsafe heads[bucket] = node.next
            if node.next == TimerWheel.none && bucket != TimerWheel.due {
                occupied[bucket / TimerWheel.bucketsPerLevel] &= ~(1 << UInt64(bucket % TimerWheel.bucketsPerLevel))
            }
        }
        unsafe nodes[Int(slot)].bucket = TimerWheel.none
    }
}
