import Primitives
import Synchronization
import Testing

@testable import Metrics

/// Five words that pairs are added to, as one block has them.
private final class PairWords {
    private let memory = UnsafeMutablePointer<Word>.allocate(capacity: PairedSum.words)

    init() {
        for word in 0..<PairedSum.words { (memory + word).initialize(to: Word(0)) }
    }

    deinit { memory.deallocate() }

    func add(_ primary: Int64, _ shadow: Int64, times: Int64 = 1) { memory.addPair(primary: primary, shadow: shadow, times: times, at: 0) }

    var words: [UInt64] { (0..<PairedSum.words).map { memory.value(at: $0) } }
}

extension PairedSum {
    fileprivate init(summing blocks: [PairWords]) {
        self.init((0..<PairedSum.words).map { word in blocks.reduce(0) { $0 &+ $1.words[word] } }[...])
    }
}

@Suite struct PairedSumTests {
    @Test("a few pairs by hand: mean and variance are those of the differences")
    func byHand() {
        let block = PairWords()
        for (primary, shadow) in [(10, 13), (20, 19), (-5, 1), (7, 7)] as [(Int64, Int64)] { block.add(primary, shadow) }
        // Differences 3, -1, 6, 0: mean 2, squares 46.
        let sum = PairedSum(summing: [block])
        #expect(sum.count == 4 && sum.primary == 32 && sum.shadow == 40 && sum.squares == 46)
        #expect(sum.mean == 2 && sum.variance == 10)
    }

    @Test("of none there is no mean, of one no variance, of equal differences none")
    func few() {
        let block = PairWords()
        #expect(PairedSum().mean == nil && PairedSum(summing: [block]) == PairedSum() && PairedSum().variance == nil)
        block.add(5, 8)
        #expect(PairedSum(summing: [block]).mean == 3 && PairedSum(summing: [block]).variance == nil)
        block.add(1, 4)
        #expect(PairedSum(summing: [block]).variance == 0)
    }

    @Test("seeded pairs over several blocks, some of them taken back elsewhere, sum up exactly", arguments: 1...5 as ClosedRange<UInt64>)
    func exact(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let blocks = (0..<3).map { _ in PairWords() }
        var (count, primaries, shadows, squares): (Int128, Int128, Int128, Int128) = (0, 0, 0, 0)
        func add(_ primary: Int64, _ shadow: Int64, times: Int64) {
            blocks[Int.random(in: 0..<3, using: &generator)].add(primary, shadow, times: times)
            let difference = Int128(shadow) - Int128(primary)
            count += Int128(times)
            primaries += Int128(times) * Int128(primary)
            shadows += Int128(times) * Int128(shadow)
            squares += Int128(times) * difference * difference
        }
        for _ in 0..<500 {
            let bound: Int64 = [100, 1 << 20, 1 << 39].randomElement(using: &generator) ?? 1
            let (primary, shadow) = (
                Int64.random(in: -bound...bound, using: &generator), Int64.random(in: -bound...bound, using: &generator)
            )
            add(primary, shadow, times: 1)
            if Int.random(in: 0..<4, using: &generator) == 0 { add(primary, shadow, times: -1) }
        }
        let words = (0..<PairedSum.words).map { word in blocks.reduce(0) { $0 &+ $1.words[word] } }
        #expect(Int128(words[3]) + Int128(words[4]) << 32 == squares, "no bit of the squares is lost")
        let sum = PairedSum(words[...])
        #expect(Int128(sum.count) == count && Int128(sum.primary) == primaries && Int128(sum.shadow) == shadows)
        #expect(abs(sum.squares / Double(squares) - 1) < 1e-15)
    }

    @Test("everything taken back leaves nothing")
    func takenBack() {
        let (here, there) = (PairWords(), PairWords())
        for value in [3, 1 << 39, -7] as [Int64] {
            here.add(value, -value)
            there.add(value, -value, times: -1)
        }
        #expect(PairedSum(summing: [here, there]) == PairedSum())
    }

    @Test("differences beyond 2^40 count as that")
    func bounded() {
        let block = PairWords()
        block.add(0, .max)
        block.add(.max, 0)
        #expect(PairedSum(summing: [block]).squares == 2 * 0x1p80)
    }

    @Test("sums merge to the sum of all")
    func merged() {
        let (first, second) = (PairWords(), PairWords())
        first.add(1, 4)
        second.add(10, 8)
        second.add(2, 2)
        var sum = PairedSum(summing: [first])
        sum.merge(PairedSum(summing: [second]))
        #expect(sum == PairedSum(summing: [first, second]) && sum.count == 3 && sum.squares == 13)
    }
}
