public import Primitives

/// One feature's bins as the data path reads them: pointers into the memory of ``FeatureBins``.
///
/// Words of a feature, by kind:
///
/// | word | number | boolean | text |
/// |---|---|---|---|
/// | 0 | below the reference | false | the most frequent |
/// | 1 … | 20 cells | true | the next 49 |
/// | 21 | above the reference | | |
/// | 22 | missing | missing | |
/// | 50 | | | other texts of the reference |
/// | 51 | | | not in the reference |
/// | 52 | | | empty |
///
/// Valid as long as its ``FeatureBins``; every index that it follows is held within their memory.
@safe @frozen public struct FeatureSlot {
    /// Words of every feature: seven cache lines.
    @inlinable public static var words: Int { 56 }
    /// Edges of a number's bins, filled up with infinity: one less than a power of two.
    @inlinable static var edges: Int { 31 }
    /// Word of a number above the reference; those below are at 0.
    @inlinable static var above: Int { 21 }
    /// Word of a number or boolean that is not there.
    @inlinable static var missing: Int { 22 }
    /// Texts with a word of their own.
    @inlinable static var texts: Int { 50 }
    /// Word of a text that the reference has, but seldom.
    @inlinable static var otherText: Int { 50 }
    /// Word of a text that the reference does not have.
    @inlinable static var newText: Int { 51 }
    /// Word of the empty text.
    @inlinable static var emptyText: Int { 52 }

    /// A text of the reference, in an open-addressed table. Two texts with the same 64-bit hash count as one.
    @frozen @usableFromInline struct Text {
        @usableFromInline var hash: UInt64
        /// Its word plus one; 0 where the table has no entry.
        @usableFromInline var word: UInt64
    }

    @usableFromInline let lowerEdges: UnsafePointer<Double>
    @usableFromInline let table: UnsafePointer<Text>
    @usableFromInline let mask: UInt64

    /// `lowerEdges` are ``edges`` ascending numbers; `table` has `mask + 1` entries, a power of two, and one of them is vacant.
    init(lowerEdges: UnsafePointer<Double>, table: UnsafePointer<Text>, mask: UInt64) {
        unsafe self.lowerEdges = lowerEdges
        unsafe self.table = table
        self.mask = mask
    }

    /// Word of a number: how many edges are at or below it, found in five steps without a branch. NaN is missing.
    @inlinable @inline(__always) func word(of number: Double) -> Int {
        // Each step stays within the 31 edges: 16 + 8 + 4 + 2 + 1.
        var below = unsafe lowerEdges[15] <= number ? 16 : 0
        unsafe below &+= lowerEdges[below &+ 7] <= number ? 8 : 0
        unsafe below &+= lowerEdges[below &+ 3] <= number ? 4 : 0
        unsafe below &+= lowerEdges[below &+ 1] <= number ? 2 : 0
        unsafe below &+= lowerEdges[below] <= number ? 1 : 0
        return number != number ? FeatureSlot.missing : min(below, FeatureSlot.above)
    }

    /// Word of a text.
    @inlinable func word(of text: RawSpan) -> Int {
        if text.byteCount == 0 { return FeatureSlot.emptyText }
        let hash = XXH64.hash(text)
        var index = hash & mask
        while true {
            // The mask keeps the index within the table, and a vacant entry ends the search.
            let entry = unsafe table[Int(truncatingIfNeeded: index)]
            if entry.word == 0 { return FeatureSlot.newText }
            if entry.hash == hash { return Int(truncatingIfNeeded: entry.word &- 1) }
            index = (index &+ 1) & mask
        }
    }
}
