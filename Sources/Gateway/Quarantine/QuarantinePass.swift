import Inference
import Primitives

/// What a candidate that passed is like: its time, and what it answers.
struct QuarantinePass: Codable, Sendable, Equatable {
    /// Time of one row alone; 0 when none was run.
    let rowCost: Nanoseconds
    /// Whether it answers classes; otherwise a value.
    let isClassification: Bool
    /// The classes' names in the order of the scores; empty for a value.
    let labels: [String]
    /// Scores per row: one per class, 0 for a classifier that answers labels only, 1 for a value.
    let scoreCount: Int

    /// Whether a model can be like this. What a process says about a hostile file may be anything.
    var isPossible: Bool {
        guard isClassification else { return labels.isEmpty && scoreCount == 1 }
        return 1...Limits.classes ~= labels.count && [0, labels.count].contains(scoreCount)
    }

    /// Whether clients could not tell this answer from another's by its kind: the same classes, in whatever order, or a value each.
    func answersLike(_ other: QuarantinePass) -> Bool {
        isClassification == other.isClassification && Set(labels) == Set(other.labels)
    }

    /// What it answers, as words in a sentence.
    var shape: String { isClassification ? "the classes \(labels.joined(separator: ", "))" : "a value" }
}

extension QuarantinePass {
    /// What an open model is like.
    init(_ set: LaneSet) {
        self.init(rowCost: set.placement.row ?? 0, isClassification: set.isClassification, labels: set.labels, scoreCount: set.scoreCount)
    }

    /// What a model is like of which no row was run.
    init(_ binding: Binding) {
        switch binding.task {
        case .classification(let labels): self.init(rowCost: 0, isClassification: true, labels: labels, scoreCount: binding.scoreCount)
        case .regression: self.init(rowCost: 0, isClassification: false, labels: [], scoreCount: binding.scoreCount)
        }
    }
}
