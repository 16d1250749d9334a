/// Which cell of a sketch a score falls into; per row and output, so in few instructions.
///
/// A *probability* has 64 cells of equal width on [0, 1], then one below zero, one above one, one for what is not finite: off by at most
/// 1/128 when a cell's midpoint stands for it.
///
/// A *value* has a cell for each sign, power of two from -32 to 31 and eighth of it, then one for zero, one for what is not finite: a
/// cell is 1/8 of its lower bound wide, so its midpoint is off by at most 1/16 = 6.25 %. Values nearer to zero than 2^-32 and from 2^32
/// on count in the outer cells.
@frozen public enum ScoreCells {
    /// Words of a probability's sketch.
    @inlinable public static var probabilityWords: Int { 72 }
    /// Words of a value's sketch.
    @inlinable public static var valueWords: Int { 1_032 }

    /// Cells of equal width on [0, 1].
    @inlinable static var linear: Int { 64 }
    /// Cells of one sign of a value: 64 powers of two, 8 cells each.
    @inlinable static var signed: Int { 512 }
    /// The exponent and the top three bits of the mantissa of 2^-32.
    @inlinable static var lowest: UInt64 { (1_023 - 32) << 3 }
    /// The same of infinity: from here on nothing is finite.
    @inlinable static var infinite: UInt64 { 2_047 << 3 }

    /// Cell of a probability.
    @inlinable public static func cell(ofProbability score: Double) -> Int {
        // The conversion is exact before it cuts: times 64 moves the exponent only.
        if score >= 0 && score <= 1 { return min(Int(score * 64), linear &- 1) }
        return score - score != 0 ? linear &+ 2 : (score < 0 ? linear : linear &+ 1)
    }

    /// Cell of a value: positive ones first, by magnitude, then negative ones, by magnitude.
    @inlinable public static func cell(ofValue score: Double) -> Int {
        let bits = score.bitPattern
        let ordinal = (bits & 0x7FFF_FFFF_FFFF_FFFF) &>> 49
        let clamped = min(max(ordinal, lowest), lowest &+ UInt64(truncatingIfNeeded: signed &- 1)) &- lowest
        let cell = Int(truncatingIfNeeded: clamped &+ (bits &>> 63) &* UInt64(truncatingIfNeeded: signed))
        if score == 0 { return 2 &* signed }
        return ordinal >= infinite ? 2 &* signed &+ 1 : cell
    }
}

/// How often each score occurred in one output, roughly; see ``ScoreCells`` for how roughly.
package struct ScoreSketch: Equatable, Sendable {
    /// What an output's numbers are.
    package enum Kind: Sendable {
        case probability
        case value

        var words: Int { self == .probability ? ScoreCells.probabilityWords : ScoreCells.valueWords }
    }

    package let kind: Kind
    /// Count of each cell.
    package let counts: [UInt64]

    init(kind: Kind, counts: [UInt64]) {
        precondition(counts.count == kind.words)
        self.kind = kind
        self.counts = counts
    }

    /// Scores that were not finite.
    package var nonFinite: UInt64 {
        kind == .probability ? counts[ScoreCells.linear + 2] : counts[2 * ScoreCells.signed + 1]
    }

    /// Finite scores.
    package var count: UInt64 { ordered.reduce(0) { $0 &+ $1.count } }

    /// The score below or at which the fraction `q` (0 to 1) of all finite ones lies, by nearest rank; nil without any.
    package func quantile(_ q: Double) -> Double? {
        let cells = ordered
        let total = cells.reduce(0) { $0 &+ $1.count }
        guard total > 0 else { return nil }
        let rank = LatencyHistogram.rank(q, of: total)
        var seen: UInt64 = 0
        for cell in cells {
            seen &+= cell.count
            if seen >= rank { return cell.middle }
        }
        return cells.last?.middle
    }

    /// Finite cells by rising score: what stands for each, and its count.
    package var ordered: [(middle: Double, count: UInt64)] {
        switch kind {
        case .probability:
            let linear = ScoreCells.linear
            let cells = (0..<linear).map { ((Double($0) + 0.5) / Double(linear), counts[$0]) }
            return [(0, counts[linear])] + cells + [(1, counts[linear + 1])]
        case .value:
            let signed = ScoreCells.signed
            let positive = (0..<signed).map { (Self.magnitude($0), counts[$0]) }
            let negative = (0..<signed).reversed().map { (-Self.magnitude($0), counts[signed + $0]) }
            return negative + [(0, counts[2 * signed])] + positive
        }
    }

    /// The midpoint of a value's cell, without its sign.
    private static func magnitude(_ cell: Int) -> Double {
        let lower = Double(bitPattern: (ScoreCells.lowest + UInt64(cell)) << 49)
        return lower + Double(sign: .plus, exponent: lower.exponent, significand: 1.0 / 16)
    }
}
