extension PredictionID {
    /// The fifty signed bytes as little-endian words; the last holds two.
    ///
    /// Packing and unpacking stand side by side here, so that one table of shifts checks the other.
    @frozen @usableFromInline struct Body {
        @usableFromInline var word0, word1, word2, word3, word4, word5, word6: UInt64

        @inlinable static var byteCount: Int { 50 }

        /// Packs the fields.
        @inlinable @inline(__always) init(of id: PredictionID, key: UInt8) {
            word0 = UInt64(PredictionID.version) | UInt64(key) &<< 8 | UInt64(id.route.value) &<< 16 | UInt64(id.assigned.value) &<< 48
            word1 = UInt64(id.assigned.value) &>> 16 | UInt64(id.served.value) &<< 16 | UInt64(id.revision) &<< 48
            word2 =
                UInt64(id.revision) &>> 16 | UInt64(id.reason.rawValue) &<< 16 | UInt64(id.flags.rawValue) &<< 24
                | UInt64(id.label) &<< 32 | id.time &<< 48
            word3 = (id.time &>> 16) & 0xFFFF_FFFF | id.unit &<< 32
            word4 = id.unit &>> 32 | id.nonce &<< 32
            word5 = id.nonce &>> 32 | UInt64(id.reactor) &<< 32 | id.sequence &<< 40
            word6 = (id.sequence &>> 24) & 0xFFFF
        }

        /// Takes the words from the binary form.
        @usableFromInline init(bytes: RawSpan) {
            word0 = bytes.word(at: 0)
            word1 = bytes.word(at: 8)
            word2 = bytes.word(at: 16)
            word3 = bytes.word(at: 24)
            word4 = bytes.word(at: 32)
            word5 = bytes.word(at: 40)
            word6 = bytes.word(at: 48) & 0xFFFF
        }

        /// The signature.
        @inlinable @inline(__always) func tag(under secret: SipHash.Key) -> SipHash.Tag {
            var state = SipHash.State(key: secret, wide: true)
            state.absorb(word0)
            state.absorb(word1)
            state.absorb(word2)
            state.absorb(word3)
            state.absorb(word4)
            state.absorb(word5)
            state.absorbLast(word6, messageCount: Body.byteCount)
            return state.finish128()
        }

        @usableFromInline var version: UInt8 { UInt8(truncatingIfNeeded: word0) }
        @usableFromInline var key: UInt8 { UInt8(truncatingIfNeeded: word0 >> 8) }
        @usableFromInline var reason: UInt8 { UInt8(truncatingIfNeeded: word2 >> 16) }

        /// The fields, once `reason` turned out to be one.
        @usableFromInline func fields(reason: ServedReason) -> PredictionID {
            PredictionID(
                route: NameHash(value: UInt32(truncatingIfNeeded: word0 >> 16)),
                assigned: NameHash(value: UInt32(truncatingIfNeeded: word0 >> 48 | word1 << 16)),
                served: NameHash(value: UInt32(truncatingIfNeeded: word1 >> 16)),
                revision: UInt32(truncatingIfNeeded: word1 >> 48 | word2 << 16),
                reason: reason,
                flags: Flags(rawValue: UInt8(truncatingIfNeeded: word2 >> 24)),
                label: UInt16(truncatingIfNeeded: word2 >> 32),
                time: word2 >> 48 | (word3 & 0xFFFF_FFFF) << 16,
                unit: word3 >> 32 | word4 << 32,
                nonce: word4 >> 32 | word5 << 32,
                reactor: UInt8(truncatingIfNeeded: word5 >> 32),
                sequence: word5 >> 40 | word6 << 24)
        }
    }
}
