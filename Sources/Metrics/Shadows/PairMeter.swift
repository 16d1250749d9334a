package import Primitives

/// Counts what a shadow answered beside one primary variant. For one thread; every access is a relaxed atomic.
@safe package struct PairMeter: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Word>
    private let outputs: Int
    private let classes: Int

    /// `words` are a block of pairs with so many outputs and classes.
    init(words: UnsafeMutablePointer<Word>, outputs: Int, classes: Int) {
        unsafe self.words = words
        self.outputs = outputs
        self.classes = classes
    }

    /// Counts copies that are not compared.
    package func dropped(_ reason: ShadowDrop, rows: Int = 1) {
        unsafe words.add(UInt64(rows), at: PairLayout.drops + Int(reason.rawValue))
    }

    /// Counts a row that the shadow answered, compared or not.
    /// - Parameter time: CPU time of its call, a row's share, in nanoseconds.
    package func ran(time: Nanoseconds) {
        unsafe words.add(1, at: PairLayout.ran)
        record(time, at: PairLayout.shadowTime)
    }

    /// Counts a pair, and says how far it is apart.
    ///
    /// - Parameters:
    ///   - primaryTime, shadowTime: time inside the model, a row's share of its call, in nanoseconds; 0 where it is not known.
    ///   - tolerance: as of ``PairDifference``.
    package func compare(_ pair: AnswerPair, primaryTime: Nanoseconds, shadowTime: Nanoseconds, tolerance: Double) -> PairDifference {
        let difference = PairDifference(pair, tolerance: tolerance)
        unsafe words.add(1, at: PairLayout.compared)
        if difference.isSameLabel { unsafe words.add(1, at: PairLayout.agreed) }
        if difference.isBitEqual { unsafe words.add(1, at: PairLayout.bitEqual) }
        if !difference.isFinite { unsafe words.add(1, at: PairLayout.nonFinite) }
        if difference.isDivergence { unsafe words.add(1, at: PairLayout.diverged) }
        for (output, values) in zip(pair.primary, pair.shadow).enumerated().prefix(outputs) { count(values.0, values.1, output) }
        if classes > 0, pair.primaryLabel >= 0, pair.shadowLabel >= 0 {
            let place = min(pair.primaryLabel, classes - 1) * classes + min(pair.shadowLabel, classes - 1)
            unsafe words.add(1, at: PairLayout.confusion(outputs: outputs) + place)
        }
        if primaryTime > 0, shadowTime > 0 {
            record(primaryTime, at: PairLayout.primaryTime)
            unsafe words.addPair(primary: Int64(clamping: primaryTime), shadow: Int64(clamping: shadowTime), at: PairLayout.time)
        }
        return difference
    }

    private func count(_ primary: Float, _ shadow: Float, _ output: Int) {
        let isFinite = primary.isFinite && shadow.isFinite
        let (absolute, relative) = (PairDifference.absolute(primary, shadow), PairDifference.relative(primary, shadow))
        unsafe words.add(1, at: PairLayout.absolute(output) + DifferenceScale.cell(of: isFinite ? absolute : .nan))
        unsafe words.add(1, at: PairLayout.relative(output) + DifferenceScale.cell(of: isFinite ? relative : .nan))
        guard isFinite else { return }
        raise(absolute, at: PairLayout.largest + 2 * output)
        raise(relative, at: PairLayout.largest + 2 * output + 1)
    }

    /// Counts a label outcome of a pair.
    /// - Parameters:
    ///   - primary, shadow: whether each was right.
    ///   - times: 1, or -1 to take back what was counted before.
    package func truth(primary: Bool, shadow: Bool, times: Int64 = 1) {
        let place = PairLayout.truths + (primary ? (shadow ? 0 : 1) : (shadow ? 2 : 3))
        unsafe words.add(UInt64(bitPattern: times), at: place)
    }

    /// Counts the scores of both, in millionths; `times` as above.
    package func scores(primary: ProperScore, shadow: ProperScore, times: Int64 = 1) {
        unsafe words.addPair(primary: primary.logLoss, shadow: shadow.logLoss, times: times, at: PairLayout.logLoss)
        unsafe words.addPair(primary: primary.brier, shadow: shadow.brier, times: times, at: PairLayout.brier)
    }

    /// Counts a label outcome of a copied prediction whose pair is not known: not compared, or forgotten by now.
    package func truthWithoutPair() {
        unsafe words.add(1, at: PairLayout.unknownPairs)
    }

    private func record(_ time: Nanoseconds, at start: Int) {
        unsafe words.add(min(time, LatencyHistogram.highest), at: start)
        unsafe words.add(1, at: start + 1 + LatencyHistogram.index(of: time))
    }

    private func raise(_ value: Double, at index: Int) {
        let bits = value.bitPattern
        let largest = unsafe words.value(at: index)
        if bits > largest { unsafe words.set(bits, at: index) }
    }
}
