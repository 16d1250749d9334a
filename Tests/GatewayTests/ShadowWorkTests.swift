import Breakers
import Ledgers
import Metrics
import Primitives
import Processes
import Testing

@testable import Gateway

@Suite("what becomes of copies") struct ShadowWorkTests {
    private let rig: ShadowRig

    init() throws { rig = try ShadowRig() }

    /// The number of a class of the champion's in the shadow's order.
    private func number(_ name: String) throws -> Int32 {
        Int32(try #require(try rig.set.shadows[0].model.labels.firstIndex(of: name)))
    }

    /// Scores in the shadow's order, by the champion's classes.
    private func scores(_ byClass: [String: Float]) throws -> [Float] { try rig.set.shadows[0].model.labels.map { byClass[$0] ?? 0 } }

    @Test("waiting rows go out in one call, and are compared by the names of classes, whatever their order")
    func compares() throws {
        try rig.copy(3)
        rig.open()
        let host = try rig.host
        #expect(host.orders.map(\.rows) == [3])
        #expect((0..<3).map { host.slate.slots[4 * $0] } == [0, 1, 2])
        let labels = try rig.set.variants[0].shape.labels
        try rig.answer(try number(labels[1]), try scores([labels[0]: 0.25, labels[1]: 0.5, labels[2]: 0.25]))
        let record = try rig.record
        #expect(record.sampled == 3 && record.compared == 3 && record.ran == 3 && record.agreed == 0 && record.diverged == 3)
        #expect(record.outputs.map(\.largestAbsolute) == [0.25, 0.25, 0])
        #expect(record.confusion[0][1] == 3)
        #expect(record.time.count == 3 && record.time.primary == 6_000)
    }

    @Test("a copy without an answer is run, and dropped")
    func primaryFailed() throws {
        try rig.copy(2, answer: nil)
        rig.open()
        try rig.answer(0, [1, 0, 0])
        #expect(try rig.dropped(.primaryFailed) == 2 && rig.record.ran == 2 && rig.record.compared == 0)
    }

    @Test("rows that its model fails on are dropped, those beside them are compared")
    func failedRows() throws {
        try rig.copy(4)
        rig.open()
        try rig.host.answer(scores: 3) { $0 == 1 ? nil : (0, [1, 0, 0]) }
        rig.turn()
        #expect(try rig.dropped(.shadowFailed) == 1 && rig.record.compared == 3)
    }

    @Test("what finds no room is dropped, what waits too long is, and the account is even")
    func bounds() throws {
        rig.open()
        try rig.copy(64)
        rig.turn()
        for _ in 0..<4 {
            try rig.copy(1_100)
            rig.turn()
        }
        #expect(try rig.dropped(.queueFull) == 4 * 1_100 - 4_096)
        rig.turn(after: 10_001)
        #expect(try rig.dropped(.expired) == 4_096)
        try rig.answer(0, [1, 0, 0])
        #expect(try rig.record.compared == 64 && rig.record.underWay == 0)
    }

    @Test("a process that ends takes along what it had, and another one goes on")
    func crash() throws {
        try rig.copy(70)
        rig.open()
        try rig.host.ended = .signalled(11)
        rig.turn()
        #expect(try rig.dropped(.shadowCrash) == 64)
        rig.turn(after: 5)
        rig.turn()
        #expect(rig.hosting.hosts.count == 2)
        #expect(try rig.host.orders.map(\.rows) == [6])
        try rig.answer(0, [1, 0, 0])
        #expect(try rig.record.compared == 6 && rig.record.underWay == 0)
        #expect(rig.work.standings.first?.restarts == 1)
    }

    @Test("a process that dies again and again is started more and more slowly")
    func pace() throws {
        for _ in 0..<200 {
            rig.turn(after: 10)
            rig.hosting.hosts.last?.ended = .exited(1)
        }
        // 2 s: the first two starts at once, then after 100, 200, 400 and 800 ms.
        #expect((4...7).contains(rig.hosting.hosts.count))
    }

    @Test("a model that is refused, and a process that cannot be started, are tried again later")
    func refused() throws {
        rig.hosting.fails = true
        rig.open()
        #expect(rig.work.standings.first?.process == "down")
        rig.hosting.fails = false
        rig.turn(after: 20_000)
        try rig.host.standing = .refused
        rig.turn()
        #expect(try rig.host.isKilled)
        rig.turn(after: 20_000)
        rig.turn()
        #expect(rig.hosting.hosts.count == 2 && rig.work.standings.first?.process == "running")
    }

    @Test("a call that takes too long is ended; the time without a CPU is not its own")
    func patience() throws {
        try rig.copy(2)
        rig.open()
        let host = try rig.host
        host.starved = .seconds(59)
        rig.turn(after: 60_000)
        #expect(!host.isKilled)
        rig.turn(after: 60_000)
        #expect(host.isKilled)
        #expect(try rig.dropped(.shadowFailed) == 2 && rig.record.underWay == 0)
    }

    @Test("five failures open its breaker: copies are dropped, one probes, and three that succeed close it")
    func breaker() throws {
        rig.open()
        for unit in 0..<8 { try rig.copy(1, unit: UInt64(unit) << 32) }
        rig.turn()
        try rig.host.answer(scores: 3) { _ in nil }
        rig.turn()
        #expect(try rig.dropped(.shadowFailed) == 8)
        try rig.copy(10)
        rig.turn()
        #expect(try rig.dropped(.shadowBreaker) == 10)
        for probe in 1...3 {
            try rig.copy(1, unit: UInt64(probe))
            rig.turn(after: 1_200)
            #expect(try rig.host.orders.last?.rows == 1)
            try rig.answer(0, [1, 0, 0])
        }
        #expect(rig.work.standings.first?.breaker.reading(now: rig.now).state == .closed)
        #expect(try rig.record.compared == 3 && rig.record.underWay == 0)
    }

    @Test("answers that are not finite are compared as such, and are failures to its breaker")
    func nonFinite() throws {
        for unit in 0..<6 { try rig.copy(1, unit: UInt64(unit)) }
        rig.open()
        try rig.answer(0, [.nan, 0, 0])
        #expect(try rig.record.nonFinite == 6 && rig.record.compared == 6 && rig.record.diverged == 6)
        #expect(rig.work.standings.first?.breaker.reading(now: rig.now).state == .open)
    }

    @Test("the end drops what is left, in the queue, in a call and in the ring")
    func stop() throws {
        try rig.copy(70)
        rig.open()
        try rig.copy(5)
        rig.work.stop()
        #expect(try rig.dropped(.shutdown) == 75 && rig.record.underWay == 0)
        #expect(try rig.host.isKilled)
    }

    @Test("a shadow that is taken out of its route ends; copies that come late are dropped; then nothing is needed any more")
    func removed() throws {
        rig.open()
        try rig.copy(3)
        var route = try RouteText.pair()
        route.more = ["slow: 10ms"]
        try rig.folder.write(route)
        let old = rig.plan
        rig.follow(try rig.maker.reload())
        rig.turn()
        #expect(try rig.host.isKilled)
        #expect(old != nil && rig.work.isNeeded)
    }

    @Test("a new split keeps the process, and counts under its own number")
    func split() throws {
        rig.open()
        try rig.copy(2)
        rig.turn()
        _ = try rig.ledger.newRevision(
            route: "trees", weights: [NamedWeight("champion", 50), NamedWeight("challenger", 50)], author: "ana", reason: "even", now: .now)
        rig.follow(try rig.maker.refresh())
        try rig.copy(3)
        try rig.answer(0, [1, 0, 0])
        try rig.answer(0, [1, 0, 0])
        #expect(rig.hosting.hosts.count == 1)
        var sums = BlockSums()
        for record in rig.maker.cells.records() { sums.add(record) }
        let counted = sums.shadows().filter { $0.sampled > 0 }
        #expect(counted.map(\.revision) == [1, 2] && counted.map(\.compared) == [2, 3])
    }
}
