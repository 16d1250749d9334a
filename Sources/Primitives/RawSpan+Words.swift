/// Little-endian words out of bytes at any alignment, the unit in which XXH64 and SipHash read their input.
extension RawSpan {
    /// The eight bytes at `offset` as one word; traps beyond the end.
    @inlinable public func word(at offset: Int) -> UInt64 {
        // Any eight bytes are a UInt64, and the load checks the bounds.
        unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The eight bytes at `offset` as one word, for loops whose condition is the bounds check already.
    @unsafe @inlinable @inline(__always) func word(uncheckedAt offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The byte at `offset`; traps beyond the end.
    @inlinable public func byte(at offset: Int) -> UInt8 {
        // Any byte is a UInt8, and the load checks the bounds.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The last `byteCount % 8` bytes as the low end of a word, zeros above: what is left after all the whole words.
    @inlinable @inline(__always) public var lastPartialWord: UInt64 {
        let count = byteCount & 7
        if count == 0 { return 0 }
        // With a whole word to read, one load that ends at the end is cheaper than gathering bytes.
        if byteCount >= 8 { return unsafe word(uncheckedAt: byteCount &- 8) &>> UInt64(64 &- 8 &* count) }
        var gathered: UInt64 = 0
        for offset in 0..<count { gathered |= UInt64(byte(at: offset)) &<< UInt64(8 &* offset) }
        return gathered
    }

    /// Whether both spans hold the same bytes. Takes time that depends on the content: not for secrets.
    @inlinable public func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        var offset = 0
        while offset &+ 8 <= byteCount {
            guard word(at: offset) == other.word(at: offset) else { return false }
            offset &+= 8
        }
        return lastPartialWord == other.lastPartialWord
    }
}
