import Primitives
import Shadowing
import Testing

@Suite struct PairTableTests {
    private func key(_ sequence: UInt64) -> PairKey { PairKey(nonce: 7, reactor: 1, sequence: sequence) }

    @Test func `the oldest pairs go when there is no room`() {
        var table = PairTable<String>(bytesAtMost: 30)
        for number in 0..<5 { table.add("\(number)", key: key(UInt64(number)), bytes: 10, at: UInt64(number)) }
        #expect(table.count == 3 && table.bytes == 30)
        #expect(table[key(1)] == nil)
        #expect(table[key(2)] == "2")
    }

    @Test func `pairs go with their time`() {
        var table = PairTable<String>(bytesAtMost: 100)
        for number in 0..<5 { table.add("\(number)", key: key(UInt64(number)), bytes: 10, at: UInt64(100 + number)) }
        table.forget(before: 103)
        #expect(table.count == 2 && table.bytes == 20)
        #expect(table[key(3)] == "3")
    }

    @Test func `a pair can be changed, a stranger cannot be set, and the first of a name stays`() {
        var table = PairTable<String>(bytesAtMost: 100)
        table.add("one", key: key(1), bytes: 10, at: 1)
        table[key(1)] = "changed"
        table[key(2)] = "stranger"
        table.add("again", key: key(3), bytes: 101, at: 1)
        #expect(table[key(1)] == "changed" && table[key(2)] == nil && table[key(3)] == nil)
        #expect(table.count == 1 && table.bytes == 10)
    }

    @Test func `reactor and sequence make different keys`() {
        #expect(PairKey(nonce: 1, reactor: 1, sequence: 2) != PairKey(nonce: 1, reactor: 2, sequence: 1))
    }
}
