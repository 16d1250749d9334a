public import Primitives

/// How often each latency occurred, in log-linear buckets: 1 µs to 100 s with a relative error of at most 1 %.
///
/// Every power of two is cut into 64 equal buckets, so a bucket is at most 1/64 of its lower bound wide and its midpoint is at most
/// 1/128 = 0.8 % from any value in it (the scheme of HdrHistogram, hdrhistogram.org). Values outside the range count in the first
/// or the last bucket.
///
/// This is the reader's form, a plain value that merges. Writers count straight into a cell's words with the same index
/// (``VariantMeter``).
public struct LatencyHistogram: Equatable, Sendable {
    /// Smallest latency told apart from its lessers, in nanoseconds.
    @inlinable public static var lowest: Nanoseconds { 1_000 }
    /// Largest latency told apart from its greaters, in nanoseconds.
    @inlinable public static var highest: Nanoseconds { 100_000_000_000 }
    /// log2 of the buckets in one power of two.
    @inlinable static var precision: UInt64 { 6 }

    /// Number of buckets: 1697.
    @inlinable public static var bucketCount: Int { index(of: highest) + 1 }
    /// Words of a histogram in a cell: the sum of latencies in nanoseconds, then the buckets.
    @inlinable public static var words: Int { 1 + bucketCount }

    /// Bucket of a latency: two conditional moves, a bit count and a shift; no branch, no floating point.
    @inlinable public static func index(of latency: Nanoseconds) -> Int {
        Int(truncatingIfNeeded: ordinal(min(max(latency, lowest), highest)) &- ordinal(lowest))
    }

    /// Buckets below the one of `latency`, counted from zero: 64 for each power of two, plus the six bits after the leading one.
    @inlinable static func ordinal(_ latency: UInt64) -> UInt64 {
        let shift = 63 &- precision &- UInt64(truncatingIfNeeded: latency.leadingZeroBitCount)
        return (shift &<< precision) &+ (latency &>> shift)
    }

    /// The latencies that a bucket holds, in nanoseconds, ends included. The outer ones also hold what lies outside the range.
    package static func range(ofBucket index: Int) -> ClosedRange<Nanoseconds> {
        let ordinal = UInt64(index) + ordinal(lowest)
        // The lower bound has its leading bit at `precision`, so each power of two begins 64 ordinals after a multiple of 64.
        let shift = (ordinal >> precision) - 1
        let lower = (ordinal - (shift << precision)) << shift
        return lower...(lower + (1 << shift) - 1)
    }

    /// The latency that stands for a bucket: its midpoint, in nanoseconds.
    package static func midpoint(ofBucket index: Int) -> Nanoseconds {
        let range = range(ofBucket: index)
        return range.lowerBound + (range.upperBound - range.lowerBound) / 2
    }

    /// Count of each bucket; empty when nothing was recorded, so that a silent variant costs nothing.
    package private(set) var counts: [UInt64] = []
    /// Sum of all latencies, in nanoseconds, exact up to ``highest`` for each.
    package private(set) var sum: UInt64 = 0

    package init() {}

    /// A histogram read from a cell: its sum and its ``bucketCount`` counts.
    init(counts: [UInt64], sum: UInt64) {
        precondition(counts.count == Self.bucketCount)
        self.counts = counts
        self.sum = sum
    }

    /// Number of latencies recorded.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// Counts one latency.
    package mutating func record(_ latency: Nanoseconds) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.bucketCount) }
        counts[Self.index(of: latency)] &+= 1
        sum &+= min(latency, Self.highest)
    }

    /// Adds another histogram's counts; order and grouping of merges do not matter.
    package mutating func merge(_ other: LatencyHistogram) {
        sum &+= other.sum
        if counts.isEmpty {
            counts = other.counts
        } else if !other.counts.isEmpty {
            for index in counts.indices { counts[index] &+= other.counts[index] }
        }
    }

    /// The latency below or at which the fraction `q` (0 to 1) of all lies, in nanoseconds, by nearest rank; nil without any.
    package func quantile(_ q: Double) -> Nanoseconds? {
        let total = count
        guard total > 0 else { return nil }
        let rank = Self.rank(q, of: total)
        var seen: UInt64 = 0
        for (index, count) in counts.enumerated() {
            seen &+= count
            if seen >= rank { return Self.midpoint(ofBucket: index) }
        }
        return Self.highest
    }

    /// The nearest rank, from 1, of the fraction `q` of `total` things; any total that a file may claim will do.
    static func rank(_ q: Double, of total: UInt64) -> UInt64 {
        let exact = (min(max(q, 0), 1) * Double(total)).rounded(.up)
        return exact >= Double(total) ? total : max(1, UInt64(exact))
    }

    /// For each bound (ascending, in nanoseconds) how many latencies were at or below it; then, last, how many there were at all.
    ///
    /// A bucket that a bound cuts goes by its midpoint, so each bound is effectively moved by at most 0.8 %.
    package func cumulative(at bounds: [Nanoseconds]) -> [UInt64] {
        var result: [UInt64] = []
        result.reserveCapacity(bounds.count + 1)
        var next = 0
        var seen: UInt64 = 0
        for bound in bounds {
            while next < counts.count, Self.midpoint(ofBucket: next) <= bound {
                seen &+= counts[next]
                next += 1
            }
            result.append(seen)
        }
        result.append(counts[min(next, counts.count)...].reduce(seen, &+))
        return result
    }
}
