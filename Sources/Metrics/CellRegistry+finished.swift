import Synchronization

/// A block's name among all blocks of one start of the worker.
package struct BlockIdentity: Hashable, Sendable {
    package var reactor: Int
    package var serial: UInt64

    package init(reactor: Int, serial: UInt64) {
        self.reactor = reactor
        self.serial = serial
    }
}

/// What cells counted that nobody counts in any more.
package struct FinishedCells: Sendable {
    /// For ``CellRegistry/recycle(_:)``.
    package let id: UInt64
    /// A variant's or a shadow's blocks in which anything was counted.
    package let blocks: [BlockRecord]
    /// Exposures that the ledger does not have yet.
    package let exposures: [ExposureRecord]
}

/// Cells between their last count and their blocks' being handed back: a variant's, exposures, or a shadow's.
struct Retired {
    let id: UInt64
    var variant: VariantCells?
    var exposures: ExposureCells?
    var shadow: ShadowCells?

    var blocks: [CellBlocks] { (variant.map { [$0.blocks] } ?? []) + (exposures.map { [$0.blocks] } ?? []) + (shadow?.blocks ?? []) }

    /// Whether nobody holds the cells but this value. For the lock's holder: nobody gets them meanwhile.
    mutating func isUnread() -> Bool {
        isKnownUniquelyReferenced(&variant) || isKnownUniquelyReferenced(&exposures) || isKnownUniquelyReferenced(&shadow)
    }
}

/// The life of blocks after their last count: taken, folded into the ledger by the keeper, handed back, and counted in again.
extension CellRegistry {
    /// The counters of reactors, routes and variants, live or finished but not handed back: what is in no ledger, unless it says that it
    /// has the block. Blocks in which nothing was counted are left out. Any thread but a reactor's.
    package func records() -> [BlockRecord] {
        let (variants, routes, shadows) = names.withLock { names in
            (
                Array(names.variants.values) + names.retired.compactMap(\.variant), Array(names.routes.values),
                Array(names.shadows.values) + names.retired.compactMap(\.shadow)
            )
        }
        return reactors.records() + routes.flatMap { $0.records() } + variants.flatMap { $0.records() } + shadows.flatMap { $0.records() }
    }

    /// The slices of exposures up to `last` that the ledger does not have, live or finished. Any thread but a reactor's.
    package func exposureRecords(through last: (ExposureKey) -> UInt64 = { _ in .max }) -> [ExposureRecord] {
        let cells = names.withLock { names in Array(names.exposures.values) + names.retired.compactMap(\.exposures) }
        return cells.flatMap { $0.records(through: last($0.key)) }
    }

    /// Says that the ledger has the slices of these blocks up to the given ones; see ``ExposureCells/markFolded(reactor:through:)``.
    package func markFolded(_ marks: [BlockIdentity: UInt64]) {
        let cells = names.withLock { names in Array(names.exposures.values) + names.retired.compactMap(\.exposures) }
        for cells in cells {
            for reactor in 0..<cells.blocks.reactors {
                let serial = cells.blocks.value(BlockHead.Place.serial, of: reactor)
                if let last = marks[BlockIdentity(reactor: reactor, serial: serial)] { cells.markFolded(reactor: reactor, through: last) }
            }
        }
    }

    /// Takes the cells that nobody but the registry holds: no plan counts in them, their revision is over. Those of earlier calls that were
    /// not handed back are among the answers again, so a fold that failed is simply repeated.
    package func takeFinished() -> [FinishedCells] {
        let retired = names.withLock { names in
            names.retire()
            return names.retired
        }
        return retired.map {
            FinishedCells(id: $0.id, blocks: $0.variant?.records() ?? $0.shadow?.records() ?? [], exposures: $0.exposures?.records() ?? [])
        }
    }

    /// Hands blocks of finished cells back, after the ledger has all that they counted. They are cleared, and counted in again after
    /// the next ``checkpointed()``. Cells that somebody reads at this moment stay among the finished ones.
    package func recycle(_ ids: [UInt64]) {
        let ids = Set(ids)
        names.withLock { names in names.recycle(ids) }
    }

    /// Says that the file's copy on disk holds the cleared blocks as cleared. Before that they are not handed out: after a loss of power a
    /// copy of pages at two moments could show the new name above the old numbers.
    package func checkpointed() {
        names.withLock { $0.store.release() }
    }
}

extension CellRegistry.Names {
    /// Moves what only the registry holds to the retired.
    fileprivate mutating func retire() {
        var variants = Array(self.variants)
        self.variants = [:]
        for index in variants.indices {
            if variants[index].key.route != Limits.sharedName, isKnownUniquelyReferenced(&variants[index].value) {
                retire(Retired(id: lastRetired + 1, variant: variants[index].value))
            } else {
                self.variants[variants[index].key] = variants[index].value
            }
        }
        var exposures = Array(self.exposures)
        self.exposures = [:]
        for index in exposures.indices {
            if isKnownUniquelyReferenced(&exposures[index].value) {
                retire(Retired(id: lastRetired + 1, exposures: exposures[index].value))
            } else {
                self.exposures[exposures[index].key] = exposures[index].value
            }
        }
        var shadows = Array(self.shadows)
        self.shadows = [:]
        for index in shadows.indices {
            if isKnownUniquelyReferenced(&shadows[index].value) {
                retire(Retired(id: lastRetired + 1, shadow: shadows[index].value))
            } else {
                self.shadows[shadows[index].key] = shadows[index].value
            }
        }
    }

    private mutating func retire(_ retired: Retired) {
        lastRetired = retired.id
        for blocks in retired.blocks { blocks.mark(.finished) }
        self.retired.append(retired)
    }

    fileprivate mutating func recycle(_ ids: Set<UInt64>) {
        var kept: [Retired] = []
        // Popped, because an array that is only walked through holds its elements too.
        while var retired = self.retired.popLast() {
            guard ids.contains(retired.id), retired.isUnread() else {
                kept.append(retired)
                continue
            }
            if let cells = retired.variant {
                let name = VariantName(route: cells.route, variant: cells.variant)
                finished[name, default: VariantTotals(route: cells.route, variant: cells.variant)].merge(cells.totals())
            }
            if let cells = retired.shadow {
                let name = VariantName(route: cells.key.route, variant: cells.key.shadow)
                finishedShadows[name, default: ShadowTotals(route: cells.key.route, shadow: cells.key.shadow)].merge(cells.totals())
            }
            for blocks in retired.blocks { store.recycle(blocks) }
        }
        retired = kept.reversed()
    }
}
