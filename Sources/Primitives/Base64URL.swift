/// Base64 with the alphabet that is safe in URLs and headers, without padding (RFC 4648 section 5).
public enum Base64URL {
    /// Why a text is not the Base64URL form of any bytes.
    public enum Fault: Error, Equatable {
        /// No number of bytes has a form of this many characters.
        case length(Int)
        /// A character outside `A-Z a-z 0-9 - _`, at this offset; padding counts as such.
        case alphabet(offset: Int)
        /// The last character has bits that no byte uses; a second text for the same bytes is refused.
        case looseBits
    }

    /// Characters that `count` bytes become.
    @inlinable public static func encodedCount(of count: Int) -> Int {
        (count * 8 + 5) / 6
    }

    /// Bytes that `count` characters hold; what is left of a byte does not count.
    @inlinable public static func decodedCount(of count: Int) -> Int {
        count * 6 / 8
    }

    /// Writes `bytes` to the front of `text`, which has room for `encodedCount(of:)` characters, and returns how many it wrote.
    @discardableResult
    public static func encode(_ bytes: RawSpan, into text: inout MutableRawSpan) -> Int {
        let count = encodedCount(of: bytes.byteCount)
        precondition(text.byteCount >= count, "the text has no room for the encoded bytes")
        var offset = 0
        var written = 0
        while offset < bytes.byteCount {
            var group: UInt64 = 0
            for place in offset..<min(offset + 6, bytes.byteCount) {
                group |= UInt64(bytes.byte(at: place)) << UInt64(40 - 8 * (place - offset))
            }
            var characters = eightCharacters(of: group)
            for _ in 0..<min(8, count - written) {
                text.storeBytes(of: UInt8(truncatingIfNeeded: characters), toByteOffset: written, as: UInt8.self)
                characters >>= 8
                written += 1
            }
            offset += 6
        }
        return written
    }

    /// Writes the bytes of `text` to the front of `bytes`, which has room for `decodedCount(of:)`, and returns how many it wrote.
    ///
    /// - Throws: `Fault` for everything that `encode` does not write; the bytes are then partly written.
    public static func decode(_ text: RawSpan, into bytes: inout MutableRawSpan) throws(Fault) -> Int {
        guard text.byteCount % 4 != 1 else { throw .length(text.byteCount) }
        precondition(bytes.byteCount >= decodedCount(of: text.byteCount), "the bytes have no room for the decoded text")
        var bits: UInt32 = 0
        var held = 0
        var written = 0
        for offset in 0..<text.byteCount {
            guard let sextet = sextet(of: text.byte(at: offset)) else { throw .alphabet(offset: offset) }
            bits = bits << 6 | UInt32(sextet)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: bits >> UInt32(held)), toByteOffset: written, as: UInt8.self)
            written += 1
        }
        guard bits & (1 << UInt32(held) - 1) == 0 else { throw .looseBits }
        return written
    }

    /// The eight characters of six bytes, all at once, without a table.
    ///
    /// - Parameter group: six bytes, the first one highest, in the low 48 bits.
    /// - Returns: the characters, the first one lowest, ready to be stored on a little-endian machine.
    @inlinable static func eightCharacters(of group: UInt64) -> UInt64 {
        // 48 bits → 2 × 24 → 4 × 12 → 8 × 6, one sextet in each byte of the word.
        var sextets = (group & 0xFFFF_FF00_0000) &<< 8 | group & 0xFF_FFFF
        sextets = (sextets & 0x00FF_F000_00FF_F000) &<< 4 | sextets & 0x0000_0FFF_0000_0FFF
        sextets = (sextets & 0x0FC0_0FC0_0FC0_0FC0) &<< 2 | sextets & 0x003F_003F_003F_003F
        // In each byte the top bit of (sextet + 128 - n) says whether the sextet is at least n. Sums stay within their byte.
        let atLeast26 = (sextets &+ 0x6666_6666_6666_6666) &>> 7 & ones
        let atLeast52 = (sextets &+ 0x4C4C_4C4C_4C4C_4C4C) &>> 7 & ones
        let atLeast62 = (sextets &+ 0x4242_4242_4242_4242) &>> 7 & ones
        let is63 = (sextets &+ 0x4141_4141_4141_4141) &>> 7 & ones
        // From 0 "A"; from 26 "a", 6 further; from 52 "0", 75 back; 62 "-", 13 back; 63 "_", 49 further.
        let raised = sextets &+ 65 &* ones &+ 6 &* atLeast26 &+ 49 &* is63
        return (raised &- 75 &* atLeast52 &- 13 &* atLeast62).byteSwapped
    }

    @inlinable static var ones: UInt64 { 0x0101_0101_0101_0101 }

    private static func sextet(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
