import Primitives

extension XXH64 {
    /// Takes the eight bytes of a word, lowest first.
    mutating func append(_ word: UInt64) {
        for shift in stride(from: 0 as UInt64, to: 64, by: 8) { append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}

/// What a variant's block has room for, and whose numbers may be added to it: the model, its outputs, its features and their bins.
package struct VariantShape: Hashable, Sendable {
    /// Stable over restarts; 0 for ``plain``.
    package let hash: UInt64
    /// Outputs that are probabilities; they come first.
    package let probabilities: Int
    /// Outputs that are other numbers; they come after the probabilities.
    package let values: Int
    /// Features that have a histogram.
    package let features: Int

    /// Counters and latencies only.
    package static let plain = VariantShape(hash: 0, probabilities: 0, values: 0, features: 0)

    /// The shape of a model.
    ///
    /// - Parameters:
    ///   - model: what tells the model from others, its SHA-256.
    ///   - probabilities: outputs that are probabilities, in number; these are outputs 0 up.
    ///   - values: outputs that are other numbers, in number; these follow. Past ``Limits/sketchedOutputs`` there are no sketches.
    ///   - bins: the features' bins, if there is a reference for them.
    package init(model: RawSpan, probabilities: Int, values: Int, bins: FeatureBins?) {
        let kept = min(max(0, probabilities), Limits.sketchedOutputs)
        var hash = XXH64()
        hash.append(model)
        for part in [UInt64(model.byteCount), UInt64(max(0, probabilities)), UInt64(max(0, values)), bins?.shape ?? 0] {
            hash.append(part)
        }
        self.init(
            hash: max(1, hash.value), probabilities: kept, values: min(max(0, values), Limits.sketchedOutputs - kept),
            features: bins?.count ?? 0)
    }

    private init(hash: UInt64, probabilities: Int, values: Int, features: Int) {
        self.hash = hash
        self.probabilities = probabilities
        self.values = values
        self.features = features
    }

    /// The words of ``VariantLayout/census`` of one block.
    var census: [UInt64] { [1, UInt64(probabilities), UInt64(values), UInt64(features)] }

    /// Words after the fixed part of a variant's block.
    var tailWords: Int { featuresOffset + features * FeatureBins.words }

    /// Words of the tail before the features.
    var featuresOffset: Int { probabilities * ScoreCells.probabilityWords + values * ScoreCells.valueWords }
}
