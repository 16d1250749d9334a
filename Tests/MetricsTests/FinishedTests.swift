import Testing

@testable import Metrics

@Suite("finished cells") struct FinishedTests {
    private func count(_ cells: VariantCells, _ times: Int = 3) {
        for _ in 0..<times { cells.meter(reactor: 0).record(status: .s200, rows: 1, latency: 5_000, model: 2_000) }
    }

    @Test("cells are finished when nobody but the registry holds them; totals never fall; their memory is used again after a checkpoint")
    func life() throws {
        let rig = Rig(reactors: 2)
        var old: VariantCells? = rig.registry.variant(route: "r", variant: "v", revision: 1)
        let new = rig.registry.variant(route: "r", variant: "v", revision: 2)
        count(try #require(old))
        count(new)
        #expect(rig.registry.takeFinished().isEmpty)
        old = nil
        let finished = rig.registry.takeFinished()
        #expect(
            finished.count == 1 && finished[0].blocks.map(\.head.revision) == [1] && finished[0].blocks.map(\.head.state) == [.finished])
        #expect(rig.registry.takeFinished().map(\.blocks) == finished.map(\.blocks), "until it is handed back")
        #expect(rig.registry.records().map(\.head.revision).sorted() == [1, 2], "and readable until then")
        let before = rig.registry.snapshot()
        #expect(before.variants.map(\.rows) == [6])
        let size = rig.files.image().count
        rig.registry.recycle([finished[0].id, 77])
        #expect(rig.registry.snapshot() == before && rig.registry.takeFinished().isEmpty)
        #expect(rig.files.reader().blocks.map(\.head.revision) == [2] && rig.files.reader().complaints == [])
        rig.registry.checkpointed()
        let next = rig.registry.variant(route: "s", variant: "w", revision: 3)
        #expect(rig.files.image().count == size, "the block is the old one")
        #expect(next.totals() == VariantTotals(route: "s", variant: "w"))
        count(next, 1)
        let heads = rig.files.reader().blocks.map(\.head)
        #expect(
            heads.map(\.route) == ["s", "r"] && Set(heads.map(\.serial)).count == 2
                && heads.allSatisfy { $0.serial != finished[0].blocks[0].head.serial })
        #expect(rig.registry.snapshot().variants.map(\.rows) == [6, 1])
    }

    @Test("a block that was handed back is not used before the next checkpoint")
    func checkpoint() {
        let rig = Rig()
        count(rig.registry.variant(route: "r", variant: "v", revision: 1))
        let size = rig.files.image().count
        rig.registry.recycle(rig.registry.takeFinished().map(\.id))
        let other = rig.registry.variant(route: "r", variant: "v", revision: 2)
        #expect(rig.files.image().count > size && other.totals().rows == 0)
    }

    @Test("finished exposures give what the ledger does not have, until it has everything")
    func exposures() throws {
        let rig = Rig()
        let key = ExposureKey(route: "r", variant: "v", revision: 1, declaration: 1, sliceMilliseconds: 1_000)
        #expect(try #require(rig.registry.exposures(key)).meter(reactor: 0).exposed(slice: 5, bucket: 1, rows: 1))
        #expect(try #require(rig.registry.exposures(key)).meter(reactor: 0).exposed(slice: 6, bucket: 1, rows: 2))
        let finished = rig.registry.takeFinished()
        let record = try #require(finished.first?.exposures.first)
        #expect(record.slices.map(\.slice) == [5, 6] && rig.registry.exposureRecords() == [record])
        rig.registry.markFolded([BlockIdentity(reactor: 0, serial: record.head.serial): 5, BlockIdentity(reactor: 0, serial: 99): 9])
        #expect(rig.registry.takeFinished().first?.exposures.first?.slices.map(\.slice) == [6])
        #expect(rig.registry.exposureRecords(through: { _ in 5 }) == [])
        rig.registry.recycle(finished.map(\.id))
        #expect(rig.registry.exposureRecords() == [] && rig.files.reader().blocks == [])
    }

    @Test("without room in the file names share one set of cells in plain memory, and blocks that were begun are stepped over")
    func noRoom() {
        let rig = Rig(reactors: 2, room: 3 * VariantLayout.words(.plain))
        let cells = ["a", "b", "c", "d"].map { rig.registry.variant(route: "r", variant: $0) }
        for cells in cells { count(cells) }
        #expect(cells.map(\.variant) == ["a", "b", "*", "*"])
        #expect(rig.registry.snapshot().variants.map(\.rows) == [6, 3, 3])
        #expect((0..<2).allSatisfy { rig.files.reader($0).complaints == [] })
        #expect(rig.registry.variant(route: String(repeating: "x", count: 65), variant: "v").route == "*")
    }
}
