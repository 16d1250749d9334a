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
            let characters = characters(of: SIMD2(group(at: offset, in: bytes), group(at: offset + 6, in: bytes)))
            for place in 0..<min(16, count - written) {
                let character = UInt8(truncatingIfNeeded: characters[place / 8] >> UInt64(8 * (place % 8)))
                text.storeBytes(of: character, toByteOffset: written + place, as: UInt8.self)
            }
            offset += 12
            written += 16
        }
        return count
    }

    /// `bytes` as a string. For messages and files, not for requests.
    public static func text(of bytes: RawSpan) -> String {
        var text = [UInt8](repeating: 0, count: encodedCount(of: bytes.byteCount))
        var span = text.mutableSpan
        // The bytes of a span of UInt8 may be written as any bytes.
        var characters = unsafe span.mutableBytes
        encode(bytes, into: &characters)
        return String(decoding: text, as: UTF8.self)
    }

    /// The six bytes at `offset` as a number, the first one highest; zeros beyond the end.
    private static func group(at offset: Int, in bytes: RawSpan) -> UInt64 {
        var group: UInt64 = 0
        for place in offset..<offset + 6 {
            group = group << 8 | (place < bytes.byteCount ? UInt64(bytes.byte(at: place)) : 0)
        }
        return group
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

    /// The sixteen characters of twice six bytes, all at once and without a table. The first character is the lowest byte.
    ///
    /// - Parameter groups: six bytes each as a number of 48 bits, the first byte highest.
    @inlinable @inline(__always) static func characters(of groups: SIMD2<UInt64>) -> SIMD2<UInt64> {
        // Halves of 24 bits, the first one in the low half; then each of the four sextets of a half goes to the byte of its place.
        let halves: SIMD2<UInt64> = (groups &>> SIMD2(repeating: 24)) | (groups &<< SIMD2(repeating: 32))
        let place0: SIMD2<UInt64> = (halves &>> SIMD2(repeating: 18)) & SIMD2(repeating: 0x0000_003F_0000_003F)
        let place1: SIMD2<UInt64> = (halves &>> SIMD2(repeating: 4)) & SIMD2(repeating: 0x0000_3F00_0000_3F00)
        let place2: SIMD2<UInt64> = (halves &<< SIMD2(repeating: 10)) & SIMD2(repeating: 0x003F_0000_003F_0000)
        let place3: SIMD2<UInt64> = (halves &<< SIMD2(repeating: 24)) & SIMD2(repeating: 0x3F00_0000_3F00_0000)
        let sextets: SIMD2<UInt64> = place0 | place1 | place2 | place3
        // From 0 "A"; from 26 "a", 6 further; from 52 "0", 75 back; 62 "-", 13 back; 63 "_", 49 further. No sum leaves its byte.
        let raised: SIMD2<UInt64> = sextets &+ bytes(65) &+ step(6, from: 26, sextets) &+ step(49, from: 63, sextets)
        return raised &- step(75, from: 52, sextets) &- step(13, from: 62, sextets)
    }

    /// In every byte `distance` where the sextet is at least `first`, else 0.
    @inlinable @inline(__always) static func step(_ distance: UInt64, from first: UInt64, _ sextets: SIMD2<UInt64>) -> SIMD2<UInt64> {
        // The top bit of sextet + 128 - first says it; less its seventh shift, it is a mask of the seven bits below.
        let isAtLeast: SIMD2<UInt64> = (sextets &+ bytes(128 &- first)) & bytes(128)
        return (isAtLeast &- (isAtLeast &>> SIMD2(repeating: 7))) & bytes(distance)
    }

    @inlinable @inline(__always) static func bytes(_ value: UInt64) -> SIMD2<UInt64> {
        SIMD2(repeating: value &* 0x0101_0101_0101_0101)
    }

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
