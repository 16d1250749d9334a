import Metrics
import Primitives

/// Counts pairs in memory of this process, with the counters that shadows have: the figures mean the same.
final class OfflinePairs {
    private let registry = CellRegistry(reactors: 1)
    private let sha256: String
    private let tolerance: Double
    private(set) var primaries: Set<String> = []

    /// Whose pairs.
    struct Place {
        let primary: String
        /// Of the primary's model; empty where nobody knows it.
        let sha256: String
        /// 0 where it has no meaning.
        let revision: UInt32
        let outputs: Int
        let classes: Int
    }

    /// - Parameters:
    ///   - sha256: the new model's.
    ///   - tolerance: relative difference of two values beyond which they diverge.
    init(sha256: String, tolerance: Double) {
        self.sha256 = sha256
        self.tolerance = tolerance
    }

    /// Counts one row.
    ///
    /// - Parameters:
    ///   - primary, answer: nil where a model did not answer.
    ///   - classes: for each class of the primary, in its order, the new model's number of it; empty for values.
    ///   - truth: number of the true class in the primary's order; nil where it is not known.
    func count(_ primary: ShadowCopy.Answer?, _ answer: ShadowCopy.Answer?, at place: Place, classes: [Int], truth: Int?) {
        guard let cells = cells(of: place) else { return }
        primaries.insert(place.primary)
        cells.copies(reactor: 0).sampled()
        guard let answer else { return cells.pairs.dropped(.shadowFailed) }
        cells.pairs.ran(time: answer.time)
        guard let primary else { return cells.pairs.dropped(.primaryFailed) }
        let pair = AnswerPair(primary, ShadowCall.Answer(label: answer.label, scores: answer.scores), classes: classes)
        _ = cells.pairs.compare(pair, primaryTime: primary.time, shadowTime: answer.time, tolerance: tolerance)
        if let truth { cells.pairs.count(pair, truth: truth) }
    }

    private func cells(of place: Place) -> ShadowCells? {
        let shape = ShadowShape(
            shadow: sha256, primary: place.sha256, name: place.primary, outputs: place.outputs, classes: place.classes)
        return registry.shadow(ShadowKey(route: "", shadow: "", revision: place.revision, shape: shape))
    }

    /// The figures so far; nil when nothing was counted.
    ///
    /// - Parameters:
    ///   - name: what the new model is called.
    ///   - labels: the primaries' classes in their order; nil for values.
    func figures(name: String, labels: [String]?) -> ShadowFigures? {
        var sums = BlockSums()
        for record in registry.records() { sums.add(record) }
        var figures = ShadowFigures.all(sums.shadows(), primaries: primaries) { _ in labels }.first
        figures?.name = name
        return figures
    }
}
