import Primitives
import Testing

@testable import Routing

@Suite struct MovesTests {
    typealias Weights = KeyValuePairs<String, Double>

    static let changes: [(before: Weights, after: Weights)] = [
        (["a": 1, "b": 1], ["a": 1, "b": 1]),
        (["a": 90, "b": 10], ["a": 50, "b": 50]),
        (["a": 60, "b": 30, "c": 10], ["a": 20, "b": 30, "c": 50]),
        (["a": 5, "b": 4, "c": 3, "d": 2, "e": 1], ["a": 1, "b": 2, "c": 3, "d": 4, "e": 5]),
        (["a": 1, "b": 2, "c": 0], ["a": 0, "b": 1, "c": 4]),
        (["a": 3, "b": 1], ["b": 2, "c": 5, "d": 1]),
        (["a": 1], ["b": 1]),
    ]

    @Test("rows sum to the shares before and columns to the shares after", arguments: changes.indices)
    func sumsToShares(_ index: Int) throws {
        let (before, after) = (try Split.of(Self.changes[index].before), try Split.of(Self.changes[index].after))
        let moves = before.expectedMoves(to: after)
        for (place, name) in moves.names.enumerated() {
            let row = moves.shares[place].reduce(0, +)
            let column = moves.shares.reduce(0) { $0 + $1[place] }
            #expect(abs(row - before.propensity(of: name)) < 1e-12, "from \(name)")
            #expect(abs(column - after.propensity(of: name)) < 1e-12, "to \(name)")
        }
    }

    @Test("agrees with 50 000 assigned units within four sigma, pair by pair", arguments: changes.indices)
    func agreesWithAssignment(_ index: Int) throws {
        let (before, after) = (try Split.of(Self.changes[index].before), try Split.of(Self.changes[index].after))
        let salt = try Salt("moves")
        let moves = before.expectedMoves(to: after)
        let old = SplitTable(before, salt: salt)
        let new = SplitTable(after, salt: salt)
        let units: UInt64 = 50_000
        var first = [Int](repeating: 0, count: Int(units))
        old.assign(units) { first[Int($0)] = $1 }
        let width = after.shares.count
        var counts = [Int](repeating: 0, count: before.shares.count * width)
        new.assign(units) { counts[first[Int($0)] * width + $1] += 1 }
        for (from, share) in before.shares.enumerated() {
            for (to, other) in after.shares.enumerated() {
                let (count, chance) = (counts[from * width + to], moves[share.name, other.name])
                let agrees = isWithinFourSigma(count, of: units, chance: min(chance, 1))
                #expect(agrees, "\(share.name) to \(other.name): \(count), expected \(chance)")
            }
        }
    }

    @Test("one changed weight moves exactly the difference of its share")
    func oneWeight() throws {
        let moves = try Split.of(["a": 50, "b": 30, "c": 20]).expectedMoves(to: try Split.of(["a": 50, "b": 30, "c": 70]))
        #expect(abs(moves["a", "c"] - 1.0 / 6) < 1e-12)
        #expect(abs(moves["b", "c"] - 1.0 / 10) < 1e-12)
        for (from, to) in [("c", "a"), ("c", "b"), ("a", "b"), ("b", "a")] { #expect(moves[from, to] == 0, "\(from) to \(to)") }
        #expect(abs(moves.moved - (7.0 / 15 - 1.0 / 5)) < 1e-12)
        #expect(moves["a", "stranger"] == 0)
    }

    @Test("another scale moves nobody")
    func scale() throws {
        let moves = try Split.of(["a": 1, "b": 3, "c": 7]).expectedMoves(to: try Split.of(["a": 10, "b": 30, "c": 70]))
        #expect(moves.moved < 1e-12)
    }
}
