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
        PredictionID.write(body.word0, body.word1, body.word2, to: &text, at: 0)
        PredictionID.write(body.word3, body.word4, body.word5, to: &text, at: 32)
        let (last0, last1, last2) = (body.word6 | tag.low &<< 16, tag.low &>> 48 | tag.high &<< 16, tag.high &>> 48)
        PredictionID.writeLast(last0, last1, last2, to: &text)
    }

    /// Writes 24 bytes, held in three little-endian words, as 32 characters.
    @inlinable static func write(_ first: UInt64, _ second: UInt64, _ third: UInt64, to text: inout MutableRawSpan, at offset: Int) {
        let (high, middle, low) = (first.byteSwapped, second.byteSwapped, third.byteSwapped)
        store(high &>> 16, to: &text, at: offset)
        store((high &<< 32 | middle &>> 32) & 0xFFFF_FFFF_FFFF, to: &text, at: offset &+ 8)
        store((middle &<< 16 | low &>> 48) & 0xFFFF_FFFF_FFFF, to: &text, at: offset &+ 16)
        store(low & 0xFFFF_FFFF_FFFF, to: &text, at: offset &+ 24)
    }

    /// Writes the last 18 bytes, held in three little-endian words, as the last 24 characters.
    @inlinable static func writeLast(_ first: UInt64, _ second: UInt64, _ third: UInt64, to text: inout MutableRawSpan) {
        let (high, middle, low) = (first.byteSwapped, second.byteSwapped, third.byteSwapped)
        store(high &>> 16, to: &text, at: 64)
        store((high &<< 32 | middle &>> 32) & 0xFFFF_FFFF_FFFF, to: &text, at: 72)
        store((middle &<< 16 | low &>> 48) & 0xFFFF_FFFF_FFFF, to: &text, at: 80)
    }

    @inlinable static func store(_ group: UInt64, to text: inout MutableRawSpan, at offset: Int) {
        let characters = Base64URL.eightCharacters(of: group).littleEndian
        // `encode` checked the room for all 88 characters once.
        unsafe text.storeBytes(of: characters, toUncheckedByteOffset: offset, as: UInt64.self)
    }
}
