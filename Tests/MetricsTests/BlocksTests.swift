import Primitives
import Testing

@testable import Metrics

@Suite("blocks") struct BlocksTests {
    /// Counts the same seeded traffic over several reactors.
    private func traffic(_ rig: Rig, seed: UInt64, requests: Int = 300) -> [VariantCells] {
        var generator = SeededGenerator(state: seed)
        let cells = ["x", "y"].map { rig.registry.variant(route: "films", variant: $0, revision: 7, shape: Shapes.full, bins: Shapes.bins) }
        for _ in 0..<requests {
            let reactor = Int.random(in: 0..<rig.registry.reactorCount, using: &generator)
            let chosen = Int.random(in: 0..<2, using: &generator)
            Shapes.count(cells[chosen].meter(reactor: reactor), &generator)
            rig.registry.route("films").meter(reactor: reactor).answered(.s404)
            rig.registry.reactors.meter(reactor: reactor).count(.turns)
        }
        return cells
    }

    @Test("an image read back gives the words and records of the live blocks", arguments: [1, 2, 3] as [UInt64])
    func restart(seed: UInt64) {
        let rig = Rig(reactors: 2)
        let cells = traffic(rig, seed: seed)
        let readers = (0..<2).map { rig.files.reader($0) }
        #expect(readers.allSatisfy { $0.complaints == [] })
        #expect(readers.map(\.worker) == (0..<2).map { WorkerIdentity(start: 1_700, nonce: 7, reactor: $0, process: 42) })
        func order(_ records: [BlockRecord]) -> [BlockRecord] {
            records.sorted { ($0.reactor, $0.head.serial) < ($1.reactor, $1.head.serial) }
        }
        let live = order(rig.registry.records())
        #expect(order(readers.flatMap(\.blocks)) == live)
        #expect(live.count == 8 && live.allSatisfy { $0.head.created == 99 || $0.head.kind != .reactor })
        var sums = BlockSums()
        for record in live { sums.add(record) }
        let variants = sums.variants()
        #expect(variants.map(\.variant) == ["x", "y"] && variants.allSatisfy { $0.blocks == 2 && $0.revision == 7 })
        for (record, cells) in zip(variants, cells) {
            let totals = cells.totals()
            #expect(record.latency == totals.latency && record.queue == totals.queue && record.model == totals.model)
            #expect(record.answersByReason.map { Array($0.prefix(totals.answers.count)) } == totals.answersByReason)
            #expect(record.rowsByReason.reduce(0, +) == totals.rows)
            #expect(record.scores.map(\.kind) == [.probability, .probability, .probability, .value] && record.features.count == 3)
            #expect(record.exposures.reduce(0, +) == record.features[1].reduce(0, +))
        }
    }

    @Test("the same traffic over any number of files, merged in any order, gives identical words", arguments: [1, 2, 5])
    func split(files: Int) {
        func sums(_ files: Int, shuffled seed: UInt64?) -> [BlockKey: [UInt64]] {
            let rigs = (0..<files).map { _ in Rig() }
            var generator = SeededGenerator(state: 5)
            let shape = Shapes.full
            for request in 0..<400 {
                let cells = rigs[request % files].registry.variant(route: "r", variant: "v", revision: 1, shape: shape, bins: Shapes.bins)
                Shapes.count(cells.meter(reactor: 0), &generator)
            }
            var blocks = rigs.flatMap { $0.files.reader().blocks }
            if let seed {
                var shuffler = SeededGenerator(state: seed)
                blocks.shuffle(using: &shuffler)
            }
            var sums = BlockSums()
            for block in blocks {
                let isAdded = sums.add(block)
                #expect(isAdded)
            }
            return sums.bodies
        }
        let whole = sums(1, shuffled: nil)
        #expect(!whole.isEmpty)
        for seed in [nil, 1, 2] as [UInt64?] {
            var parts = sums(files, shuffled: seed)
            #expect(Set(parts.keys) == Set(whole.keys))
            // The census says of how many blocks a sum is, and nothing else differs.
            for key in parts.keys {
                let place = VariantLayout.census - CellLayout.head
                for word in place..<(place + 4) { parts[key]?[word] /= UInt64(files) }
            }
            #expect(parts == whole)
        }
    }

