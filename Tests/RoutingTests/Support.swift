import Testing

@testable import Routing

extension Split {
    /// A split for tests, in the order it is written.
    static func of(_ weights: KeyValuePairs<String, Double>) throws -> Split {
        try Split(weights.map { Share(name: $0.key, weight: $0.value) })
    }
}

extension SplitTable {
    /// Assigns the units 0..<count, eight bytes each, and hands each unit's variant to the closure.
    func assign(_ count: UInt64, _ body: (UInt64, Int) -> Void) {
        var word = InlineArray<1, UInt64>(repeating: 0)
        for unit in 0..<count {
            word[0] = unit.littleEndian
            body(unit, choose(unit: word.span.bytes))
        }
    }
}

/// Whether a count of `trials` draws with this chance lies within four standard deviations.
func isWithinFourSigma(_ count: Int, of trials: UInt64, chance: Double) -> Bool {
    let expected = Double(trials) * chance
    let sigma = (expected * (1 - chance)).squareRoot()
    return abs(Double(count) - expected) <= 4 * sigma
}
