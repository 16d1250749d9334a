/// A row's two answers, in the order of the primary's classes.
package struct AnswerPair {
    /// Index of the class; -1 for a value.
    package var primaryLabel: Int
    package var shadowLabel: Int
    /// Scores, or the value; of both the same number.
    package var primary: [Float]
    package var shadow: [Float]

    package init(primaryLabel: Int, shadowLabel: Int, primary: [Float], shadow: [Float]) {
        self.primaryLabel = primaryLabel
        self.shadowLabel = shadowLabel
        self.primary = primary
        self.shadow = shadow
    }
}

/// How far a row's two answers are apart.
package struct PairDifference: Equatable, Sendable {
    package var isSameLabel = true
    package var isBitEqual = true
    package var isFinite = true
    /// Largest of all outputs: |shadow - primary|, and that over the larger of both magnitudes, 0 where both are 0.
    package var absolute = 0.0
    package var relative = 0.0
    /// Whether the two mean something else: another label, nothing finite; of values a relative difference beyond the tolerance.
    package var isDivergence = false

    /// By which rows are ranked: labels first, then the largest difference of a probability; of values the relative difference; what is not
    /// finite above all.
    package var rank: Double {
        guard isFinite else { return 3 }
        return isSameLabel ? min(isClassification ? absolute : relative, 1) : 1 + min(absolute, 1)
    }

    private var isClassification = true

    /// Compares a pair.
    /// - Parameter tolerance: relative difference of two values beyond which they diverge.
    package init(_ pair: AnswerPair, tolerance: Double) {
        isClassification = pair.primaryLabel >= 0 || pair.shadowLabel >= 0
        isSameLabel = pair.primaryLabel == pair.shadowLabel
        for (primary, shadow) in zip(pair.primary, pair.shadow) {
            if primary.bitPattern != shadow.bitPattern { isBitEqual = false }
            guard primary.isFinite, shadow.isFinite else {
                isFinite = false
                continue
            }
            absolute = max(absolute, Self.absolute(primary, shadow))
            relative = max(relative, Self.relative(primary, shadow))
        }
        if !isSameLabel { isBitEqual = false }
        isDivergence = !isFinite || (isClassification ? !isSameLabel : relative > tolerance)
    }

    static func absolute(_ primary: Float, _ shadow: Float) -> Double { (Double(shadow) - Double(primary)).magnitude }

    static func relative(_ primary: Float, _ shadow: Float) -> Double {
        let larger = max(primary.magnitude, shadow.magnitude)
        return larger == 0 ? 0 : absolute(primary, shadow) / Double(larger)
    }
}
