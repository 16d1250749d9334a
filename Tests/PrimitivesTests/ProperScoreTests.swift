import Testing

@testable import Primitives

@Suite struct ProperScoreTests {
    @Test(
        "loss and Brier score in millionths, by hand",
        arguments: [
            ([0.75, 0.25], 0, 287_682, 125_000), ([0.75, 0.25], 1, 1_386_294, 1_125_000), ([0.5, 0.25, 0.25], 2, 1_386_294, 875_000),
            ([1, 0], 0, 0, 0), ([0, 1], 0, 34_538_776, 2_000_000), ([1.0009765625], 0, 0, 1),
        ] as [([Float], Int, Int64, Int64)])
    func values(probabilities: [Float], truth: Int, logLoss: Int64, brier: Int64) throws {
        let score = try #require(ProperScore(probabilities: probabilities, truth: truth))
        #expect(score.logLoss == logLoss && score.brier == brier)
    }

    @Test(
        "what is no probability, or no class, has no score",
        arguments: [([0.5, .nan], 0), ([-0.1, 1], 1), ([1.01, 0], 0), ([0.5, 0.5], 2), ([0.5], -1), ([], 0)] as [([Float], Int)])
    func none(probabilities: [Float], truth: Int) {
        #expect(ProperScore(probabilities: probabilities, truth: truth) == nil)
    }

    @Test("a part of a longer array is scored by its own places")
    func slice() {
        let scores: [Float] = [9, 0.75, 0.25, 9]
        #expect(ProperScore(probabilities: scores[1...2], truth: 1) == ProperScore(probabilities: [0.75, 0.25] as [Float], truth: 1))
    }
}
