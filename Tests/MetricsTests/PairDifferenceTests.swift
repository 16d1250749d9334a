import Testing

@testable import Metrics

@Suite struct PairDifferenceTests {
    private func labels(_ primary: Int, _ shadow: Int, _ first: [Float], _ second: [Float]) -> PairDifference {
        PairDifference(AnswerPair(primaryLabel: primary, shadowLabel: shadow, primary: first, shadow: second), tolerance: 0.1)
    }

    private func values(_ primary: Float, _ shadow: Float, tolerance: Double = 0.1) -> PairDifference {
        PairDifference(AnswerPair(primaryLabel: -1, shadowLabel: -1, primary: [primary], shadow: [shadow]), tolerance: tolerance)
    }

    @Test("the same label is no divergence, however far the scores are apart")
    func sameLabel() {
        let difference = labels(0, 0, [0.75, 0.25], [0.5, 0.25])
        #expect(difference.isSameLabel && !difference.isDivergence && !difference.isBitEqual && difference.isFinite)
        #expect(difference.absolute == 0.25 && difference.relative == 0.25 / 0.75 && difference.rank == 0.25)
    }

    @Test("another label diverges, and is never bit-equal")
    func otherLabel() {
        let difference = labels(0, 1, [0.5, 0.5], [0.5, 0.5])
        #expect(
            !difference.isSameLabel && difference.isDivergence && !difference.isBitEqual && difference.absolute == 0 && difference.rank == 1
        )
    }

    @Test("a value diverges beyond the tolerance, relative to the larger of both, and is ranked by that")
    func tolerance() {
        let difference = values(8, 10, tolerance: 0.25)
        #expect(difference.absolute == 2 && difference.relative == 0.2 && difference.rank == 0.2 && !difference.isDivergence)
        #expect(values(8, 10, tolerance: 0.19).isDivergence && !values(8, 10, tolerance: 0.2).isDivergence)
        #expect(values(-1, 1).relative == 2 && values(-1, 1).rank == 1)
        #expect(values(0, 0).relative == 0 && values(0, 0).isBitEqual && !values(0, -0.0).isBitEqual && values(0, -0.0).absolute == 0)
    }

    @Test(
        "what is not finite diverges above all, whichever of both it is",
        arguments: [(.nan, 1), (1, .infinity), (.nan, .nan)] as [(Float, Float)])
    func notFinite(primary: Float, shadow: Float) {
        let difference = values(primary, shadow)
        #expect(!difference.isFinite && difference.isDivergence && difference.rank == 3 && difference.absolute == 0)
        #expect(labels(0, 0, [primary, 0], [shadow, 0.5]).absolute == 0.5, "other outputs are compared all the same")
    }

    @Test("ranks put what is not finite before other labels, and these before distant scores")
    func ranks() {
        let ranks = [
            labels(0, 0, [0.9, 0.1], [0.8, 0.2]), labels(0, 0, [0.9, 0.1], [0.5, 0.5]), labels(0, 1, [0.51, 0.49], [0.49, 0.51]),
            labels(0, 1, [0.9, 0.1], [0.1, 0.9]), labels(0, 0, [.nan, 0], [0, 0]),
        ].map(\.rank)
        #expect(ranks == ranks.sorted() && Set(ranks).count == ranks.count)
    }
}
