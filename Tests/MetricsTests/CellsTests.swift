import Glibc
import Primitives
import Testing

@testable import Metrics

@Suite struct CellsTests {
    @Test("every status number has the word of its own case; others share one")
    func statusNumbers() {
        for code in StatusCode.allCases where code != .other {
            #expect(StatusCode(Int(code.label) ?? 0) == code)
        }
        #expect(StatusCode(200) == .s200)
        #expect([0, 199, 299, 418, 502, 599, -1].allSatisfy { StatusCode($0) == .other })
        #expect(StatusCode.allCases.count <= CellLayout.statusWords)
        #expect(Refusal.allCases.count <= 16)
        #expect(ReactorCounter.allCases.count <= 48)
        #expect(EventKind.allCases.count <= VariantLayout.kinds)
        #expect(ServedReason.allCases.allSatisfy { $0.rawValue < VariantLayout.reasons })
    }

    @Test("the parts of a block lie one after another, and blocks are whole pairs of cache lines")
    func layout() {
        let parts = [
            (VariantLayout.answers, 8 * 32), (VariantLayout.rows, 8), (VariantLayout.exposures, 32), (VariantLayout.exposedRows, 1),
            (VariantLayout.firstEvents, 8), (VariantLayout.events, 8), (VariantLayout.census, 4), (VariantLayout.latency, 1_698),
            (VariantLayout.queue, 1_698), (VariantLayout.model, 1_698), (VariantLayout.tail, 0),
        ]
        for (part, next) in zip(parts, parts.dropFirst()) { #expect(part.0 + part.1 <= next.0) }
        for words in [
            VariantLayout.words(.plain), VariantLayout.words(Shapes.full), CellLayout.routeWords, CellLayout.reactorWords,
            ExposureLayout.words,
        ] {
            #expect(words % CellLayout.alignment == 0)
        }
        #expect(VariantLayout.words(.plain) == 5_472 && ExposureLayout.words == 16_544 && CellLayout.reactorWords == 128)
        let blocks = AnonymousBlocks()
        for words in [32, 64, 1 << 18, 32] {
            #expect(UInt(bitPattern: blocks.block(words: words, reactor: 0)) % 128 == 0)
        }
    }

    @Test("a variant's totals are the sum over reactors")
    func variantTotals() {
        let cells = CellRegistry(reactors: 2).variant(route: "r", variant: "v")
        cells.meter(reactor: 0).record(status: .s200, rows: 3, latency: 1_000_000, model: 10_000)
        cells.meter(reactor: 1).record(status: .s200, rows: 1, latency: 2_000_000, model: 20_000)
        cells.meter(reactor: 1).record(status: .s504, rows: 1, latency: 50_000_000, model: 0)
        let totals = cells.totals()
        #expect(totals.answers[Int(StatusCode.s200.rawValue)] == 2)
        #expect(totals.answers(.ok) == 2)
        #expect(totals.answers(.timeout) == 1)
        #expect(AnswerClass.allCases.reduce(0) { $0 + totals.answers($1) } == 3)
        #expect(totals.rows == 5)
        #expect(totals.latency.count == 3)
        #expect(totals.latency.sum == 53_000_000)
        #expect(totals.model.count == 2, "an answer that never reached the model has no model time")
        #expect(totals.model.sum == 30_000)
    }

    @Test("a reactor's histograms equal those of the plain value")
    func sameBuckets() {
        let cells = CellRegistry(reactors: 1).variant(route: "r", variant: "v")
        var generator = SeededGenerator(state: 11)
        var plain = LatencyHistogram()
        for _ in 0..<2_000 {
            let latency = generator.latency()
            plain.record(latency)
            cells.meter(reactor: 0).record(status: .s200, rows: 1, latency: latency, model: latency)
        }
        #expect(cells.totals().latency == plain)
        #expect(cells.totals().model == plain)
    }

    @Test("merging totals is the same in any grouping")
    func totalsMerge() {
        let parts = (0..<3).map { part in
            let cells = CellRegistry(reactors: 1).variant(route: "r", variant: "v")
            var generator = SeededGenerator(state: UInt64(part))
            for _ in 0..<100 {
                let status = StatusCode.allCases.randomElement(using: &generator) ?? .other
                cells.meter(reactor: 0).record(status: status, rows: part, latency: generator.latency(), model: generator.latency())
            }
            return cells.totals()
        }
        var left = parts[0]
        left.merge(parts[1])
        left.merge(parts[2])
        var tail = parts[1]
        tail.merge(parts[2])
        var right = parts[0]
        right.merge(tail)
        #expect(left == right)
        #expect(left.answers.reduce(0, +) == 300)
    }

    @Test("a reactor's counters, refusals and answers each have their own word")
    func reactorCells() {
        let cells = CellRegistry(reactors: 2).reactors
        for counter in ReactorCounter.allCases {
            cells.meter(reactor: 0).count(counter, 100 + Int(counter.rawValue))
            cells.meter(reactor: 1).count(counter)
        }
        for refusal in Refusal.allCases {
            for _ in 0...refusal.rawValue { cells.meter(reactor: 1).refused(refusal) }
        }
        cells.meter(reactor: 0).answered(.s404)
        let totals = cells.totals()
        #expect(totals.counters == ReactorCounter.allCases.map { 101 + UInt64($0.rawValue) })
        #expect(totals.refusals == Refusal.allCases.map { 1 + UInt64($0.rawValue) })
        #expect(totals.answers[Int(StatusCode.s404.rawValue)] == 1)
        #expect(totals.answers.reduce(0, +) == 1)
        #expect(cells.value(.turns, reactor: 1) == 1)
    }

    @Test("a concurrent reader never sees a number shrink, and in the end sees every one")
    func monotoneForReaders() async {
        let cells = CellRegistry(reactors: 2).variant(route: "r", variant: "v")
        await withTaskGroup { group in
            for reactor in 0..<2 {
                group.addTask {
                    let meter = cells.meter(reactor: reactor)
                    for turn in 0..<200_000 as Range<UInt64> {
                        meter.record(status: .s200, rows: 2, latency: 1_000 + turn, model: 5_000)
                    }
                }
            }
            group.addTask {
                var last = cells.totals()
                for _ in 0..<50 {
                    let now = cells.totals()
                    #expect(now.rows >= last.rows)
                    #expect(now.answers(.ok) >= last.answers(.ok))
                    #expect(now.latency.count >= last.latency.count)
                    #expect(zip(now.latency.counts, last.latency.counts).allSatisfy { $0 >= $1 })
                    last = now
                }
            }
        }
        let totals = cells.totals()
        #expect(totals.rows == 800_000)
        #expect(totals.latency.count == 400_000)
        #expect(totals.model.count == 400_000)
    }

    @Test("blocks that nothing was counted in take one page of memory, even when read")
    func untouchedIsFree() {
        let before = residentPages()
        let registry = CellRegistry(reactors: 16)
        let cells = (0..<1_000).map { registry.variant(route: "r", variant: "\($0)") }
        for cell in cells { #expect(cell.totals().rows == 0) }
        #expect(registry.records() == [])
        let grown = (residentPages() - before) * 4
        // 1000 × 16 × 42.75 KB would be 684 MB. A head takes a page; other tests running meanwhile take some of what is allowed here.
        #expect(grown < 200_000, "\(grown) KB")
    }

    /// Anonymous pages of this process in memory (proc(5), statm: resident minus shared).
    private func residentPages() -> Int {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
        defer { unsafe fclose(file) }
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe fgets(&bytes, 256, file) != nil else { return 0 }
        let fields = bytes.split(separator: 32).map { Int(String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? 0 }
        return fields[1] - fields[2]
    }
}

@Suite struct CellRegistryTests {
    @Test("a name asked for again goes on counting in the same cells")
    func keptByName() {
        let registry = CellRegistry(reactors: 1)
        registry.variant(route: "a", variant: "x").meter(reactor: 0).record(status: .s200, rows: 1, latency: 5_000, model: 0)
        registry.variant(route: "a", variant: "x").meter(reactor: 0).record(status: .s200, rows: 1, latency: 5_000, model: 0)
        registry.variant(route: "b", variant: "x").meter(reactor: 0).record(status: .s400, rows: 1, latency: 5_000, model: 0)
        registry.route("a").meter(reactor: 0).answered(.s401)
        let snapshot = registry.snapshot()
        #expect(snapshot.variants.map(\.route) == ["a", "b"])
        #expect(snapshot.variants.map(\.rows) == [2, 1])
        #expect(snapshot.routes.map(\.route) == ["a"])
        #expect(snapshot.routes[0].answers[Int(StatusCode.s401.rawValue)] == 1)
    }

    @Test("names past the limit share one set of cells, so that the sums stay whole")
    func limitShares() {
        let registry = CellRegistry(reactors: 1, limit: 2)
        for name in ["x", "y", "z", "w"] {
            registry.variant(route: "a", variant: name).meter(reactor: 0).record(status: .s200, rows: 1, latency: 1_000, model: 0)
        }
        for name in ["a", "b"] { registry.route(name).meter(reactor: 0).answered(.s404) }
        let snapshot = registry.snapshot()
        #expect(snapshot.variants.map(\.variant) == ["*", "x", "y"])
        #expect(snapshot.variants.map(\.rows) == [2, 1, 1])
        #expect(snapshot.routes.map(\.route) == ["*"])
        #expect(snapshot.routes[0].answers.reduce(0, +) == 2)
    }
}
