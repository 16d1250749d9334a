/// XXH64, a fast hash that is not meant to withstand an attacker: assignment, name hashes, lookup tables.
///
/// A hasher takes its message in any number of parts, without joining them and without allocating, and can be copied half way:
/// a table keeps one hasher per known prefix and finishes a copy per request. The bytes fill words in registers; four words
/// are a stripe. Format: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. Frozen: assignments depend on it.
@frozen public struct XXH64: Sendable {
    @usableFromInline var first: UInt64
    @usableFromInline var second: UInt64
    @usableFromInline var third: UInt64
    @usableFromInline var fourth: UInt64
    /// The words of the stripe that is not full yet.
    @usableFromInline var pending: (UInt64, UInt64, UInt64) = (0, 0, 0)
    /// The bytes of the word that is not full yet, low end first, zeros above.
    @usableFromInline var partial: UInt64 = 0
    /// Bytes taken so far.
    @usableFromInline var count: UInt64 = 0

    @inlinable public init(seed: UInt64 = 0) {
        first = seed &+ Prime.first &+ Prime.second
        second = seed &+ Prime.second
        third = seed
        fourth = seed &- Prime.first
    }

    /// The hash of one message.
    @inlinable public static func hash(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        var hasher = XXH64(seed: seed)
        hasher.append(bytes)
        return hasher.value
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
        var hash = (count < 32 ? third &+ Prime.fifth : mergedLanes) &+ count
        let words = (count &>> 3) & 3
        if words > 0 { hash = XXH64.mix(hash, word: pending.0) }
        if words > 1 { hash = XXH64.mix(hash, word: pending.1) }
        if words > 2 { hash = XXH64.mix(hash, word: pending.2) }
        var rest = partial
        if count & 4 != 0 {
            hash = XXH64.rotate(hash ^ (rest & 0xFFFF_FFFF) &* Prime.first, 23) &* Prime.second &+ Prime.third
            rest &>>= 32
        }
        for _ in 0..<(count & 3) {
            hash = XXH64.rotate(hash ^ (rest & 0xFF) &* Prime.fifth, 11) &* Prime.first
            rest &>>= 8
        }
        return XXH64.avalanche(hash)
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
        default:
            first = XXH64.round(first, pending.0)
            second = XXH64.round(second, pending.1)
            third = XXH64.round(third, pending.2)
            fourth = XXH64.round(fourth, word)
        }
    }

    @inlinable var mergedLanes: UInt64 {
        var hash = XXH64.rotate(first, 1) &+ XXH64.rotate(second, 7) &+ XXH64.rotate(third, 12) &+ XXH64.rotate(fourth, 18)
        hash = XXH64.merge(hash, lane: first)
        hash = XXH64.merge(hash, lane: second)
        hash = XXH64.merge(hash, lane: third)
        return XXH64.merge(hash, lane: fourth)
    }
}

/// The steps of the specification, under its names.
extension XXH64 {
    @usableFromInline enum Prime {
        @inlinable static var first: UInt64 { 0x9E37_79B1_85EB_CA87 }
        @inlinable static var second: UInt64 { 0xC2B2_AE3D_27D4_EB4F }
        @inlinable static var third: UInt64 { 0x1656_67B1_9E37_79F9 }
        @inlinable static var fourth: UInt64 { 0x85EB_CA77_C2B2_AE63 }
        @inlinable static var fifth: UInt64 { 0x27D4_EB2F_1656_67C5 }
    }

    @inlinable static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word &<< bits | word &>> (64 &- bits)
    }

    @inlinable static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* Prime.second, 31) &* Prime.first
    }

    @inlinable static func merge(_ hash: UInt64, lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* Prime.first &+ Prime.fourth
    }

    @inlinable static func mix(_ hash: UInt64, word: UInt64) -> UInt64 {
        rotate(hash ^ round(0, word), 27) &* Prime.first &+ Prime.fourth
    }

    @inlinable static func avalanche(_ hash: UInt64) -> UInt64 {
        var hash = (hash ^ hash &>> 33) &* Prime.second
        hash = (hash ^ hash &>> 29) &* Prime.third
        return hash ^ hash &>> 32
    }
}
