import Primitives
import Testing

@testable import Metrics

/// A seeded generator, so that a failing case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A latency whose logarithm is even over the whole range: every octave occurs.
    mutating func latency() -> Nanoseconds {
        let octave = UInt64.random(in: 10...35, using: &self)
        return UInt64.random(in: (1 << octave)..<(2 << octave), using: &self)
    }
}

@Suite struct LatencyHistogramTests {
    @Test("buckets follow one another without gap or overlap, and each finds itself")
    func bucketsTile() {
        var next = LatencyHistogram.lowest
        for index in 0..<LatencyHistogram.bucketCount {
            let range = LatencyHistogram.range(ofBucket: index)
            #expect(range.lowerBound == next)
            #expect(LatencyHistogram.index(of: range.lowerBound) == index)
            if index + 1 < LatencyHistogram.bucketCount { #expect(LatencyHistogram.index(of: range.upperBound) == index) }
            next = range.upperBound + 1
        }
        #expect(next > LatencyHistogram.highest)
        #expect(LatencyHistogram.bucketCount == 1697)
    }

    @Test("a bucket's midpoint is within 1 % of everything in it")
    func midpointIsClose() {
        for index in 0..<LatencyHistogram.bucketCount {
            let range = LatencyHistogram.range(ofBucket: index)
            let midpoint = Double(LatencyHistogram.midpoint(ofBucket: index))
            for end in [range.lowerBound, range.upperBound] {
                #expect(abs(midpoint - Double(end)) / Double(end) <= 0.01)
            }
        }
    }

    @Test(
        "latencies outside the range count in the outer buckets",
        arguments: zip(
            [0, 1, 999, 1_000, 100_000_000_000, 100_000_000_001, .max] as [UInt64], [0, 0, 0, 0, 1696, 1696, 1696]))
    func clamps(latency: UInt64, index: Int) {
        #expect(LatencyHistogram.index(of: latency) == index)
    }

    @Test("quantiles agree with the sorted data within 1 %", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func quantiles(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let latencies = (0..<5_000).map { _ in generator.latency() }
        var histogram = LatencyHistogram()
        for latency in latencies { histogram.record(latency) }
        let sorted = latencies.sorted()
        for q in [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = max(1, Int((q * Double(sorted.count)).rounded(.up)))
            let exact = Double(sorted[rank - 1])
            let found = Double(try #require(histogram.quantile(q)))
            #expect(abs(found - exact) <= 0.01 * exact, "q = \(q)")
        }
        #expect(histogram.sum == latencies.reduce(0, +))
        #expect(histogram.count == 5_000)
    }

    /// Shapes that latencies have: one value, even, heavy-tailed, two humps, on the edges of buckets.
    enum Distribution: CaseIterable {
        case constant, even, tail, humps, edges

        func draw(using generator: inout SeededGenerator) -> Nanoseconds {
            switch self {
            case .constant: 123_457
            case .even: .random(in: 1_000...2_000_000, using: &generator)
            // Pareto with exponent 1, cut off at the range's end.
            case .tail: Nanoseconds(min(1e11, 2_000 / Double.random(in: 1e-8...1, using: &generator)))
            case .humps:
                Bool.random(using: &generator)
                    ? .random(in: 3_000...5_000, using: &generator) : .random(in: 1_000_000_000...1_100_000_000, using: &generator)
            case .edges: LatencyHistogram.range(ofBucket: .random(in: 0..<1_696, using: &generator)).lowerBound
            }
        }
    }

    @Test("quantiles of every distribution agree with the sorted data within 1 %", arguments: Distribution.allCases, [21, 22] as [UInt64])
    func distributions(distribution: Distribution, seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let cells = CellRegistry(reactors: 1).variant(route: "r", variant: "v")
        let latencies = (0..<4_000).map { _ in distribution.draw(using: &generator) }
        for latency in latencies {
            cells.meter(reactor: 0).answered(status: .s200, reason: .assigned, rows: 1, latency: latency, queue: latency, model: latency)
        }
        let totals = cells.totals()
        #expect(totals.latency == totals.queue && totals.latency == totals.model && totals.latency.sum == latencies.reduce(0, +))
        let sorted = latencies.sorted()
        for q in [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1] {
            let exact = Double(sorted[max(1, Int((q * Double(sorted.count)).rounded(.up))) - 1])
            #expect(abs(Double(try #require(totals.latency.quantile(q))) - exact) <= 0.01 * exact, "q = \(q)")
        }
    }

    @Test("merging is the same in any order and grouping, and equals recording everything in one", arguments: [7, 8] as [UInt64])
    func mergeIsAssociative(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var parts = Array(repeating: LatencyHistogram(), count: 3)
        var whole = LatencyHistogram()
        for index in 0..<900 {
            let latency = generator.latency()
            parts[index % 3].record(latency)
            whole.record(latency)
        }
        func merged(_ left: LatencyHistogram, _ right: LatencyHistogram) -> LatencyHistogram {
            var result = left
            result.merge(right)
            return result
        }
        let (a, b, c) = (parts[0], parts[1], parts[2])
        #expect(merged(merged(a, b), c) == whole)
        #expect(merged(a, merged(b, c)) == whole)
        #expect(merged(c, merged(b, a)) == whole)
        #expect(merged(whole, LatencyHistogram()) == whole)
        #expect(merged(LatencyHistogram(), whole) == whole)
    }

    @Test("nothing recorded has no quantile")
    func empty() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
        #expect(LatencyHistogram().cumulative(at: [1_000, 2_000]) == [0, 0, 0])
    }

    @Test("cumulative counts sort latencies below and above each bound, and end in all")
    func cumulative() {
        var histogram = LatencyHistogram()
        for latency in [2_000, 9_000, 11_000, 900_000, 2_000_000_000] as [UInt64] { histogram.record(latency) }
        #expect(histogram.cumulative(at: [5_000, 10_000, 1_000_000]) == [1, 2, 4, 5])
    }
}
