/// Which outputs of a model are the label and the scores. Others are not asked for.
struct OutputRoles {
    /// Indexes among the model's outputs; at least one of the two is there.
    let label: Int?
    let scores: Int?

    /// The label is the one output of integers or texts; the scores are the one output of floats or maps, or among several the one whose
    /// name begins with or holds "prob", as every converter calls it.
    init(session: Session) throws(InferenceError) {
        let outputs = session.outputs
        let labels = outputs.indices.filter { Self.labelForm(outputs[$0]) != nil }
        let scored = outputs.indices.filter { Self.scoreForm(outputs[$0]) != nil }
        label = try Self.only(labels, named: "label", session)
        scores = try Self.only(scored, named: "prob", session)
        guard label != nil || scores != nil else {
            throw .mismatch(
                file: session.file, port: "the outputs", expected: "a label (integers or strings), scores (floats or maps), or both",
                found: Self.list(outputs))
        }
    }

    /// Several scores per row, a label, or names for classes make a classifier; one float per row is a value.
    func isClassifier(scoreWidth: Int?, labels: [String]?) -> Bool {
        label != nil || (scoreWidth.map { $0 > 1 } ?? (labels != nil))
    }

    static func labelForm(_ port: Port) -> OutputPlan.Form? {
        switch port.kind {
        case .tensor(.int64): .int64
        case .tensor(.int32): .int32
        case .tensor(.text): .text
        default: nil
        }
    }

    static func scoreForm(_ port: Port) -> OutputPlan.Form? {
        switch port.kind {
        case .tensor(.float32): .float32
        case .tensor(.float64): .float64
        case .mapPerRow(.int64, .float32), .mapPerRow(.text, .float32): .mapPerRow
        default: nil
        }
    }

    private static func only(_ candidates: [Int], named part: String, _ session: Session) throws(InferenceError) -> Int? {
        guard candidates.count > 1 else { return candidates.first }
        let named = candidates.filter { session.outputs[$0].name.lowercased().contains(part) }
        guard named.count == 1 else {
            throw .mismatch(
                file: session.file, port: "the outputs", expected: "one whose name holds '\(part)' among \(candidates.count) of its kind",
                found: list(session.outputs))
        }
        return named.first
    }

    private static func list(_ outputs: [Port]) -> String {
        outputs.prefix(20).map { "\($0.name): \($0)" }.joined(separator: ", ")
    }
}
