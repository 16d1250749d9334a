/// Counts durations in buckets of at most 1/128 of their value, so that quantiles are exact to 0.8 % in constant memory.
///
/// Up to 255 us every microsecond has its bucket; above, each doubling is cut into 128. Durations past 134 s share the last bucket.
struct LatencyTally {
    private static let exact = 256
    private static let slices = 128
    private static let largest = (1 << 27) - 1
    private var buckets = [Int](repeating: 0, count: exact + slices * (27 - 8))
    private(set) var count = 0
    /// The longest duration, in microseconds.
    private(set) var longest = 0

    mutating func add(microseconds: Int) {
        let value = max(0, microseconds)
        buckets[Self.bucket(min(value, Self.largest))] += 1
        count += 1
        longest = max(longest, value)
    }

    /// The smallest duration, to bucket precision from above, that a share `q` of all does not exceed (nearest rank); nil without any.
    func quantile(_ q: Double) -> Int? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((q * Double(count)).rounded(.up)))
        var seen = 0
        for (index, held) in buckets.enumerated() {
            seen += held
            if seen >= rank { return min(Self.upperEnd(index), longest) }
        }
        return longest
    }

    private static func bucket(_ value: Int) -> Int {
        guard value >= exact else { return value }
        let shift = Int.bitWidth - value.leadingZeroBitCount - 8  // leaves the leading 8 bits: 128...255
        return exact + (shift - 1) * slices + (value >> shift) - slices
    }

    /// The largest value of a bucket.
    private static func upperEnd(_ index: Int) -> Int {
        guard index >= exact else { return index }
        let shift = (index - exact) / slices + 1
        let leading = (index - exact) % slices + slices
        return ((leading + 1) << shift) - 1
    }
}
