import Primitives
import Testing

@Suite struct PredictionDrawTests {
    @Test(arguments: [0.5, 1, 20, 35, 50, 99])
    func `a share of the predictions is below it, within three standard deviations`(_ percent: Double) {
        let share = PredictionDraw.share(percent: percent)
        let count = 200_000
        let taken = (0..<count).count { PredictionDraw.draw(nonce: 0x1234_5678_9ABC_DEF0, reactor: $0 % 4, sequence: UInt64($0 / 4)) < share }
        let p = percent / 100
        #expect(abs(Double(taken) - p * Double(count)) < 3 * (p * (1 - p) * Double(count)).squareRoot())
    }

    @Test func `all and none are exact`() {
        #expect(PredictionDraw.share(percent: 100) == 1 << 32)
        #expect(PredictionDraw.share(percent: 0) == 0)
        #expect(PredictionDraw.draw(nonce: .max, reactor: 254, sequence: 1 << 40 - 1) < 1 << 32)
    }
}
