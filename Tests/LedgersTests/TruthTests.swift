import Testing

@testable import Ledgers

@Suite struct TruthTests {
    @Test("true labels are found by the keys of their predictions, whatever else has come")
    func truths() throws {
        let rig = try OutcomeRig()
        _ = try rig.record(
            rig.entry(OutcomeRig.id(1), "category", truth: "Drama", truthIndex: 0),
            rig.entry(OutcomeRig.id(2), "category", truth: "Comedy", truthIndex: 1, later: 90_000),
            rig.entry(OutcomeRig.id(1), "correct"), rig.entry(OutcomeRig.id(3), "correct"))
        func key(_ number: UInt64) -> [UInt8] {
            [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 1] + (0..<5).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        let truths = try rig.ledger.truths(of: [key(1), key(2), key(3), key(4)], name: "category")
        #expect(truths == [key(1): "Drama", key(2): "Comedy"])
        #expect(try rig.ledger.truths(of: [key(1)], name: "other").isEmpty && rig.ledger.truths(of: [], name: "category").isEmpty)
    }

    @Test("predictions are counted by route")
    func counts() throws {
        let ledger = try TestFolder().open()
        try ledger.appendPredictions((0..<5).map { PredictionRecord.sample($0, route: $0 < 3 ? "films" : "books") })
        #expect(try ["films", "books", "none"].map { try ledger.predictionCount(route: $0) } == [3, 2, 0])
    }
}
