public import Synchronization

/// One counter: a 64-bit word that one thread writes and any thread reads.
public typealias Word = Atomic<UInt64>

extension UnsafeMutablePointer where Pointee == Word {
    /// Adds to a word of which the caller is the only writer: a plain add to memory (`add [m], r`), not a locked one.
    @inlinable @inline(__always) func add(_ amount: UInt64, at index: Int) {
        let word = unsafe self + index
        unsafe word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// The value of a word.
    @inlinable @inline(__always) func value(at index: Int) -> UInt64 {
        unsafe self[index].load(ordering: .relaxed)
    }

    /// Sets a word.
    @inlinable @inline(__always) func set(_ value: UInt64, at index: Int) {
        unsafe self[index].store(value, ordering: .relaxed)
    }
}
