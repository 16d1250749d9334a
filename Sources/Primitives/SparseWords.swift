/// Words of 64 bits as few bytes: counters are mostly zero, and what is not is mostly small.
///
/// The count of the words, then in turn how many words are zero, how many follow that are not, and those; until all are there. Every
/// number is a varint: seven bits a byte, the lowest first, the top bit set in all bytes but the last (LEB128, as in DWARF 5 section 7.6).
public enum SparseWords {
    /// Why bytes are not the short form of any words.
    public enum Fault: Error, Equatable {
        /// They end in the middle of a number, or before all words are there.
        case cutOff
        /// A number has more than 64 bits.
        case tooLong
        /// They say that there are more words than the caller allows.
        case tooMany(UInt64)
        /// A run reaches beyond the last word, or both runs of a turn are empty.
        case run
        /// Bytes follow the last word.
        case rest
    }

    /// The short form of `words`: at most ten bytes for each, a few for any number of zeros.
    public static func encode(_ words: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(UInt64(words.count), to: &bytes)
        var place = 0
        while place < words.count {
            let start = words[place...].firstIndex { $0 != 0 } ?? words.count
            let end = words[start...].firstIndex(of: 0) ?? words.count
            append(UInt64(start - place), to: &bytes)
            append(UInt64(end - start), to: &bytes)
            for word in words[start..<end] { append(word, to: &bytes) }
            place = end
        }
        return bytes
    }

    /// The words that `bytes` are the short form of.
    ///
    /// - Parameter limit: the most words that the caller expects; no more memory than for these is taken.
    /// - Throws: `Fault` for whatever is not a short form.
    public static func decode(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt64] {
        var place = 0
        let count = try number(in: bytes, at: &place)
        guard count <= UInt64(max(0, limit)) else { throw .tooMany(count) }
        var words: [UInt64] = []
        words.reserveCapacity(Int(count))
        while words.count < Int(count) {
            let zeros = try number(in: bytes, at: &place)
            let others = try number(in: bytes, at: &place)
            let room = UInt64(Int(count) - words.count)
            guard zeros <= room, others <= room - zeros, zeros + others > 0 else { throw .run }
            words.append(contentsOf: repeatElement(0, count: Int(zeros)))
            for _ in 0..<others { words.append(try number(in: bytes, at: &place)) }
        }
        guard place == bytes.count else { throw .rest }
        return words
    }

    /// Adds each of `others` to the word in its place; missing words count as zero. Wraps, as the counters themselves do.
    public static func add(_ others: [UInt64], to words: inout [UInt64]) {
        if words.count < others.count {
            words.append(contentsOf: repeatElement(0, count: others.count - words.count))
        }
        for (place, other) in others.enumerated() where other != 0 { words[place] &+= other }
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func number(in bytes: [UInt8], at place: inout Int) throws(Fault) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard place < bytes.count else { throw .cutOff }
            let byte = bytes[place]
            place += 1
            // The tenth byte holds one bit.
            guard shift < 63 || byte <= 1 else { throw .tooLong }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw .tooLong
    }
}
