/// The steps of the specification, under its names. They are short and always inlined: as calls they cost more than they do.
extension XXH64 {
    /// The four accumulators, each fed by one word of every 32-byte stripe.
    @frozen @usableFromInline struct Lanes: Sendable {
        @usableFromInline var first, second, third, fourth: UInt64

        @inlinable init(seed: UInt64) {
            first = seed &+ Prime.first &+ Prime.second
            second = seed &+ Prime.second
            third = seed
            fourth = seed &- Prime.first
        }

        /// Takes a whole stripe.
        @inlinable @inline(__always) mutating func absorb(_ word1: UInt64, _ word2: UInt64, _ word3: UInt64, _ word4: UInt64) {
            first = XXH64.round(first, word1)
            second = XXH64.round(second, word2)
            third = XXH64.round(third, word3)
            fourth = XXH64.round(fourth, word4)
        }

        /// What the words after the last whole stripe are mixed into. The third lane of a message without a whole stripe is still the seed.
        @inlinable @inline(__always) func beginning(messageCount: UInt64) -> UInt64 {
            (messageCount < 32 ? third &+ Prime.fifth : merged) &+ messageCount
        }

        /// The hash of a message whose whole stripes before `rest` are in these lanes.
        @inlinable @inline(__always) func finish(_ rest: RawSpan, messageCount: Int) -> UInt64 {
            var lanes = self
            var offset = 0
            while offset &+ 32 <= rest.byteCount {
                // Each loop's condition is the bounds check.
                unsafe lanes.absorb(
                    rest.word(uncheckedAt: offset), rest.word(uncheckedAt: offset &+ 8),
                    rest.word(uncheckedAt: offset &+ 16), rest.word(uncheckedAt: offset &+ 24))
                offset &+= 32
            }
            let messageCount = UInt64(truncatingIfNeeded: messageCount)
            var hash = lanes.beginning(messageCount: messageCount)
            while offset &+ 8 <= rest.byteCount {
                hash = unsafe XXH64.mix(hash, word: rest.word(uncheckedAt: offset))
                offset &+= 8
            }
            return XXH64.finish(hash, partial: rest.lastPartialWord, messageCount: messageCount)
        }

        @inlinable @inline(__always) var merged: UInt64 {
            var hash = XXH64.rotate(first, 1) &+ XXH64.rotate(second, 7) &+ XXH64.rotate(third, 12) &+ XXH64.rotate(fourth, 18)
            hash = XXH64.merge(hash, lane: first)
            hash = XXH64.merge(hash, lane: second)
            hash = XXH64.merge(hash, lane: third)
            return XXH64.merge(hash, lane: fourth)
        }
    }

    /// Mixes in the bytes after the last whole word, and stirs.
    @inlinable @inline(__always) static func finish(_ hash: UInt64, partial: UInt64, messageCount: UInt64) -> UInt64 {
        var hash = hash
        var rest = partial
        if messageCount & 4 != 0 {
            hash = rotate(hash ^ (rest & 0xFFFF_FFFF) &* Prime.first, 23) &* Prime.second &+ Prime.third
            rest &>>= 32
        }
        for _ in 0..<(messageCount & 3) {
            hash = rotate(hash ^ (rest & 0xFF) &* Prime.fifth, 11) &* Prime.first
            rest &>>= 8
        }
        hash = (hash ^ hash &>> 33) &* Prime.second
        hash = (hash ^ hash &>> 29) &* Prime.third
        return hash ^ hash &>> 32
    }

    @inlinable @inline(__always) static func mix(_ hash: UInt64, word: UInt64) -> UInt64 {
        rotate(hash ^ round(0, word), 27) &* Prime.first &+ Prime.fourth
    }

    @inlinable @inline(__always) static func merge(_ hash: UInt64, lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* Prime.first &+ Prime.fourth
    }

    @inlinable @inline(__always) static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* Prime.second, 31) &* Prime.first
    }

    @inlinable @inline(__always) static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word &<< bits | word &>> (64 &- bits)
    }

    @usableFromInline enum Prime {
        @inlinable @inline(__always) static var first: UInt64 { 0x9E37_79B1_85EB_CA87 }
        @inlinable @inline(__always) static var second: UInt64 { 0xC2B2_AE3D_27D4_EB4F }
        @inlinable @inline(__always) static var third: UInt64 { 0x1656_67B1_9E37_79F9 }
        @inlinable @inline(__always) static var fourth: UInt64 { 0x85EB_CA77_C2B2_AE63 }
        @inlinable @inline(__always) static var fifth: UInt64 { 0x27D4_EB2F_1656_67C5 }
    }
}
