import Foundation

/// A primary's answer as the prediction log has it: the JSON object that the client got.
struct LoggedAnswer: Decodable {
    let label: String?
    let probabilities: [String: Float]?
    let value: Float?

    /// nil for what is no answer.
    init?(json: String?) {
        guard let json, let answer = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = answer
    }

    /// The same in the order of these classes; nil when it has others, or is of another kind.
    ///
    /// - Parameter labels: empty for a value.
    func answer(in labels: [String]) -> ShadowCopy.Answer? {
        guard !labels.isEmpty else { return value.map { ShadowCopy.Answer(label: -1, scores: [$0], time: 0) } }
        guard let label, let number = labels.firstIndex(of: label) else { return nil }
        guard let probabilities else { return ShadowCopy.Answer(label: number, scores: [], time: 0) }
        let scores = labels.compactMap { probabilities[$0] }
        guard scores.count == labels.count, probabilities.count == labels.count else { return nil }
        return ShadowCopy.Answer(label: number, scores: scores, time: 0)
    }
}
