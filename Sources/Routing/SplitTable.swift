import Primitives

/// A split made ready for requests: flat, in name order, without the variants of weight zero, with salt and names hashed already.
///
/// Immutable, so any number of threads may read it. Choosing allocates nothing and touches no reference count.
@safe package struct SplitTable: ~Copyable, @unchecked Sendable {
    // Sendable: nothing writes to the entries between `init` and `deinit`.
    private struct Entry {
        var prefix: XXH64.Prefix
        var weight: Double
        var index: Int32
        /// The variant's bit in a mask of open ones.
        var bit: UInt32
    }

    /// In byte order of the names, so that a tie goes to the first one by keeping it.
    private let entries: UnsafeMutablePointer<Entry>
    private let count: Int

    package init(_ split: Split, salt: Salt) {
        let positive = split.byName.filter { split.shares[$0].weight > 0 }
        count = positive.count
        // Owned by this value until its end, and initialized here as a whole.
        unsafe entries = .allocate(capacity: count)
        for (place, index) in positive.enumerated() {
            let share = split.shares[index]
            let prefix = XXH64.Prefix(Rendezvous.prefix(salt: salt, name: share.name))
            let entry = Entry(prefix: prefix, weight: share.weight, index: Int32(index), bit: 1 << UInt32(index))
            unsafe (entries + place).initialize(to: entry)
        }
    }

    deinit {
        // Plain words: nothing to take apart.
        unsafe entries.deallocate()
    }

    /// The index, in the split's shares, of the variant that this unit is assigned to. With one variant nothing is hashed.
    package func choose(unit: RawSpan) -> Int {
        // A split has at least one variant with a weight above zero.
        if count == 1 { return unsafe Int(entries[0].index) }
        // One of them always wins: no score is infinite within the limits of weights.
        return best(unit: unit, among: .max) ?? 0
    }

    /// The variant that serves this unit when only some may: the best score among those, so that the same units come back to it.
    ///
    /// - Parameter open: bit *i* says that the variant with index *i* may serve.
    /// - Returns: nil when none of the open ones has a weight above zero.
    package func choose(unit: RawSpan, among open: UInt32) -> Int? {
        best(unit: unit, among: open)
    }

    /// The smallest score among the open ones; the first one of a tie.
    @inline(__always) private func best(unit: RawSpan, among open: UInt32) -> Int? {
        XXH64.Suffix.with(unit) { suffix in
            var best: Int?
            var lowest = Double.infinity
            for place in 0..<count {
                // Within the entries.
                let entry = unsafe entries + place
                guard unsafe open & entry.pointee.bit != 0 else { continue }
                let score = unsafe Rendezvous.score(hash: suffix.hash(after: entry.pointee.prefix), weight: entry.pointee.weight)
                if score < lowest {
                    lowest = score
                    best = unsafe Int(entry.pointee.index)
                }
            }
            return best
        }
    }
}