    @Test("words of another length are not added")
    func lengths() {
        var sums = BlockSums()
        let key = BlockKey(kind: .route, route: "r", variant: "", revision: 0, shape: 0)
        let answers = [sums.add([1, 2], to: key), sums.add([1, 2, 3], to: key)]
        #expect(answers == [true, false])
        #expect(sums.bodies[key] == [1, 2])
        #expect(sums.variants() == [])
    }

    @Test("an override counts in its row of the table and in rows, and nowhere else")
    func overrides() throws {
        let rig = Rig()
        let meter = rig.registry.variant(route: "r", variant: "v").meter(reactor: 0)
        meter.answered(status: .s200, reason: .override, rows: 4, latency: 1_000_000, queue: 5_000, model: 6_000)
        var sums = BlockSums()
        for record in rig.registry.records() { sums.add(record) }
        let record = try #require(sums.variants().first)
        #expect(record.answersByReason[Int(ServedReason.override.rawValue)][Int(StatusCode.s200.rawValue)] == 1)
        #expect(record.answersByReason.joined().reduce(0, +) == 1 && record.rowsByReason == [0, 0, 0, 0, 4, 0, 0, 0])
        #expect(record.latency.count == 0 && record.queue.count == 0 && record.model.count == 0 && record.exposures.reduce(0, +) == 0)
    }

    @Test("first events and all events are counted apart, by kind")
    func events() throws {
        let rig = Rig()
        let meter = rig.registry.variant(route: "r", variant: "v").meter(reactor: 0)
        for kind in EventKind.allCases {
            for turn in 0...kind.rawValue { meter.event(kind, isFirst: turn == 0) }
        }
        var sums = BlockSums()
        for record in rig.registry.records() { sums.add(record) }
        let record = try #require(sums.variants().first)
        #expect(record.events == [1, 2, 3, 4, 5, 6, 0, 0] && record.firstEvents == [1, 1, 1, 1, 1, 1, 0, 0])
    }

    @Test("names keep all their bytes", arguments: ["a", "äöü", String(repeating: "x", count: 64), "模型"])
    func names(name: String) throws {
        let rig = Rig()
        rig.registry.variant(route: name, variant: "v" + name.dropFirst()).meter(reactor: 0).exposed(status: .s200, rows: 1)
        let head = try #require(rig.files.reader().blocks.first?.head)
        #expect(head.route == name && head.variant == "v" + name.dropFirst())
    }
}

@Suite("images that cannot be trusted") struct HostileImageTests {
    /// A reactor's block, a route's, a variant's and one of exposures, with traffic in all of them.
    private func image() -> [UInt64] {
        let rig = Rig()
        var generator = SeededGenerator(state: 3)
        rig.registry.reactors.meter(reactor: 0).count(.turns)
        rig.registry.route("r").meter(reactor: 0).answered(.s404)
        Shapes.count(
            rig.registry.variant(route: "r", variant: "v", revision: 1, shape: Shapes.full, bins: Shapes.bins).meter(reactor: 0), &generator
        )
        let key = ExposureKey(route: "r", variant: "v", revision: 1, declaration: 1, sliceMilliseconds: 1_000)
        #expect(rig.registry.exposures(key)?.meter(reactor: 0).exposed(slice: 9, bucket: 1, rows: 2) == true)
        return rig.files.image()
    }

    /// Where the route's block begins.
    private let route = CellLayout.fileHead + CellLayout.reactorWords

    @Test("the image without a fault has all four kinds")
    func sound() {
        let reader = BlockReader(words: image())
        #expect(reader.complaints == [] && reader.blocks.map(\.head.kind) == [.reactor, .route, .variant, .exposures])
        #expect(reader.blocks.last?.slices() == [ExposureSlice(slice: 9, counts: [0, 2] + Array(repeating: 0, count: 254))])
        #expect(reader.blocks.last?.slices(after: 9) == [] && reader.blocks.last?.slices(through: 8) == [])
    }

    @Test(
        "a fault in the file's head is said, and nothing is read",
        arguments: zip([0, 1, 4], [.magic, .version(77), .head] as [CellComplaint.Reason]))
    func fileHead(word: Int, reason: CellComplaint.Reason) {
        var words = image()
        words[word] = word == 1 ? 77 : .max
        let reader = BlockReader(words: words)
        #expect(reader.blocks == [] && reader.complaints.map(\.reason) == [reason])
    }

