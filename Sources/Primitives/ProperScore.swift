import Glibc

/// Proper scores of one classified row against its true class, in millionths, ties to even: the smaller, the better.
///
/// Loss: -ln p of the true class, p kept within 1e-15 and 1 - 1e-15. Brier (1950), over all classes: the sum of (p_k - o_k)^2, 0...2.
@frozen public struct ProperScore: Equatable, Sendable {
    public let logLoss: Int64
    public let brier: Int64

    /// The scores of probabilities; nil for what is no probability, and for a class that they do not have. Rounding may leave one a little
    /// above 1.
    public init?(probabilities: some RandomAccessCollection<Float>, truth: Int) {
        guard truth >= 0, truth < probabilities.count, probabilities.allSatisfy({ (0...1.001).contains($0) }) else { return nil }
        var squares = 0.0
        var trueOne = 0.0
        for (index, probability) in probabilities.enumerated() {
            let distance = Double(probability) - (index == truth ? 1 : 0)
            squares += distance * distance
            if index == truth { trueOne = Double(probability) }
        }
        logLoss = Int64((-log(min(max(trueOne, 1e-15), 1 - 1e-15)) * 1e6).rounded(.toNearestOrEven))
        brier = Int64((squares * 1e6).rounded(.toNearestOrEven))
    }
}
