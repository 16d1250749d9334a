import Primitives

/// The reference values of one feature of a contract, one for each sample row.
package enum FeatureColumn: Sendable {
    /// NaN is missing; other numbers that are not finite are left out.
    case number([Double])
    /// 0 and 1; NaN is missing.
    case boolean([Double])
    case text([[UInt8]])
}

/// The bins of a contract's features, frozen from reference values: the same reference always gives the same bins.
///
/// A number has 20 cells that each hold a twentieth of the reference, cut at its quantiles, and a word each for what is below, above and
/// missing; equal edges leave a cell empty in the reference and in traffic alike. A boolean has three words; a text has a word for each
/// of the 50 most frequent texts, for the others of the reference, for what the reference does not have, and for the empty one.
///
/// Sendable although it holds pointers: nothing is written after `init`, and the memory lives as long as the last owner.
@safe package final class FeatureBins: @unchecked Sendable {
    /// Words of one feature in a block.
    package static let words = FeatureSlot.words

    /// What one feature's bins are, for reports.
    package struct Feature: Equatable, Sendable {
        /// The 21 edges of a number's cells, ascending: a cell holds its lower edge, the last one its upper edge too. Empty for others.
        package var edges: [Double] = []
        /// Texts with a word of their own, most frequent first, ties by bytes. Empty for others.
        package var texts: [[UInt8]] = []
        /// The reference counted into its own bins: what traffic is compared with.
        package var reference: [UInt64] = []
    }

    package let features: [Feature]
    /// Hash of the bins, stable over restarts. Blocks with different bins never add up.
    package let shape: UInt64
    package var count: Int { features.count }

    /// One slot for each feature; valid as long as this object.
    let slots: UnsafeMutablePointer<FeatureSlot>
    private let edges: UnsafeMutablePointer<Double>
    private let tables: UnsafeMutableBufferPointer<FeatureSlot.Text>

    /// Makes the bins. Columns past ``Limits/binnedFeatures`` and rows past ``Limits/referenceRows`` are left out.
    package init(_ columns: [FeatureColumn]) {
        let drafts = columns.prefix(Limits.binnedFeatures).map(Draft.init)
        shape = drafts.reduce(into: XXH64()) { $1.hash(into: &$0) }.value
        unsafe edges = .allocate(capacity: max(1, drafts.count * FeatureSlot.edges))
        unsafe tables = .allocate(capacity: max(1, drafts.reduce(0) { $0 + $1.table.count }))
        unsafe slots = .allocate(capacity: max(1, drafts.count))
        var (nextEdge, nextText) = (0, 0)
        for (index, draft) in drafts.enumerated() {
            // Every draft has 31 edges and its own table; the three allocations have room for all of them.
            unsafe (edges + nextEdge).initialize(from: draft.padded, count: FeatureSlot.edges)
            for (place, text) in draft.table.enumerated() { unsafe tables.initializeElement(at: nextText + place, to: text) }
            let table = unsafe UnsafePointer(tables.baseAddress.unsafelyUnwrapped + nextText)
            let slot = unsafe FeatureSlot(lowerEdges: edges + nextEdge, table: table, mask: UInt64(draft.table.count - 1))
            unsafe (slots + index).initialize(to: slot)
            nextEdge += FeatureSlot.edges
            nextText += draft.table.count
        }
        let written = unsafe slots
        features = drafts.enumerated().map { index, draft in
            var feature = draft.feature
            feature.reference = unsafe draft.count(by: written[index])
            return feature
        }
    }

    deinit {
        // Trivial types: nothing to deinitialize.
        unsafe slots.deallocate()
        unsafe edges.deallocate()
        unsafe tables.deallocate()
    }
}

/// One feature's bins while they are made.
private struct Draft {
    let column: FeatureColumn
    var feature = FeatureBins.Feature()
    /// 31 edges for the search.
    var padded: [Double] = []
    /// Open-addressed, at most half full.
    var table = [FeatureSlot.Text(hash: 0, word: 0)]
    private var seldom: [[UInt8]] = []

    init(_ column: FeatureColumn) {
        self.column = column
        switch column {
        case .number(let values):
            cut(values.prefix(Limits.referenceRows).filter(\.isFinite).map { $0 + 0.0 }.sorted())
        case .boolean:
            padded = [0.5]
        case .text(let texts):
            rank(texts.prefix(Limits.referenceRows).filter { !$0.isEmpty })
        }
        padded += Array(repeating: .infinity, count: FeatureSlot.edges - padded.count)
    }

    /// Cuts sorted numbers into twenty parts. Without any, every number is below.
    private mutating func cut(_ sorted: [Double]) {
        guard let last = sorted.last else { return }
        let parts = FeatureSlot.above - 1
        let lower = (0..<parts).map { sorted[$0 * sorted.count / parts] }
        feature.edges = lower + [last]
        // The upper end belongs to the last cell: what is above begins with the next number.
        padded = lower + [last.nextUp]
    }

    private mutating func rank(_ texts: [[UInt8]]) {
        let counts = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
        let ranked = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key) }.map(\.key)
        feature.texts = Array(ranked.prefix(FeatureSlot.texts))
        seldom = ranked.dropFirst(FeatureSlot.texts).sorted { $0.lexicographicallyPrecedes($1) }
        var capacity = 2
        while capacity < 2 * ranked.count { capacity *= 2 }
        table = Array(repeating: FeatureSlot.Text(hash: 0, word: 0), count: capacity)
        for (rank, text) in ranked.enumerated() {
            let hash = unsafe XXH64.hash(text.span.bytes)
            var index = Int(hash & UInt64(capacity - 1))
            while table[index].word != 0, table[index].hash != hash { index = (index + 1) & (capacity - 1) }
            if table[index].word == 0 { table[index] = FeatureSlot.Text(hash: hash, word: UInt64(min(rank, FeatureSlot.otherText)) + 1) }
        }
    }

    /// Everything that decides which word a value counts in.
    func hash(into hash: inout XXH64) {
        switch column {
        case .number: hash.append(1 as UInt64)
        case .boolean: hash.append(2 as UInt64)
        case .text: hash.append(3 as UInt64)
        }
        for edge in feature.edges { hash.append(edge.bitPattern) }
        for text in feature.texts + seldom {
            hash.append(UInt64(text.count))
            unsafe hash.append(text.span.bytes)
        }
        hash.append(UInt64(feature.texts.count + seldom.count))
    }

    /// Counts the column into its own bins.
    func count(by slot: FeatureSlot) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: FeatureBins.words)
        switch column {
        case .number(let values), .boolean(let values):
            for value in values.prefix(Limits.referenceRows) where !value.isInfinite { counts[slot.word(of: value)] += 1 }
        case .text(let texts):
            for text in texts.prefix(Limits.referenceRows) { unsafe counts[slot.word(of: text.span.bytes)] += 1 }
        }
        return counts
    }
}
