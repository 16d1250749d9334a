/// The beginning of a head whose rest has not come yet: owned memory, of at most one head's size, given back as soon as the head is whole.
struct PartialHead: ~Copyable {
    private(set) var bytes: UnsafeMutablePointer<UInt8>?
    private(set) var count = 0
    /// Whether the request line is complete.
    private(set) var hasLine = false
    private var capacity = 0

    /// Most heads fit.
    private static var firstCapacity: Int { 1_024 }

    deinit { bytes?.deallocate() }

    /// Adds bytes; grows by doubling. Returns whether a line feed was among them: without one no line was completed, and nothing new can
    /// be said about the head.
    mutating func append(_ more: UnsafePointer<UInt8>, _ moreCount: Int, limit: Int) -> Bool {
        assert(count + moreCount <= limit)
        let memory = reserve(count + moreCount, limit: limit)
        (memory + count).update(from: more, count: moreCount)
        count += moreCount
        let completesLine = ByteScan.lineFeed(more, from: 0, to: moreCount) != nil
        hasLine = hasLine || completesLine
        return completesLine
    }

    /// Gives the memory back.
    mutating func clear() {
        bytes?.deallocate()
        bytes = nil
        count = 0
        capacity = 0
        hasLine = false
    }

    private mutating func reserve(_ needed: Int, limit: Int) -> UnsafeMutablePointer<UInt8> {
        if let bytes, needed <= capacity { return bytes }
        var larger = max(capacity, Self.firstCapacity)
        while larger < needed { larger *= 2 }
        larger = max(min(larger, limit), needed)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        if let bytes {
            memory.update(from: bytes, count: count)
            bytes.deallocate()
        }
        bytes = memory
        capacity = larger
        return memory
    }
}
