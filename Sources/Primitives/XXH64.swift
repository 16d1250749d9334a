/// XXH64, a fast hash that is not meant to withstand an attacker: assignment, name hashes, lookup tables.
///
/// `XXH64.hash` takes one message. A value of this type takes its message in any number of parts, without joining them and without
/// allocating. ``Prefix`` and ``Suffix`` are for tables that hash many beginnings with one end.
/// Format: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. Frozen: assignments depend on it.
@frozen public struct XXH64: Sendable {
    @usableFromInline var lanes: Lanes
    /// The words of the stripe that is not full yet.
    @usableFromInline var pending: (UInt64, UInt64, UInt64) = (0, 0, 0)
    /// The bytes of the word that is not full yet, low end first, zeros above.
    @usableFromInline var partial: UInt64 = 0
    /// Bytes taken so far.
    @usableFromInline var count: UInt64 = 0

    @inlinable public init(seed: UInt64 = 0) {
        lanes = Lanes(seed: seed)
    }

    /// The hash of one message.
    @inlinable public static func hash(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        Lanes(seed: seed).finish(bytes, messageCount: bytes.byteCount)
    }

    /// Takes the next bytes of the message.
    @inlinable public mutating func append(_ bytes: RawSpan) {
        let filled = count & 7
        var offset = 0
        while offset &+ 8 <= bytes.byteCount {
            let word = bytes.word(at: offset)
            emit(partial | word &<< (8 &* filled))
            // Smart shift: nothing is left over when the word began on a boundary.
            partial = word >> (64 &- 8 &* filled)
            count &+= 8
            offset &+= 8
        }
        appendLast(bytes.lastPartialWord, count: UInt64(truncatingIfNeeded: bytes.byteCount & 7))
    }

    /// Takes the next byte of the message.
    @inlinable public mutating func append(_ byte: UInt8) {
        appendLast(UInt64(byte), count: 1)
    }

    /// The hash of all bytes taken so far.
    @inlinable public var value: UInt64 {
        var hash = lanes.beginning(messageCount: count)
        let words = (count &>> 3) & 3
        if words > 0 { hash = XXH64.mix(hash, word: pending.0) }
        if words > 1 { hash = XXH64.mix(hash, word: pending.1) }
        if words > 2 { hash = XXH64.mix(hash, word: pending.2) }
        return XXH64.finish(hash, partial: partial, messageCount: count)
    }

    /// Takes fewer than eight bytes: the low end of `bytes`, zeros above.
    @inlinable mutating func appendLast(_ bytes: UInt64, count added: UInt64) {
        let filled = count & 7
        partial |= bytes &<< (8 &* filled)
        if filled &+ added >= 8 {
            emit(partial)
            partial = bytes >> (64 &- 8 &* filled)
        }
        count &+= added
    }

    /// Takes a whole word; every fourth one completes a stripe. `count` still says how many bytes came before it.
    @inlinable mutating func emit(_ word: UInt64) {
        switch (count &>> 3) & 3 {
        case 0: pending.0 = word
        case 1: pending.1 = word
        case 2: pending.2 = word
        default: lanes.absorb(pending.0, pending.1, pending.2, word)
        }
    }
}
