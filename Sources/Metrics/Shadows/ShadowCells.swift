import Primitives

/// Which counters of a shadow: beside which primary, under which revision.
package struct ShadowKey: Hashable, Sendable {
    package var route: String
    package var shadow: String
    package var revision: UInt32
    package var shape: ShadowShape

    package init(route: String, shadow: String, revision: UInt32, shape: ShadowShape) {
        self.route = route
        self.shadow = shadow
        self.revision = revision
        self.shape = shape
    }
}

/// The counters of one shadow beside one primary variant under one revision: a block of copies for each reactor (``CopyLayout``), and one of
/// pairs for the thread that compares (``PairLayout``). Held and finished like ``VariantCells``: whoever has a copy under way holds them.
package final class ShadowCells: Sendable {
    package let key: ShadowKey
    /// For the thread that compares.
    package let pairs: PairMeter
    private let copyBlocks: CellBlocks
    private let pairBlocks: CellBlocks

    init(key: ShadowKey, copies: CellBlocks, pairs: CellBlocks) {
        self.key = key
        copyBlocks = copies
        pairBlocks = pairs
        // The block is alive: whoever holds the meter holds these cells.
        self.pairs = unsafe PairMeter(words: pairs.words(of: 0), outputs: key.shape.outputs, classes: key.shape.classes)
    }

    /// The writer's end for one reactor; same rules as ``VariantCells/meter(reactor:)``.
    package func copies(reactor: Int) -> CopyMeter {
        // As above.
        unsafe CopyMeter(words: copyBlocks.words(of: reactor))
    }

    /// All blocks.
    var blocks: [CellBlocks] { [copyBlocks, pairBlocks] }

    /// The blocks in which anything was counted. Any thread but a reactor's.
    package func records() -> [BlockRecord] {
        copyBlocks.records(touched: CopyLayout.sampled..<copyBlocks.length) + pairBlocks.records(touched: PairLayout.drops..<PairLayout.time)
    }

    /// The numbers so far. Any thread.
    package func totals() -> ShadowTotals {
        var totals = ShadowTotals(route: key.route, shadow: key.shadow)
        // Pairs before copies: what is compared in between must not be more than was sampled.
        totals.compared = pairBlocks.total(PairLayout.compared)
        totals.agreed = pairBlocks.total(PairLayout.agreed)
        totals.diverged = pairBlocks.total(PairLayout.diverged)
        totals.dropped = ShadowDrop.allCases.map { pairBlocks.total(PairLayout.drops + Int($0.rawValue)) }
        totals.sampled = copyBlocks.total(CopyLayout.sampled)
        for (index, reason) in ShadowDrop.allCases.enumerated() {
            totals.dropped[index] &+= copyBlocks.total(CopyLayout.drops + Int(reason.rawValue))
        }
        return totals
    }
}

/// What became of the copies of one shadow, over all primaries and revisions.
package struct ShadowTotals: Equatable, Sendable {
    package var route: String
    package var shadow: String
    package var sampled: UInt64 = 0
    package var compared: UInt64 = 0
    package var agreed: UInt64 = 0
    package var diverged: UInt64 = 0
    /// By `ShadowDrop`'s raw value.
    package var dropped = [UInt64](repeating: 0, count: ShadowDrop.allCases.count)

    /// Adds what the same shadow did elsewhere.
    package mutating func merge(_ other: ShadowTotals) {
        sampled &+= other.sampled
        compared &+= other.compared
        agreed &+= other.agreed
        diverged &+= other.diverged
        for index in dropped.indices { dropped[index] &+= other.dropped[index] }
    }
}
