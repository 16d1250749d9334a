/// Searches over bytes, sixteen at a time while as many are left; never past the end that is given.
@usableFromInline
enum ByteScan {
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
        while index &+ Block.scalarCount <= end {
            let block = load(bytes, index)
            let place = first(equal(Byte.delete, block) .| within(0x00, 0x1F, block))
            if place < Block.scalarCount { return index &+ place }
            index &+= Block.scalarCount
        }
        while index < end, bytes[index] >= 0x20, bytes[index] != Byte.delete { index &+= 1 }
        return index
    }

    /// The first byte at or after `start` that may not stand in a request target: a control character, space, DEL, non-ASCII, `#`.
    @inline(__always)
    static func targetEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ Block.scalarCount <= end {
            let block = load(bytes, index)
            let place = first(.!within(0x21, 0x7E, block) .| equal(Byte.hash, block))
            if place < Block.scalarCount { return index &+ place }
            index &+= Block.scalarCount
        }
        while index < end, bytes[index] > 0x20, bytes[index] < Byte.delete, bytes[index] != Byte.hash { index &+= 1 }
        return index
    }

    /// Copies the letters (made lower case), digits, `-` and `.` at `start` to `copy` and returns where the first other byte is, if that is
    /// within one block. Writes a whole block, so `copy` needs room for `slack` bytes.
    @inline(__always)
    static func copyPlainBlock(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, _ copy: UnsafeMutablePointer<UInt8>) -> Int? {
        guard start &+ Block.scalarCount <= end else { return nil }
        let block = load(bytes, start)
        let letters = letters(block)
        let lower = block | Block(repeating: 0).replacing(with: 0x20, where: letters)
        UnsafeMutableRawPointer(copy).storeBytes(of: lower, as: Block.self)
        let place = first(others(block, letters))
        return place < Block.scalarCount ? start &+ place : nil
    }

    /// The first byte at or after `start` that is no letter, digit, `-` or `.`.
    @inline(__always)
    static func plainEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ Block.scalarCount <= end {
            let block = load(bytes, index)
            let place = first(others(block, letters(block)))
            if place < Block.scalarCount { return index &+ place }
            index &+= Block.scalarCount
        }
        while index < end, isPlain(bytes[index]) { index &+= 1 }
        return index
    }

    // MARK: Blocks

    private typealias Block = SIMD16<UInt8>
    private typealias Marks = SIMDMask<SIMD16<Int8>>

    /// Bytes that `copyPlainBlock` writes.
    static var slack: Int { Block.scalarCount }

    @inline(__always)
    private static func load(_ bytes: UnsafePointer<UInt8>, _ index: Int) -> Block {
        UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: index, as: Block.self)
    }

    /// The place of the first marked byte; 16 when there is none.
    @inline(__always)
    private static func first(_ marks: Marks) -> Int {
        // A mask is 16 bytes of all ones or all zeros.
        let halves = unsafeBitCast(marks, to: SIMD2<UInt64>.self)
        let low = UInt64(littleEndian: halves[0])
        if low != 0 { return low.trailingZeroBitCount &>> 3 }
        return 8 &+ UInt64(littleEndian: halves[1]).trailingZeroBitCount &>> 3
    }

    // Both sides are blocks: with a scalar on one side the comparison is a loop (measured: 60 times the instructions).

    @inline(__always)
    private static func equal(_ byte: UInt8, _ block: Block) -> Marks { block .== Block(repeating: byte) }

    @inline(__always)
    private static func within(_ first: UInt8, _ last: UInt8, _ block: Block) -> Marks {
        (block &- Block(repeating: first)) .<= Block(repeating: last &- first)
    }

    @inline(__always)
    private static func letters(_ block: Block) -> Marks { within(0x61, 0x7A, block | Block(repeating: 0x20)) }

    /// Marks what is no letter, digit, `-` or `.`.
    @inline(__always)
    private static func others(_ block: Block, _ letters: Marks) -> Marks {
        .!(letters .| within(0x30, 0x39, block) .| within(0x2D, 0x2E, block))
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
