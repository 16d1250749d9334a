import Primitives

/// The words of a block of copies after its head: what reactors note of the predictions that a shadow gets a copy of. Its head's `variant` is
/// the shadow's name; the variant that it is compared with stands in the census.
///
/// | word | |
/// |---|---|
/// | ``census`` | blocks (always 1), 0, 0, hash of the primary's name, first 32 bits of the shadow's digest: what the block is about |
/// | ``sampled`` | predictions of which a copy was to be made |
/// | ``drops`` | those of which none was, by `ShadowDrop` (16) |
@frozen public enum CopyLayout {
    package static let census = CellLayout.head
    @inlinable public static var sampled: Int { CellLayout.head + 8 }
    @inlinable public static var drops: Int { sampled + 1 }
    /// Words kept for `ShadowDrop`.
    @inlinable public static var dropWords: Int { 16 }
    /// Length of a block: 512 bytes.
    static let words = CellLayout.rounded(CellLayout.head + 8 + 1 + 16)
}

/// The words of a block of pairs after its head: a shadow's answers beside those of one primary variant, under one revision. One thread of the
/// process counts in it.
///
/// | word | |
/// |---|---|
/// | ``census`` | blocks (always 1), outputs, classes, hash of the primary's name, first 32 bits of the shadow's digest |
/// | ``drops`` | copies that were not compared, by `ShadowDrop` (16) |
/// | ``compared`` … ``ran`` | pairs; of them same label, bit-equal in all outputs, not finite, diverging; rows that the shadow answered |
/// | ``truths`` | label outcomes: both right, only the primary, only the shadow, both wrong; and those whose pair was not known any more |
/// | ``time``, ``logLoss``, ``brier`` | ``PairedSum`` of time a row (ns) and of two scores (millionths) |
/// | ``largest`` | largest absolute and relative difference of each output (16 x 2), as bits of a double |
/// | ``primaryTime``, ``shadowTime`` | sum, then buckets; see ``LatencyHistogram`` |
/// | ``tail`` | for each output the cells of absolute, then of relative differences (``DifferenceScale``); then ``confusion(outputs:)`` |
///
/// Words of equal blocks add up, but for ``largest``: of these the larger counts. (The bits of doubles that are not negative are ordered as
/// the doubles are.)
package enum PairLayout {
    package static let census = CellLayout.head
    package static let drops = census + 8
    package static let compared = drops + 16
    package static let agreed = compared + 1
    package static let bitEqual = compared + 2
    package static let nonFinite = compared + 3
    package static let diverged = compared + 4
    package static let ran = compared + 5
    package static let truths = compared + 6
    package static let unknownPairs = truths + 4
    package static let time = compared + 16
    package static let logLoss = time + PairedSum.words
    package static let brier = logLoss + PairedSum.words
    package static let largest = 88
    package static let primaryTime = largest + 2 * Limits.comparedOutputs
    package static let shadowTime = primaryTime + LatencyHistogram.words
    package static let tail = 3_520

    /// Words that are merged by the larger one, in a block with its head.
    package static let maxima = largest..<primaryTime

    /// Where an output's cells of absolute differences begin.
    package static func absolute(_ output: Int) -> Int { tail + output * 2 * DifferenceScale.words }
    /// Where its cells of relative differences begin.
    package static func relative(_ output: Int) -> Int { absolute(output) + DifferenceScale.words }
    /// Where the table of classes begins, classes x classes: how often the primary answered the one and the shadow the other.
    package static func confusion(outputs: Int) -> Int { absolute(outputs) }

    /// Length of a block: 28 KB, and 1 KB for each output.
    package static func words(outputs: Int, classes: Int) -> Int {
        CellLayout.rounded(confusion(outputs: outputs) + classes * classes)
    }
}

/// What a shadow's blocks have room for, and whose numbers may be added to them: the two models, the primary's name, outputs and classes.
package struct ShadowShape: Hashable, Sendable {
    /// Stable over restarts.
    package let hash: UInt64
    /// Outputs whose differences are counted.
    package let outputs: Int
    /// Classes that are told apart; 0 for a value. Past ``Limits/comparedClasses`` the last stands for all others.
    package let classes: Int
    /// ``NameHash`` of the primary's name.
    package let primary: UInt32
    /// The first 32 bits of the shadow's digest.
    package let model: UInt32

    /// - Parameters:
    ///   - shadow, primary: the two models' SHA-256 as text.
    ///   - name: the primary's.
    ///   - outputs: of each model, scores or the value.
    ///   - classes: 0 for a value.
    package init(shadow: String, primary: String, name: String, outputs: Int, classes: Int) {
        self.outputs = min(max(0, outputs), Limits.comparedOutputs)
        self.classes = min(max(0, classes), Limits.comparedClasses)
        self.primary = NameHash(of: name).value
        model = Self.model(shadow)
        var hash = XXH64()
        for text in [shadow, primary, name] {
            for byte in text.utf8 { hash.append(byte) }
            hash.append(UInt8(0x1F))
        }
        for part in [UInt64(max(0, outputs)), UInt64(max(0, classes))] { hash.append(part) }
        self.hash = max(1, hash.value)
    }

    /// The first 32 bits of a digest.
    package static func model(_ sha256: String) -> UInt32 { UInt32(sha256.prefix(8), radix: 16) ?? 0 }

    /// The words of a census.
    func census(withTail: Bool) -> [UInt64] {
        [1, withTail ? UInt64(outputs) : 0, withTail ? UInt64(classes) : 0, UInt64(primary), UInt64(model)]
    }
}

/// What the census of a sum of blocks says.
package struct ShadowCensus: Equatable, Sendable {
    package let blocks: UInt64
    package let outputs: Int
    package let classes: Int
    package let primary: UInt32
    package let model: UInt32

    /// Reads the five words; nil when they are not `n` times those of one block.
    init?(_ words: ArraySlice<UInt64>) {
        let words = Array(words)
        guard words.count >= 5, words[0] > 0, words[0] <= UInt64(UInt32.max), words.prefix(5).allSatisfy({ $0 % words[0] == 0 }) else { return nil }
        let one = words.map { $0 / words[0] }
        guard one[1] <= UInt64(Limits.comparedOutputs), one[2] <= UInt64(Limits.comparedClasses), let primary = UInt32(exactly: one[3]),
            let model = UInt32(exactly: one[4])
        else { return nil }
        (blocks, outputs, classes, self.primary, self.model) = (words[0], Int(one[1]), Int(one[2]), primary, model)
    }
}
