import Testing

@testable import Primitives

@Suite struct SparseWordsTests {
    /// Words as counters are: runs of zeros, small numbers, now and then any number.
    static func words(_ count: Int, _ generator: inout SplitMix) -> [UInt64] {
        let density = Int.random(in: 0...10, using: &generator)
        return (0..<count).map { _ in
            guard Int.random(in: 0..<10, using: &generator) < density else { return 0 }
            return generator.next() >> UInt64.random(in: 0...63, using: &generator)
        }
    }

    @Test("brings words of any number and density back, in at most ten bytes each and some for the runs")
    func roundTrips() throws {
        var generator = SplitMix(seed: 8)
        for count in Array(0...40) + [256, 1_792, 5_000] {
            for _ in 0..<20 {
                let words = Self.words(count, &generator)
                let bytes = SparseWords.encode(words)
                #expect(bytes.count <= 12 * count + 3)
                #expect(try SparseWords.decode(bytes, limit: count) == words)
            }
        }
    }

    @Test(
        "writes what the format says",
        arguments: [
            ([], [0]), ([0], [1, 1, 0]), ([1], [1, 0, 1, 1]), ([0, 0, 300], [3, 2, 1, 0xAC, 0x02]), ([7, 0], [2, 0, 1, 7, 1, 0]),
            ([.max], [1, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        ] as [([UInt64], [UInt8])])
    func format(_ words: [UInt64], _ bytes: [UInt8]) throws {
        #expect(SparseWords.encode(words) == bytes)
        #expect(try SparseWords.decode(bytes, limit: words.count) == words)
    }

    @Test("takes ten thousand zeros for five bytes")
    func zeros() {
        #expect(SparseWords.encode([UInt64](repeating: 0, count: 10_000)).count == 5)
    }

    @Test(
        "refuses what is no short form",
        arguments: [
            ([], SparseWords.Fault.cutOff), ([0x80], .cutOff), ([1], .cutOff), ([1, 0, 1], .cutOff), ([2, 0, 1, 7], .cutOff),
            ([5], .tooMany(5)), ([255, 255, 255, 255, 255, 255, 255, 255, 255, 1], .tooMany(.max)),
            ([255, 255, 255, 255, 255, 255, 255, 255, 255, 2], .tooLong),
            ([1, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0x81], .tooLong),
            ([1, 0, 0], .run), ([1, 2, 0], .run), ([2, 1, 2, 1, 1], .run), ([0, 0], .rest), ([1, 1, 0, 9], .rest),
            ([2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], .run),
        ] as [([UInt8], SparseWords.Fault)])
    func refuses(_ bytes: [UInt8], _ fault: SparseWords.Fault) {
        #expect(throws: fault) { try SparseWords.decode(bytes, limit: 4) }
    }

    @Test("bytes that were changed or cut anywhere give words within the limit or a fault, and nothing worse")
    func hostile() {
        var generator = SplitMix(seed: 9)
        var faults = 0
        for _ in 0..<20_000 {
            var bytes = SparseWords.encode(Self.words(Int.random(in: 0...30, using: &generator), &generator))
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator)) }
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if let words = try? SparseWords.decode(bytes, limit: 30) { #expect(words.count <= 30) } else { faults += 1 }
        }
        #expect(faults > 5_000)
    }

    @Test("adding is word by word in any order, and missing words are zero")
    func adds() {
        var generator = SplitMix(seed: 10)
        for _ in 0..<200 {
            let parts = (0..<4).map { _ in Self.words(Int.random(in: 0...20, using: &generator), &generator) }
            var forward: [UInt64] = []
            for part in parts { SparseWords.add(part, to: &forward) }
            var backward: [UInt64] = []
            for part in parts.reversed() { SparseWords.add(part, to: &backward) }
            #expect(forward == backward)
            let expected = (0..<(parts.map(\.count).max() ?? 0)).map { place in
                parts.reduce(UInt64(0)) { $0 &+ (place < $1.count ? $1[place] : 0) }
            }
            #expect(forward == expected)
        }
    }
}