    @Test(
        "a fault in one block costs that block, and those behind it only when its length is lost",
        arguments: [
            (0, 0, .noBlock, 1), (0, CellLayout.blockMagic | 9 << 8 | 2, .version(9), 3),
            (0, CellLayout.blockMagic | 2 << 8 | 77, .kind(77), 3),
            (1, 0, .length(0), 1), (1, 48 + 7, .length(55), 1), (1, 1 << 40, .length(1 << 40), 1), (1, .max, .length(.max), 1),
            (2, 0, .field("serial"), 3),
            (2, 1, .serial(1), 3), (3, 3, .field("state"), 3), (4, 1 << 32, .field("revision"), 3), (8, 0xFF, .name, 3),
            (9, 0x41, .name, 3),
            (25, .max, .field("declaration"), 3), (26, .max, .field("outputs or features"), 3),
        ] as [(Int, UInt64, BlockFault, Int)])
    func blockHead(word: Int, value: UInt64, fault: BlockFault, left: Int) {
        var words = image()
        words[route + word] = value
        let reader = BlockReader(words: words)
        #expect(reader.complaints == [CellComplaint(reason: .block(fault), offset: route * 8)])
        #expect(reader.blocks.count == left)
        #expect(!reader.complaints.contains { $0.description.isEmpty })
    }

    @Test("a census that does not fit its head or its length costs the block", arguments: [0, 1, 2, 3])
    func census(word: Int) {
        for value in [0, 2, 1 << 20, .max] as [UInt64] {
            var words = image()
            let place = route + CellLayout.routeWords + VariantLayout.census + word
            guard words[place] != value else { continue }
            words[place] = value
            let reader = BlockReader(words: words)
            #expect(reader.complaints.map(\.reason) == [.block(.content(.variant))])
            #expect(reader.blocks.map(\.head.kind) == [.reactor, .route, .exposures])
        }
    }

    @Test("a cut anywhere gives the blocks before it and a complaint")
    func cut() {
        let words = image()
        var counts: Set<Int> = []
        for length in stride(from: 0, to: words.count, by: 61) {
            let reader = BlockReader(words: Array(words[..<length]))
            #expect(!reader.complaints.isEmpty)
            counts.insert(reader.blocks.count)
        }
        #expect(counts == [0, 1, 2, 3])
    }

    @Test("random damage never traps, in reading and in what is made of it", arguments: 1...20 as ClosedRange<UInt64>)
    func damage(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let sound = image()
        for _ in 0..<10 {
            var words = sound
            for _ in 0..<Int.random(in: 1...200, using: &generator) {
                let value = [0, 1, .max, UInt64.random(in: .min ... .max, using: &generator)].randomElement(using: &generator) ?? 0
                // Every other one into the heads, which decide.
                let heads = [0, CellLayout.fileHead, route, route + CellLayout.routeWords]
                let head = (heads.randomElement(using: &generator) ?? 0) + Int.random(in: 0..<32, using: &generator)
                words[Bool.random(using: &generator) ? head : Int.random(in: words.indices, using: &generator)] = value
            }
            if Bool.random(using: &generator) { words.replaceSubrange(0..<6, with: sound[0..<6]) }
            let reader = BlockReader(words: words)
            var sums = BlockSums()
            for block in reader.blocks {
                sums.add(block)
                _ = block.slices()
            }
            for variant in sums.variants() {
                _ = [variant.latency, variant.queue, variant.model].map {
                    ($0.quantile(0.5), $0.cumulative(at: MetricNames.durationBounds))
                }
                _ = variant.scores.map { ($0.quantile(1), $0.count) }
            }
            #expect(reader.complaints.count <= Limits.complaints)
        }
    }

    @Test("counts at the end of their range give some quantile")
    func fullCounts() {
        let histogram = LatencyHistogram(counts: Array(repeating: .max, count: LatencyHistogram.bucketCount), sum: .max)
        #expect(histogram.quantile(0.5) != nil && histogram.quantile(1) != nil)
        #expect(LatencyHistogram.rank(1, of: .max) == .max && LatencyHistogram.rank(0, of: .max) == 1)
    }
}
