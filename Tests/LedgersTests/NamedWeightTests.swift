import Testing

@testable import Ledgers

@Suite struct NamedWeightTests {
    @Test("JSON is an ordered list of pairs, and comes back equal to the last bit")
    func json() throws {
        let weights = [
            NamedWeight("champion", 80), NamedWeight("b", 0.1), NamedWeight("c", .leastNonzeroMagnitude), NamedWeight("ü", 1e300),
        ]
        let text = try StoredJSON.text(weights)
        #expect(text.hasPrefix(#"[["champion",80],["b",0.1],"#))
        #expect(try StoredJSON.value([NamedWeight].self, from: text) == weights)
    }

    @Test("weights agree in any order, and only with the same names and numbers")
    func agrees() {
        let split = [NamedWeight("a", 90), NamedWeight("b", 10)]
        #expect(split.agrees(with: [NamedWeight("b", 10), NamedWeight("a", 90)]))
        #expect(!split.agrees(with: [NamedWeight("a", 90)]))
        #expect(!split.agrees(with: [NamedWeight("a", 90), NamedWeight("b", 11)]))
        #expect(!split.agrees(with: [NamedWeight("a", 90), NamedWeight("c", 10)]))
    }

    @Test("a share is the weight over the sum, also where the sum would overflow")
    func shares() {
        #expect([NamedWeight("a", 3), NamedWeight("b", 1)].share(of: "a") == 0.75)
        #expect([NamedWeight("a", 1.7e308), NamedWeight("b", 1.7e308)].share(of: "b") == 0.5)
        #expect([NamedWeight("a", 0), NamedWeight("b", 2)].share(of: "a") == 0)
        #expect([NamedWeight("a", 1)].share(of: "z") == nil)
    }
}
