import Testing

@testable import Ledgers

@Suite struct KeyTests {
    @Test("the first opening makes one key of each kind, 16 bytes and not alike")
    func made() throws {
        let snapshot = try TestFolder().open().snapshot(now: .noon)
        #expect(snapshot.predictionKeys.map(\.id) == [0])
        #expect(snapshot.predictionKeys.map(\.bytes.count) == [16])
        #expect(snapshot.unitKey.count == 16)
        #expect(snapshot.unitKey != snapshot.predictionKeys.first?.bytes)
        #expect(Set(snapshot.unitKey).count > 1)
    }

    @Test("after a rotation the new key comes first, the old one stays, and the unit key is the same")
    func rotation() throws {
        let ledger = try TestFolder().open()
        let before = try ledger.snapshot(now: .noon)
        let made = try ledger.rotatePredictionKey(author: "ana", now: .noon)
        let after = try ledger.snapshot(now: .noon)
        #expect(made.id == 1)
        #expect(after.predictionKeys == [made] + before.predictionKeys)
        #expect(after.unitKey == before.unitKey)
    }

    @Test("the 257th key takes the id of the first, which is then gone")
    func wrapping() throws {
        let ledger = try TestFolder().open()
        let first = try #require(try ledger.snapshot(now: .noon).predictionKeys.first)
        for _ in 0..<256 { _ = try ledger.rotatePredictionKey(author: "ana", now: .noon) }
        let keys = try ledger.snapshot(now: .noon).predictionKeys
        #expect(keys.count == 256)
        #expect(keys.first?.id == 0)
        #expect(Set(keys.map(\.id)).count == 256)
        #expect(!keys.contains(first))
    }
}
