import Testing

@testable import Routing

@Suite struct SplitTableTests {
    static let population: UInt64 = 1_000_000

    @Test(
        "every variant gets its share of a million units within four sigma",
        arguments: [[90, 10], [1, 1, 2], [1, 2, 3, 4, 5, 6, 7]] as [[Double]])
    func sharesExactly(_ weights: [Double]) throws {
        let split = try Split(weights.enumerated().map { Split.Share(name: "v\($0.offset)", weight: $0.element) })
        let table = SplitTable(split, salt: try Salt("shares"))
        var counts = [Int](repeating: 0, count: weights.count)
        table.assign(Self.population) { counts[$1] += 1 }
        for (share, count) in zip(split.shares, counts) {
            let chance = split.propensity(of: share.name)
            #expect(isWithinFourSigma(count, of: Self.population, chance: chance), "\(share.name): \(count)")
        }
    }

    @Test("one weight that grows takes exactly its growth, from each of the others its part; nobody else moves")
    func movesOnlyToTheChanged() throws {
        let salt = try Salt("one-weight")
        let before = try Split.of(["a": 50, "b": 30, "c": 20])
        let after = try Split.of(["a": 50, "b": 30, "c": 70])
        let old = SplitTable(before, salt: salt)
        let new = SplitTable(after, salt: salt)
        let units: UInt64 = 50_000
        var first = [Int](repeating: 0, count: Int(units))
        old.assign(units) { first[Int($0)] = $1 }
        var moves: [[Int]: Int] = [:]
        new.assign(units) { moves[[first[Int($0)], $1], default: 0] += 1 }
        for (pair, count) in moves where pair[0] != pair[1] {
            #expect(pair[1] == 2, "\(count) moved \(pair)")
        }
        // c goes from 1/5 to 7/15: a gives 1/2 - 1/3, b gives 3/10 - 1/5.
        #expect(isWithinFourSigma(moves[[0, 2], default: 0], of: units, chance: 1.0 / 6))
        #expect(isWithinFourSigma(moves[[1, 2], default: 0], of: units, chance: 1.0 / 10))
    }

    @Test("a weight of zero takes nobody, and one variant takes everybody")
    func skipsZero() throws {
        let salt = try Salt("zero")
        let table = SplitTable(try Split.of(["a": 0, "b": 1, "c": 1]), salt: salt)
        table.assign(1_000) { unit, variant in #expect(variant != 0, "\(unit)") }
        let alone = SplitTable(try Split.of(["a": 0, "b": 1, "c": 0]), salt: salt)
        alone.assign(1_000) { unit, variant in #expect(variant == 1, "\(unit)") }
    }

    @Test("when some variants are closed their units go to the next best, and all others stay")
    func choosesAmongOpen() throws {
        let salt = try Salt("open")
        let split = try Split.of(["a": 5, "b": 3, "c": 2, "off": 0])
        let table = SplitTable(split, salt: salt)
        let withoutA = SplitTable(try Split.of(["a": 0, "b": 3, "c": 2, "off": 0]), salt: salt)
        for unit in 0..<2_000 {
            let unit = Array("unit-\(unit)".utf8)
            let assigned = table.choose(unit: unit.span.bytes)
            let (all, open, none) = (
                table.choose(unit: unit.span.bytes, among: .max), table.choose(unit: unit.span.bytes, among: 0b1110),
                table.choose(unit: unit.span.bytes, among: 0b1000)
            )
            #expect(all == assigned)
            #expect(open == withoutA.choose(unit: unit.span.bytes))
            #expect(assigned == 0 || open == assigned)
            #expect(none == nil)
        }
    }

    @Test("agrees with the formula for units of every length", arguments: Array(0...256) + [2_000])
    func agreesWithFormula(_ count: Int) throws {
        let split = try Split.of(["champion": 3, "b": 2, String(repeating: "long", count: 16): 4])
        let salt = try Salt("lengths")
        let table = SplitTable(split, salt: salt)
        let unit = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let quick = table.choose(unit: unit.span.bytes)
        #expect(quick == split.choose(unit: unit.span.bytes, salt: salt))
    }
}
