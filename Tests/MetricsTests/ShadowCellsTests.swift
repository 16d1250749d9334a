import Primitives
import Testing

@testable import Metrics

@Suite("the cells of shadows") struct ShadowCellsTests {
    @Test("the same key has the same cells; another primary, revision or model has its own")
    func sameKey() throws {
        let registry = CellRegistry(reactors: 1)
        let cells = try #require(registry.shadow(Shadows.key()))
        #expect(registry.shadow(Shadows.key()) === cells)
        let others = [
            Shadows.key("b"), Shadows.key(revision: 2), Shadows.key(classes: 3), Shadows.key(shadow: String(repeating: "b", count: 64)),
        ]
        for other in others.map({ registry.shadow($0) }) { #expect(other != nil && other !== cells) }
    }

    @Test("pairs are the last thread's: each reactor has a block of copies, and the last writer's file the only one of pairs")
    func writers() throws {
        let files = TestFiles(reactors: 4)
        let registry = CellRegistry(reactors: 4, serving: 2, blocks: files)
        let cells = try #require(registry.shadow(Shadows.key()))
        for reactor in 0..<2 { cells.copies(reactor: reactor).sampled() }
        _ = cells.pairs.compare(Shadows.pair(0.1, 0.2), primaryTime: 0, shadowTime: 0, tolerance: 0.1)
        let records = registry.records().filter { $0.head.kind != .reactor }
        #expect(records.map(\.head.kind) == [.copies, .copies, .pairs] && records.map(\.reactor) == [0, 1, 3])
        let read = (0..<4).map { files.reader($0) }
        #expect(read.allSatisfy { $0.complaints == [] })
        #expect(read.map { $0.blocks.map(\.head.kind) } == [[.copies], [.copies], [], [.pairs]])
        #expect(read.flatMap(\.blocks) == records, "a file's blocks have the number of its writer")
        let identities = records.map { Metrics.BlockIdentity(reactor: $0.reactor, serial: $0.head.serial) }
        #expect(Set(identities).count == 3)
    }

    @Test("cells are finished when nobody holds them; totals never fall; their blocks count again after a checkpoint")
    func life() throws {
        let rig = Rig(reactors: 2)
        var generator = SeededGenerator(state: 4)
        var old = rig.registry.shadow(Shadows.key(revision: 1))
        let new = try #require(rig.registry.shadow(Shadows.key(revision: 2)))
        for reactor in 0..<2 {
            Shadows.count(try #require(old), reactor: reactor, &generator)
            Shadows.count(new, reactor: reactor, &generator)
        }
        let before = rig.registry.snapshot()
        #expect(before.shadows.map(\.sampled) == [4] && before.shadows.map(\.shadow) == ["new"])
        #expect(rig.registry.takeFinished().isEmpty)
        old = nil
        let finished = rig.registry.takeFinished()
        #expect(finished.count == 1 && finished[0].blocks.map(\.head.kind) == [.copies, .copies, .pairs])
        #expect(finished[0].blocks.allSatisfy { $0.head.state == .finished && $0.head.revision == 1 })
        #expect(rig.registry.snapshot() == before && rig.registry.shadowRecords().map(\.revision) == [1, 2])
        rig.registry.recycle(finished.map(\.id))
        #expect(rig.registry.snapshot() == before && rig.registry.shadowRecords().map(\.revision) == [2])
        let sizes = (0..<2).map { rig.files.image($0).count }
        rig.registry.checkpointed()
        let next = try #require(rig.registry.shadow(Shadows.key("b", revision: 3)))
        #expect((0..<2).map { rig.files.image($0).count } == sizes, "the blocks are the old ones")
        #expect(next.totals() == ShadowTotals(route: "films", shadow: "new"))
        next.copies(reactor: 1).sampled()
        #expect(rig.registry.snapshot().shadows.map(\.sampled) == [5])
        #expect((0..<2).allSatisfy { rig.files.reader($0).complaints == [] })
        #expect(rig.registry.shadowRecords().map(\.primary) == [Shadows.key().shape.primary, NameHash(of: "b").value])
    }

    @Test("past the limit of names, and for a name that is too long, there are no cells: no copies are made")
    func limit() throws {
        let rig = Rig(limit: 2)
        let held = [rig.registry.shadow(Shadows.key()), rig.registry.shadow(Shadows.key("b")), rig.registry.shadow(Shadows.key("c"))]
        #expect(held.map { $0 != nil } == [true, true, false])
        var key = Shadows.key()
        key.shadow = String(repeating: "x", count: 65)
        #expect(Rig().registry.shadow(key) == nil)
    }

    @Test("without room in the file there are none, and what room was taken is free again")
    func noRoom() throws {
        let rig = Rig(room: CellLayout.reactorWords + CopyLayout.words)
        #expect(rig.registry.shadow(Shadows.key()) == nil && rig.registry.shadow(Shadows.key("b")) == nil)
        #expect(rig.registry.snapshot().shadows.isEmpty)
        #expect(rig.files.reader().blocks.isEmpty && rig.files.reader().complaints == [])
    }
}

@Suite("images of shadows that cannot be trusted") struct HostileShadowImageTests {
    /// The file's head, then a block of copies and one of pairs.
    private func image() throws -> [UInt64] {
        let rig = Rig()
        var generator = SeededGenerator(state: 3)
        let cells = try #require(rig.registry.shadow(Shadows.key()))
        for _ in 0..<20 { Shadows.count(cells, reactor: 0, &generator) }
        return rig.files.image()
    }

    private let copies = CellLayout.fileHead + CellLayout.reactorWords
    private let pairs = CellLayout.fileHead + CellLayout.reactorWords + CopyLayout.words

    @Test("the image without a fault has both kinds")
    func sound() throws {
        let reader = BlockReader(words: try image())
        #expect(reader.complaints == [] && reader.blocks.map(\.head.kind) == [.copies, .pairs])
    }

    @Test("a census that does not fit costs its block", arguments: 0..<5)
    func census(word: Int) throws {
        for value in [0, 2, 17, 1 << 32, .max] as [UInt64] {
            for (start, kind, other) in [(copies, BlockKind.copies, BlockKind.pairs), (pairs, .pairs, .copies)] {
                var words = try image()
                words[start + CellLayout.head + word] = value
                let reader = BlockReader(words: words)
                let (outputs, classes) = (word == 1 ? value : 2, word == 2 ? value : 2)
                // Names and digests may be anything of 32 bits; outputs and classes what has room, and in a block of copies they say nothing.
                let isPossible =
                    switch word {
                    case 0: false
                    case 1...2 where value > 16: false
                    case 1...2: kind == .copies || PairLayout.words(outputs: Int(outputs), classes: Int(classes)) == 3_776
                    default: value <= UInt64(UInt32.max)
                    }
                #expect(reader.complaints.map(\.reason) == (isPossible ? [] : [.block(.content(kind))]))
                #expect(isPossible ? reader.blocks.count == 2 : reader.blocks.map(\.head.kind) == [other])
            }
        }
    }

    @Test("a length that is another kind's costs its block, also one without any words", arguments: [32, 48, 64, 96, 3_520])
    func length(words length: UInt64) throws {
        var words = try image()
        words[pairs + 1] = length
        #expect(BlockReader(words: words).complaints.first?.reason == .block(.content(.pairs)))
        words = try image()
        words[copies + 1] = length
        let complaints = BlockReader(words: words).complaints.map(\.reason)
        #expect(length == 64 ? complaints == [] : complaints.first == .block(.content(.copies)))
    }

    @Test("random damage never traps, in reading and in what is made of it", arguments: 1...20 as ClosedRange<UInt64>)
    func damage(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let sound = try image()
        for _ in 0..<10 {
            var words = sound
            for _ in 0..<Int.random(in: 1...100, using: &generator) {
                let value = [0, 1, 2, 16, .max, UInt64.random(in: .min ... .max, using: &generator)].randomElement(using: &generator) ?? 0
                // Every other one into heads and censuses, which decide.
                let start = [copies, pairs].randomElement(using: &generator) ?? 0
                let place =
                    Bool.random(using: &generator)
                    ? start + Int.random(in: 0..<40, using: &generator) : Int.random(in: start..<words.count, using: &generator)
                words[place] = value
            }
            var sums = BlockSums()
            for block in BlockReader(words: words).blocks { sums.add(block) }
            for var record in sums.shadows() {
                record.add(record)
                _ = (record.underWay, record.time.mean, record.logLoss.variance, record.arranged([1, 0]), record.primaryTime.quantile(0.5))
                for output in record.outputs {
                    _ = DifferenceScale.quantile(0.99, of: output.absolute)
                    #expect(output.largestAbsolute.isFinite && output.largestRelative >= 0)
                }
            }
        }
    }
}
