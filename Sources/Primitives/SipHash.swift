/// SipHash-2-4 with a 64-bit or a 128-bit result: a keyed hash that is short, fast and safe against forgers.
///
/// Written after Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012) and the 128-bit variant of their reference
/// implementation. Frozen: prediction ids and unit hashes outlive the process that made them.
public enum SipHash {
    /// A secret of 128 bits, as the two little-endian words of its sixteen bytes.
    @frozen public struct Key: Sendable {
        public var low: UInt64
        public var high: UInt64

        @inlinable public init(low: UInt64, high: UInt64) {
            self.low = low
            self.high = high
        }

        /// The key whose sixteen bytes these are; nil for another length.
        @inlinable public init?(bytes: RawSpan) {
            guard bytes.byteCount == 16 else { return nil }
            self.init(low: bytes.word(at: 0), high: bytes.word(at: 8))
        }
    }

    /// A 128-bit result, as the two little-endian words of its sixteen bytes.
    @frozen public struct Tag: Sendable {
        public var low: UInt64
        public var high: UInt64

        @inlinable public init(low: UInt64, high: UInt64) {
            self.low = low
            self.high = high
        }

        /// Compares in a time that does not depend on where the tags differ, so that nobody finds a tag byte by byte.
        @inlinable public func isSame(as other: Tag) -> Bool {
            (low ^ other.low) | (high ^ other.high) == 0
        }
    }

    /// SipHash-2-4 of the bytes, 64 bits.
    @inlinable public static func hash64(_ bytes: RawSpan, key: Key) -> UInt64 {
        var state = State(key: key)
        state.absorb(bytes)
        return state.finish64()
    }

    /// SipHash-2-4 of the bytes, 128 bits.
    @inlinable public static func hash128(_ bytes: RawSpan, key: Key) -> Tag {
        var state = State(key: key, wide: true)
        state.absorb(bytes)
        return state.finish128()
    }

    /// The four words that the rounds stir. All is inlined, so that they stay in registers: as calls the rounds cost twice as much.
    @frozen @usableFromInline struct State {
        @usableFromInline var v0: UInt64
        @usableFromInline var v1: UInt64
        @usableFromInline var v2: UInt64
        @usableFromInline var v3: UInt64

        @inlinable @inline(__always) init(key: Key, wide: Bool = false) {
            v0 = key.low ^ 0x736F_6D65_7073_6575
            v1 = key.high ^ 0x646F_7261_6E64_6F6D ^ (wide ? 0xEE : 0)
            v2 = key.low ^ 0x6C79_6765_6E65_7261
            v3 = key.high ^ 0x7465_6462_7974_6573
        }

        /// Takes a whole message, its length included.
        @inlinable @inline(__always) mutating func absorb(_ bytes: RawSpan) {
            var offset = 0
            while offset &+ 8 <= bytes.byteCount {
                absorb(bytes.word(at: offset))
                offset &+= 8
            }
            absorbLast(bytes.lastPartialWord, messageCount: bytes.byteCount)
        }

        @inlinable @inline(__always) mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        /// Takes what is left after the whole words, with the low byte of the message's length on top.
        @inlinable @inline(__always) mutating func absorbLast(_ partial: UInt64, messageCount: Int) {
            absorb(partial | UInt64(truncatingIfNeeded: messageCount) &<< 56)
        }

        @inlinable @inline(__always) mutating func finish64() -> UInt64 {
            v2 ^= 0xFF
            return fourRounds()
        }

        @inlinable @inline(__always) mutating func finish128() -> Tag {
            v2 ^= 0xEE
            let low = fourRounds()
            v1 ^= 0xDD
            return Tag(low: low, high: fourRounds())
        }

        @inlinable @inline(__always) mutating func fourRounds() -> UInt64 {
            round()
            round()
            round()
            round()
            return v0 ^ v1 ^ v2 ^ v3
        }

        @inlinable @inline(__always) mutating func round() {
            v0 &+= v1
            v1 = State.rotate(v1, 13) ^ v0
            v0 = State.rotate(v0, 32)
            v2 &+= v3
            v3 = State.rotate(v3, 16) ^ v2
            v0 &+= v3
            v3 = State.rotate(v3, 21) ^ v0
            v2 &+= v1
            v1 = State.rotate(v1, 17) ^ v2
            v2 = State.rotate(v2, 32)
        }

        @inlinable @inline(__always) static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
            word &<< bits | word &>> (64 &- bits)
        }
    }
}
