public import Synchronization

/// One number that every reactor reads and changes in place.
public typealias SharedWord = Atomic<UInt64>

/// The words behind one limit, on cache lines of their own: reactors that share a limit take its line from each other, and nobody else's.
///
/// A limit outlives the plan that declares it: control keeps the words by the name of what they limit and hands them to each plan anew, so
/// that a change of anything else forgets nothing. All bits start at zero, which every gate understands as "nothing has happened yet".
@safe package final class SharedWords: @unchecked Sendable {
    // Sendable: the words are reached only by atomics, and the address never changes.
    let words: UnsafeMutablePointer<SharedWord>

    /// Words that one cache line of the machines at hand holds.
    private static let wordsPerLine = 8

    /// - Parameter count: words needed, at least one.
    package init(count: Int = 1) {
        precondition(count > 0, "a limit needs a word")
        let lines = (count + Self.wordsPerLine - 1) / Self.wordsPerLine
        let bytes = lines * Self.wordsPerLine * MemoryLayout<SharedWord>.stride
        // Owned by this object until its end, and initialized here as a whole.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        unsafe words = memory.bindMemory(to: SharedWord.self, capacity: lines * Self.wordsPerLine)
        for index in 0..<lines * Self.wordsPerLine { unsafe (words + index).initialize(to: SharedWord(0)) }
    }

    deinit {
        // Plain words: nothing to take apart.
        unsafe words.deallocate()
    }
}
