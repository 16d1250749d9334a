/// Searches over bytes, eight at a time: a word's bytes are classed by arithmetic that never carries from one byte into the next, and the
/// high bit of each byte says what was found. Words are loaded little-endian, so the lowest set bit belongs to the first byte.
@usableFromInline
enum ByteScan {
    /// The high bit of every byte.
    private static let high: UInt64 = 0x8080_8080_8080_8080
    /// The low seven bits of every byte.
    private static let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// Whether the bytes begin with `text`, which is 4 to 16 bytes long; that many must be readable. Two words that overlap in the middle
    /// cover any such length, and the words of a literal are constants: two loads and two comparisons.
    @usableFromInline @inline(__always)
    static func spells(_ bytes: UnsafePointer<UInt8>, _ text: StaticString) -> Bool {
        let left = UnsafeRawPointer(bytes)
        let right = UnsafeRawPointer(text.utf8Start)
        let count = text.utf8CodeUnitCount
        if count >= 8 {
            return left.loadUnaligned(as: UInt64.self) == right.loadUnaligned(as: UInt64.self)
                && left.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
                    == right.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        }
        return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
            && left.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
                == right.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
    }

    /// Whether the next two bytes, which must be readable, are CRLF.
    @inline(__always)
    static func isLineEnd(_ bytes: UnsafePointer<UInt8>) -> Bool {
        bytes[0] == Byte.carriageReturn && bytes[1] == Byte.lineFeed
    }

    /// Whether 17 bytes are `transfer-encoding`: one byte more than two words cover.
    @inline(__always)
    static func isTransferEncoding(_ bytes: UnsafePointer<UInt8>) -> Bool {
        spells(bytes, "transfer-encodin") && bytes[16] == UInt8(ascii: "g")
    }

    /// Whether `count` bytes are `text` (lower-case letters, digits, `-`), letters in either case. For short words off the hot path.
    static func spellsInAnyCase(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where lowered(bytes[index]) != text.utf8Start[index] { return false }
        return true
    }

    /// The first line feed at or after `start`, or nil.
    static func lineFeed(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end {
            if bytes[index] == Byte.lineFeed { return index }
            index += 1
        }
        return nil
    }

    /// The first byte at or after `start` that is a control character (HTAB too) or DEL: what may end a field's value.
    @inline(__always)
    static func textEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ 8 <= end {
            let word = load(bytes, index)
            let stop = (below(0x20, word) | equal(0x7F, word)) & high
            if stop != 0 { return index &+ first(stop) }
            index &+= 8
        }
        while index < end, bytes[index] >= 0x20, bytes[index] != 0x7F { index &+= 1 }
        return index
    }

    /// The first byte at or after `start` that may not stand in a request target: a control character, space, DEL, non-ASCII, `#`.
    @inline(__always)
    static func targetEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ 8 <= end {
            let word = load(bytes, index)
            let stop = (below(0x21, word) | equal(0x7F, word) | equal(Byte.hash, word) | word) & high
            if stop != 0 { return index &+ first(stop) }
            index &+= 8
        }
        while index < end, bytes[index] > 0x20, bytes[index] < 0x7F, bytes[index] != Byte.hash { index &+= 1 }
        return index
    }

    /// Copies letters (made lower case), digits, `-` and `.` to `copy`, up to the first byte at or after `start` that is none of them, and
    /// returns where that is. Writes up to 7 bytes past the copied ones.
    @inline(__always)
    static func copyPlain(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, _ copy: UnsafeMutablePointer<UInt8>) -> Int {
        var index = start
        while index &+ 8 <= end {
            let word = load(bytes, index)
            let letters = letters(word)
            let lower = word | ((letters & high & ~word) >> 2)
            UnsafeMutableRawPointer(copy).storeBytes(of: lower.littleEndian, toByteOffset: index &- start, as: UInt64.self)
            let stop = others(word, letters)
            if stop != 0 { return index &+ first(stop) }
            index &+= 8
        }
        while index < end, isPlain(bytes[index]) {
            copy[index &- start] = lowered(bytes[index])
            index &+= 1
        }
        return index
    }

    /// The first byte at or after `start` that is no letter, digit, `-` or `.`.
    @inline(__always)
    static func plainEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ 8 <= end {
            let word = load(bytes, index)
            let stop = others(word, letters(word))
            if stop != 0 { return index &+ first(stop) }
            index &+= 8
        }
        while index < end, isPlain(bytes[index]) { index &+= 1 }
        return index
    }

    // MARK: Words

    @inline(__always)
    private static func load(_ bytes: UnsafePointer<UInt8>, _ index: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Which byte the lowest mark belongs to.
    @inline(__always)
    private static func first(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }

    @inline(__always)
    private static func splat(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// Marks bytes below `bound` (at most 0x80). A borrow can add false marks, but only above a true one, and only the lowest is used.
    @inline(__always)
    private static func below(_ bound: UInt8, _ word: UInt64) -> UInt64 { (word &- splat(bound)) & ~word }

    /// Marks bytes equal to `byte`; exact up to the lowest mark, as `below`.
    @inline(__always)
    private static func equal(_ byte: UInt8, _ word: UInt64) -> UInt64 { below(1, word ^ splat(byte)) }

    /// Marks bytes in `range`, for words whose bytes are below 0x80; exact in every byte.
    @inline(__always)
    private static func within(_ first: UInt8, _ last: UInt8, _ word: UInt64) -> UInt64 {
        (word &+ splat(0x80 - first)) ^ (word &+ splat(0x7F - last))
    }

    /// Marks letters; the marks of non-ASCII bytes mean nothing.
    @inline(__always)
    private static func letters(_ word: UInt64) -> UInt64 { within(0x61, 0x7A, (word & low) | splat(0x20)) }

    /// Marks what is no letter, digit, `-` or `.`.
    @inline(__always)
    private static func others(_ word: UInt64, _ letters: UInt64) -> UInt64 {
        let seven = word & low
        return ~((letters | within(0x30, 0x39, seven) | within(0x2D, 0x2E, seven)) & ~word) & high
    }

    // MARK: Bytes

    /// Whether a byte may stand in a token: `tchar` of RFC 9110 section 5.6.2, as a bit map of ASCII.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        let map: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : byte < 128 ? 0x57FF_FFFF_C7FF_FFFE : 0
        return map &>> UInt64(byte & 63) & 1 == 1
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || isDigit(byte) || byte == 0x2D || byte == 0x2E
    }

    @inline(__always)
    static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

/// The bytes that HTTP/1.1 is punctuated with.
enum Byte {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let hash: UInt8 = 0x23
    static let percent: UInt8 = 0x25
    static let asterisk: UInt8 = 0x2A
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let openBracket: UInt8 = 0x5B
    static let closeBracket: UInt8 = 0x5D
    static let delete: UInt8 = 0x7F

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
}
