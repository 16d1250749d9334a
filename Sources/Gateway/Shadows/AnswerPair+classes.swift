import Metrics
import Primitives

extension AnswerPair {
    /// Both answers, in the order of the primary's classes.
    ///
    /// - Parameter classes: for each of these the shadow's number of it; empty for values.
    init(_ primary: ShadowCopy.Answer, _ answer: ShadowCall.Answer, classes: [Int]) {
        guard !classes.isEmpty else {
            self.init(primaryLabel: primary.label, shadowLabel: answer.label, primary: primary.scores, shadow: answer.scores)
            return
        }
        let shadow = answer.scores.isEmpty ? [] : classes.map { answer.scores[$0] }
        let label = classes.firstIndex(of: answer.label) ?? -1
        self.init(
            primaryLabel: primary.label, shadowLabel: label, primary: shadow.isEmpty ? [] : primary.scores,
            shadow: primary.scores.isEmpty ? [] : shadow)
    }
}

extension PairMeter {
    /// Counts a label outcome of a pair, and its scores where both answered probabilities.
    ///
    /// - Parameters:
    ///   - truth: number of the true class in the primary's order.
    ///   - times: 1, or -1 to take back what was counted before.
    func count(_ pair: AnswerPair, truth: Int, times: Int64 = 1) {
        self.truth(primary: pair.primaryLabel == truth, shadow: pair.shadowLabel == truth, times: times)
        guard let primary = ProperScore(probabilities: pair.primary, truth: truth),
            let shadow = ProperScore(probabilities: pair.shadow, truth: truth)
        else { return }
        scores(primary: primary, shadow: shadow, times: times)
    }
}
