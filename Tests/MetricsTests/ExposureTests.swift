import Testing

@testable import Metrics

@Suite("exposures by slice") struct ExposureTests {
    private let key = ExposureKey(route: "r", variant: "v", revision: 2, declaration: 3, sliceMilliseconds: 1_000)

    private func cells(_ rig: Rig) throws -> ExposureCells {
        try #require(rig.registry.exposures(key))
    }

    @Test("counts by slice and bucket equal a plain count, live and read back", arguments: [1, 2] as [UInt64])
    func counts(seed: UInt64) throws {
        let rig = Rig(reactors: 2)
        let cells = try cells(rig)
        var generator = SeededGenerator(state: seed)
        var plain: [[UInt64: [UInt64]]] = [[:], [:]]
        for _ in 0..<3_000 {
            let (reactor, slice) = (Int.random(in: 0..<2, using: &generator), UInt64.random(in: 1_000..<1_064, using: &generator))
            let (bucket, rows) = (UInt8.random(in: 0...255, using: &generator), Int.random(in: 1...9, using: &generator))
            #expect(cells.meter(reactor: reactor).exposed(slice: slice, bucket: bucket, rows: rows))
            plain[reactor][slice, default: Array(repeating: 0, count: 256)][Int(bucket)] += UInt64(rows)
        }
        let wanted = plain.map { slices in slices.sorted { $0.key < $1.key }.map { ExposureSlice(slice: $0.key, counts: $0.value) } }
        #expect(cells.records().map(\.slices) == wanted)
        #expect(cells.records().allSatisfy { $0.key == key })
        #expect((0..<2).map { rig.files.reader($0).blocks[0].slices() } == wanted)
        #expect(cells.records(through: 1_009).map { $0.slices.map(\.slice) } == wanted.map { $0.map(\.slice).filter { $0 <= 1_009 } })
    }

    @Test("a slot is taken over once its slice is folded, and not before; the new slice begins at zero")
    func takeover() throws {
        let rig = Rig()
        let cells = try cells(rig)
        let meter = cells.meter(reactor: 0)
        #expect(meter.exposed(slice: 100, bucket: 5, rows: 3))
        #expect(meter.exposed(slice: 101, bucket: 5, rows: 1))
        #expect(!meter.exposed(slice: 164, bucket: 6, rows: 1), "slice 100 is not folded")
        cells.markFolded(reactor: 0, through: 99)
        #expect(!meter.exposed(slice: 164, bucket: 6, rows: 1), "slice 100 is still not folded")
        cells.markFolded(reactor: 0, through: 100)
        cells.markFolded(reactor: 0, through: 50)
        #expect(!meter.exposed(slice: 100, bucket: 5, rows: 1), "the ledger has slice 100 already")
        #expect(!meter.exposed(slice: 36, bucket: 5, rows: 1), "nor can an older one take its slot")
        #expect(cells.records().map { $0.slices.map(\.slice) } == [[101]])
        #expect(meter.exposed(slice: 164, bucket: 6, rows: 1))
        let slices = try #require(cells.records().first).slices
        #expect(slices.map(\.slice) == [101, 164])
        #expect(slices[1].counts[6] == 1 && slices[1].counts.reduce(0, +) == 1)
        #expect(!meter.exposed(slice: 0, bucket: 0, rows: 1))
        #expect(!ExposureMeter.none.exposed(slice: 500, bucket: 0, rows: 1))
    }

    @Test("a slot whose two names differ is left out, with a complaint")
    func torn() throws {
        let rig = Rig()
        let meter = try cells(rig).meter(reactor: 0)
        #expect(meter.exposed(slice: 64, bucket: 0, rows: 1) && meter.exposed(slice: 65, bucket: 0, rows: 1))
        var image = rig.files.image()
        image[CellLayout.fileHead + CellLayout.reactorWords + CellLayout.head] = 0
        let reader = BlockReader(words: image)
        #expect(reader.blocks.first?.slices().map(\.slice) == [65])
        #expect(reader.complaints.map(\.reason) == [.tornSlots(1)])
    }

    @Test("a slot of a slice that no clock reaches is left out, with a complaint", arguments: [UInt64.max, 1 << 63, (1 << 48) + 1] as [UInt64])
    func beyondTime(name: UInt64) throws {
        let rig = Rig()
        #expect(try cells(rig).meter(reactor: 0).exposed(slice: 64, bucket: 0, rows: 1))
        var image = rig.files.image()
        let slot = CellLayout.fileHead + CellLayout.reactorWords + CellLayout.head + ExposureLayout.slotWords
        (image[slot], image[slot + ExposureLayout.slotWords - 1]) = (name, name)
        let reader = BlockReader(words: image)
        #expect(reader.blocks.first?.slices().map(\.slice) == [64])
        #expect(reader.complaints.map(\.reason) == [.tornSlots(1)])
    }

    @Test("exposures past the limit or without room have no cells")
    func limits() {
        #expect(Rig(limit: 0).registry.exposures(key) == nil)
        #expect(Rig(room: 4_096).registry.exposures(key) == nil)
    }
}

@Suite("first events") struct FirstEventTests {
    @Test("each slot has one first event of each kind, like a set")
    func likeASet() {
        let memory = AnonymousBlocks()
        guard let words = memory.block(words: EventKind.allCases.count * FirstEventMap.words, reactor: 0) else { return }
        var generator = SeededGenerator(state: 4)
        for kind in EventKind.allCases {
            let map = FirstEventMap(of: kind, in: words)
            #expect(map.filled == 0)
            var seen: Set<UInt64> = []
            for _ in 0..<5_000 {
                let slot = UInt64.random(in: 0..<1_000, using: &generator) &* 1_049
                // Bits above the twentieth do not matter.
                let isFirst = map.isFirst(slot: slot | generator.next() << 20)
                #expect(isFirst == seen.insert(slot & 0xF_FFFF).inserted)
            }
            #expect(map.filled == seen.count)
        }
    }

    @Test("of many threads exactly one is told that it was first")
    func threads() async {
        let memory = AnonymousBlocks()
        guard let words = memory.block(words: FirstEventMap.words, reactor: 0) else { return }
        let map = FirstEventMap(of: .exposure, in: words)
        let firsts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { (0..<20_000 as Range<UInt64>).count { map.isFirst(slot: $0) } } }
            return await group.reduce(0, +)
        }
        #expect(firsts == 20_000 && map.filled == 20_000)
    }
}
