/// The counters of one variant of one route under one revision and shape, a block for each reactor; layout in ``VariantLayout``.
///
/// Made by ``CellRegistry``. Whoever holds a ``VariantMeter`` holds its cells too, and its bins with them: the plan does, for its
/// reactors. When nobody but the registry holds them, they are finished.
package final class VariantCells: Sendable {
    package let route: String
    package let variant: String
    package let revision: UInt32
    package let shape: VariantShape
    /// The features' bins that the meters count by.
    package let bins: FeatureBins?
    let blocks: CellBlocks

    /// `blocks` were made for this shape.
    init(route: String, variant: String, revision: UInt32, shape: VariantShape, bins: FeatureBins?, blocks: CellBlocks) {
        self.route = route
        self.variant = variant
        self.revision = revision
        self.shape = shape
        self.bins = bins
        self.blocks = blocks
    }

    /// The writer's end for one reactor. It is valid as long as these cells, and for that reactor's thread alone.
    package func meter(reactor: Int) -> VariantMeter {
        // The block and the bins are alive: the caller holds these cells as long as the meter.
        unsafe VariantMeter(
            words: blocks.words(of: reactor), shape: shape, slots: bins.map { unsafe UnsafePointer($0.slots) }, binned: bins?.count ?? 0)
    }

    /// The blocks in which anything was counted. Any thread but a reactor's.
    package func records() -> [BlockRecord] {
        blocks.records(touched: Self.counted)
    }

    /// The numbers so far, over all reactors, without sketches and bins. Any thread but a reactor's.
    package func totals() -> VariantTotals {
        var sum: [UInt64] = []
        for reactor in 0..<blocks.reactors where blocks.isTouched(Self.counted, of: reactor) {
            let words = blocks.values(CellLayout.head..<VariantLayout.tail, of: reactor)
            if sum.isEmpty { sum = words } else { for index in sum.indices { sum[index] &+= words[index] } }
        }
        var totals = VariantTotals(route: route, variant: variant)
        if !sum.isEmpty { totals.take(sum) }
        return totals
    }

    /// Words of which one is counted in with everything that happens.
    static let counted = VariantLayout.answers..<VariantLayout.census
}
