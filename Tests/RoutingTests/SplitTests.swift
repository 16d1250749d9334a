import Primitives
import Testing

@testable import Routing

@Suite struct SplitTests {
    static let refused: [(KeyValuePairs<String, Double>, RoutingError)] = [
        ([:], .noVariants),
        (["": 1], .badName("")),
        (["a b": 1], .badName("a b")),
        (["a\u{1F}b": 1], .badName("a\u{1F}b")),
        (["é": 1], .badName("é")),
        (["a/b": 1], .badName("a/b")),
        (["a": 1, "b": 2, "a": 3], .duplicateName("a")),
        (["a": -1], .badWeight(name: "a", weight: -1)),
        (["a": .infinity], .badWeight(name: "a", weight: .infinity)),
        (["a": 1e-13], .badWeight(name: "a", weight: 1e-13)),
        (["a": 1e13], .badWeight(name: "a", weight: 1e13)),
        (["a": 0, "b": 0], .noPositiveWeight),
        (["a": 0, "b": -0.0], .noPositiveWeight),
    ]

    @Test("refuses what is not a split and says why", arguments: refused.indices)
    func refuses(_ index: Int) {
        let (weights, error) = Self.refused[index]
        #expect(throws: error) { try Split.of(weights) }
        #expect(!error.description.isEmpty)
    }

    @Test("refuses a weight that is not a number")
    func refusesNaN() {
        #expect(throws: RoutingError.self) { try Split.of(["a": .nan, "b": 1]) }
    }

    @Test("takes 32 variants and names of 64 bytes, and no more")
    func knowsLimits() throws {
        let shares = (0..<33).map { Split.Share(name: "v\($0)", weight: 1) }
        #expect(try Split(Array(shares.prefix(32))).shares.count == 32)
        #expect(throws: RoutingError.tooManyVariants(33)) { try Split(shares) }
        let name = String(repeating: "n", count: 64)
        #expect(try Split.of([name: 1]).total == 1)
        #expect(throws: RoutingError.badName(name + "n")) { try Split.of([name + "n": 1]) }
    }

    @Test("refuses two names with one hash, naming both")
    func refusesCollisions() {
        #expect(throws: RoutingError.collidingNames("one", "two")) {
            try Split.checkDistinct(["one", "two"]) { _ in NameHash(value: 7) }
        }
        #expect(throws: Never.self) { try Split.checkDistinct(["one", "two"]) { NameHash(of: $0) } }
    }

    @Test("a salt has 1 to 128 bytes and no separator", arguments: ["", String(repeating: "s", count: 129), "a\u{1F}b"])
    func refusesSalts(_ text: String) {
        #expect(throws: RoutingError.badSalt(text)) { try Salt(text) }
    }

    @Test("propensity is the weight over the sum, zero for strangers")
    func knowsPropensity() throws {
        let split = try Split.of(["a": 30, "b": 0, "c": 10])
        #expect(split.propensity(of: "a") == 0.75)
        #expect(split.propensity(of: "b") == 0)
        #expect(split.propensity(of: "c") == 0.25)
        #expect(split.propensity(of: "d") == 0)
    }

    @Test("the order in which variants are written and the scale of the weights change nothing")
    func ignoresOrderAndScale() throws {
        let one = try Split.of(["a": 1, "b": 2, "c": 3])
        let other = try Split.of(["c": 12, "a": 4, "b": 8])
        let salt = try Salt("route")
        for unit in 0..<1_000 {
            let unit = Array("unit-\(unit)".utf8)
            let chosen = one.shares[one.choose(unit: unit.span.bytes, salt: salt)].name
            #expect(other.shares[other.choose(unit: unit.span.bytes, salt: salt)].name == chosen)
        }
    }
}
