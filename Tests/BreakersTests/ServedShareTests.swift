import Primitives
import Routing
import Testing

@testable import Breakers

/// A route as the data path serves it: assignment by the split alone, then the breakers, then the best score among those that may serve.
private final class Route {
    let split: SplitTable
    let rigs: [Rig]
    let weights: [Double]
    static let units: UInt64 = 1_000

    init(_ weights: [Double], salt: String) throws {
        self.weights = weights
        let shares = weights.enumerated().map { Split.Share(name: "v\($0.offset)", weight: $0.element) }
        split = SplitTable(try Split(shares), salt: try Salt(salt))
        rigs = weights.map { _ in Rig(BreakerPolicy(jitter: 0)) }
    }

    /// The unit's own bits, that have nothing to do with its assignment.
    func draw(_ unit: UInt64) -> UInt32 {
        var random = SplitMix(seed: unit)
        return UInt32(truncatingIfNeeded: random.next())
    }

    func assigned(_ unit: UInt64) -> Int { withBytes(unit) { split.choose(unit: $0) } }

    /// Who serves a unit; nil when nobody may.
    func served(_ unit: UInt64) -> Int? {
        let assigned = assigned(unit)
        if mayServe(assigned, unit) { return assigned }
        let open = rigs.indices.reduce(UInt32(0)) { mayServe($1, unit) ? $0 | 1 << UInt32($1) : $0 }
        return withBytes(unit) { split.choose(unit: $0, among: open) }
    }

    private func mayServe(_ variant: Int, _ unit: UInt64) -> Bool {
        let rig = rigs[variant]
        return rig.gate.isClear || rig.gate.peek(now: rig.instant, draw: draw(unit))
    }

    func advance(by milliseconds: UInt64) {
        for rig in rigs { rig.now += milliseconds }
    }

    func table(_ choose: (UInt64) -> Int?) -> [Int?] { (0..<Route.units).map(choose) }

    private func withBytes<Result>(_ unit: UInt64, _ body: (RawSpan) -> Result) -> Result {
        let word = InlineArray<1, UInt64>(repeating: unit.littleEndian)
        return body(word.span.bytes)
    }
}

@Suite("Who serves whom while breakers are open")
struct ServedShareTests {
    private static let splits: [[Double]] = [[50, 50], [90, 10], [1, 2, 3, 4], [70, 20, 10], [0.5, 99.5], [5, 0, 5], Array(repeating: 1, count: 8)]

    @Test("the units of an open variant go to the others by their scores and in their shares, all others stay, and all come back exactly", arguments: splits)
    func exclusion(weights: [Double]) throws {
        let route = try Route(weights, salt: "exclusion")
        let before = route.table(route.assigned)
        #expect(route.table(route.served) == before)
        for variant in weights.indices where weights[variant] > 0 && weights.count(where: { $0 > 0 }) > 1 {
            route.rigs[variant].trip()
            var others = weights
            others[variant] = 0
            let without = try Route(others, salt: "exclusion")
            let served = route.table(route.served)
            #expect(before.indices.allSatisfy { served[$0] == (before[$0] == variant ? without.assigned(UInt64($0)) : before[$0]) })
            try expectShares(served.enumerated().filter { before[$0.offset] == variant }.map(\.element), others)
            #expect(route.table(route.assigned) == before)
            recover(route, variant)
            #expect(route.table(route.served) == before)
        }
    }

    @Test("on the ramp units come back one after the other and none goes away again", arguments: splits)
    func ramp(weights: [Double]) throws {
        let route = try Route(weights, salt: "ramp")
        let before = route.table(route.assigned)
        route.rigs[0].tripAndClose()
        var back = 0
        var last: [Int?] = []
        for _ in 0...10 {
            let served = route.table(route.served)
            #expect(last.indices.allSatisfy { last[$0] != before[$0] || served[$0] == before[$0] })
            let count = zip(served, before).count { $0 == $1 }
            #expect(count >= back)
            (back, last) = (count, served)
            route.advance(by: 1_000)
        }
        #expect(last == before)
    }

    @Test("whatever opens and closes, each unit is served by one variant that may, and its assignment never changes", arguments: 0..<8 as Range<UInt64>)
    func anything(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let weights = (0..<Int(2 + random.next() % 5)).map { _ in Double(1 + random.next() % 100) }
        let route = try Route(weights, salt: "anything \(seed)")
        let before = route.table(route.assigned)
        for _ in 0..<12 {
            let rig = route.rigs[Int(random.next() % UInt64(weights.count))]
            switch random.next() % 5 {
            case 0: rig.trip()
            case 1: rig.probe(.failed)
            case 2: rig.probe(.ok)
            case 3: rig.breaker.hold(now: rig.instant)
            default: rig.breaker.release(now: rig.instant)
            }
            route.advance(by: random.next() % 5_000)
            let served = route.table(route.served)
            let open = weights.indices.filter { route.rigs[$0].gate.peek(now: route.rigs[$0].instant, draw: 0) }
            #expect(open.isEmpty || open.contains { route.rigs[$0].reading.share < 1 } || served.allSatisfy { $0 != nil })
            #expect(served.allSatisfy { $0.map(open.contains) ?? true })
            let whole = Set(weights.indices.filter { route.rigs[$0].reading.share == 1 })
            #expect(zip(before, served).allSatisfy { assigned, served in !(assigned.map(whole.contains) ?? false) || served == assigned })
            #expect(route.table(route.assigned) == before)
        }
        for variant in weights.indices { recover(route, variant) }
        #expect(route.table(route.served) == before)
    }

    private func recover(_ route: Route, _ variant: Int) {
        let rig = route.rigs[variant]
        rig.breaker.release(now: rig.instant)
        for _ in 0..<3 where rig.state != .closed { rig.probe(.ok) }
        route.advance(by: 10_000)
    }

    /// The shares of the weights, within four standard deviations.
    private func expectShares(_ served: [Int?], _ weights: [Double]) throws {
        let total = weights.reduce(0, +)
        for variant in weights.indices {
            let chance = weights[variant] / total
            let sigma = (Double(served.count) * chance * (1 - chance)).squareRoot()
            #expect(abs(Double(served.count { $0 == variant }) - Double(served.count) * chance) <= 4 * sigma + 1e-9)
        }
    }
}
