import Primitives

@testable import Metrics

/// Shadows for tests: the shadow `new` of the route `films`, beside primaries.
enum Shadows {
    static let digest = "0badcafe" + String(repeating: "0", count: 56)

    static func shape(_ primary: String = "old", outputs: Int = 2, classes: Int = 2, shadow: String = digest) -> ShadowShape {
        ShadowShape(shadow: shadow, primary: String(repeating: "a", count: 64), name: primary, outputs: outputs, classes: classes)
    }

    static func key(_ primary: String = "old", revision: UInt32 = 1, outputs: Int = 2, classes: Int = 2, shadow: String = digest)
        -> ShadowKey
    {
        ShadowKey(
            route: "films", shadow: "new", revision: revision, shape: shape(primary, outputs: outputs, classes: classes, shadow: shadow))
    }

    /// A pair of two classes by the probability of the second.
    static func pair(_ primary: Float, _ shadow: Float) -> AnswerPair {
        AnswerPair(
            primaryLabel: primary > 0.5 ? 1 : 0, shadowLabel: shadow > 0.5 ? 1 : 0, primary: [1 - primary, primary],
            shadow: [1 - shadow, shadow])
    }

    /// Counts a random copy and what becomes of it, and maybe its outcome.
    static func count(_ cells: ShadowCells, reactor: Int, _ generator: inout SeededGenerator) {
        cells.copies(reactor: reactor).sampled()
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: cells.copies(reactor: reactor).dropped(.queueFull)
        case 1: cells.pairs.dropped(.expired)
        default:
            cells.pairs.ran(time: generator.latency())
            let pair = pair(.random(in: 0...1, using: &generator), .random(in: 0...1, using: &generator))
            _ = cells.pairs.compare(pair, primaryTime: generator.latency(), shadowTime: generator.latency(), tolerance: 0.1)
            cells.pairs.truth(primary: Bool.random(using: &generator), shadow: Bool.random(using: &generator))
            if let first = ProperScore(probabilities: pair.primary, truth: 0),
                let second = ProperScore(probabilities: pair.shadow, truth: 0)
            {
                cells.pairs.scores(primary: first, shadow: second)
            }
        }
    }
}

extension CellRegistry {
    /// The records of its shadows, as a reader of files would add them up.
    func shadowRecords() -> [ShadowRecord] {
        var sums = BlockSums()
        for record in records() { sums.add(record) }
        return sums.shadows()
    }
}
