/// The name of one prediction: everything that is needed to credit an outcome to it later, signed so that nobody can make one up.
///
/// Its text is 88 characters of Base64URL, the form of 66 bytes. All numbers are little-endian:
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 1 | format version, 1 |
/// | 1 | 1 | id of the key that signs |
/// | 2 | 4 | route, ``NameHash`` |
/// | 6 | 4 | assigned variant, ``NameHash`` |
/// | 10 | 4 | served variant, ``NameHash`` |
/// | 14 | 4 | revision of the split |
/// | 18 | 1 | ``ServedReason`` |
/// | 19 | 1 | ``Flags`` |
/// | 20 | 2 | index of the answered label, 0xFFFF for none |
/// | 22 | 6 | time of the answer, milliseconds since 1970 UTC |
/// | 28 | 8 | unit, SipHash-2-4-64 under a key that never rotates |
/// | 36 | 8 | nonce of the worker's start |
/// | 44 | 1 | reactor |
/// | 45 | 5 | sequence on that reactor |
/// | 50 | 16 | SipHash-2-4-128 of the fifty bytes before, under the key that signs |
@frozen public struct PredictionID: Hashable, Sendable {
    /// Bytes of the binary form.
    @inlinable public static var byteCount: Int { 66 }
    /// Characters of the text.
    @inlinable public static var textCount: Int { 88 }
    /// The format that this code writes and reads.
    @inlinable public static var version: UInt8 { 1 }
    /// The label index that says "no label": a regression, or an answer that failed.
    @inlinable public static var noLabel: UInt16 { 0xFFFF }

    /// Facts that are either so or not.
    @frozen public struct Flags: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8

        @inlinable public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The request named no unit: the prediction was its own.
        @inlinable public static var ownUnit: Flags { Flags(rawValue: 1) }
        /// Its exposure is in no sum, so neither are its outcomes.
        @inlinable public static var uncounted: Flags { Flags(rawValue: 2) }

        /// The last three bits of the number of the declaration of outcomes that it was made under.
        @inlinable public static func declaration(_ number: UInt32) -> Flags {
            Flags(rawValue: UInt8(truncatingIfNeeded: number & 7) &<< 2)
        }

        /// The number's last three bits.
        @inlinable public var declarationBits: UInt32 { UInt32(rawValue &>> 2 & 7) }
    }

    public var route: NameHash
    public var assigned: NameHash
    public var served: NameHash
    public var revision: UInt32
    public var reason: ServedReason
    public var flags: Flags
    public var label: UInt16
    /// Milliseconds since 1970 UTC; 48 bits are kept, enough until the year 10889.
    public var time: UInt64
    public var unit: UInt64
    public var nonce: UInt64
    public var reactor: UInt8
    /// 40 bits are kept: at a million a second on one reactor, twelve days of one worker's life.
    public var sequence: UInt64

    @inlinable public init(
        route: NameHash, assigned: NameHash, served: NameHash, revision: UInt32, reason: ServedReason, flags: Flags = [],
        label: UInt16 = PredictionID.noLabel, time: UInt64, unit: UInt64, nonce: UInt64, reactor: UInt8, sequence: UInt64
    ) {
        self.route = route
        self.assigned = assigned
        self.served = served
        self.revision = revision
        self.reason = reason
        self.flags = flags
        self.label = label
        self.time = time
        self.unit = unit
        self.nonce = nonce
        self.reactor = reactor
        self.sequence = sequence
    }

    /// Signs the id and writes its 88 characters to the front of `text`, which has room for them.
    @inlinable public func encode(into text: inout MutableRawSpan, signedBy key: PredictionKey) {
        precondition(text.byteCount >= PredictionID.textCount, "the text has no room for a prediction id")
        let body = Body(of: self, key: key.id)
        let tag = body.tag(under: key.secret)
        // Three words are 24 bytes, 32 characters. The last three hold only 18 bytes; the eight characters beyond the end are left out.
        PredictionID.write(body.word0, body.word1, body.word2, to: &text, at: 0)
        PredictionID.write(body.word3, body.word4, body.word5, to: &text, at: 32)
        PredictionID.write(
            body.word6 | tag.low &<< 16, tag.low &>> 48 | tag.high &<< 16, tag.high &>> 48, to: &text, at: 64, isLast: true)
    }

    /// Writes the bytes of three little-endian words as characters.
    @inlinable @inline(__always) static func write(
        _ word0: UInt64, _ word1: UInt64, _ word2: UInt64, to text: inout MutableRawSpan, at offset: Int, isLast: Bool = false
    ) {
        let (high, middle, low) = (word0.bigEndian, word1.bigEndian, word2.bigEndian)
        let front = Base64URL.characters(of: SIMD2(high &>> 16, (high &<< 32 | middle &>> 32) & 0xFFFF_FFFF_FFFF))
        let back = Base64URL.characters(of: SIMD2((middle &<< 16 | low &>> 48) & 0xFFFF_FFFF_FFFF, low & 0xFFFF_FFFF_FFFF))
        // `encode` checked the room for all 88 characters once.
        unsafe text.storeBytes(of: front, toUncheckedByteOffset: offset, as: SIMD2<UInt64>.self)
        if isLast {
            unsafe text.storeBytes(of: back[0], toUncheckedByteOffset: offset &+ 16, as: UInt64.self)
        } else {
            unsafe text.storeBytes(of: back, toUncheckedByteOffset: offset &+ 16, as: SIMD2<UInt64>.self)
        }
    }
}
