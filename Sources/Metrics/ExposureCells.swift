import Synchronization

/// Which exposures a block counts.
package struct ExposureKey: Hashable, Sendable {
    package var route: String
    /// The assigned variant.
    package var variant: String
    package var revision: UInt32
    /// Number of the declaration of the route's outcomes.
    package var declaration: UInt32
    /// Milliseconds of a slice; more than zero.
    package var sliceMilliseconds: UInt64

    package init(route: String, variant: String, revision: UInt32, declaration: UInt32, sliceMilliseconds: UInt64) {
        self.route = route
        self.variant = variant
        self.revision = revision
        self.declaration = declaration
        self.sliceMilliseconds = sliceMilliseconds
    }
}

/// The exposures of one key, a block for each reactor; layout in ``ExposureLayout``. Held and finished like ``VariantCells``.
package final class ExposureCells: Sendable {
    package let key: ExposureKey
    let blocks: CellBlocks

    init(key: ExposureKey, blocks: CellBlocks) {
        self.key = key
        self.blocks = blocks
    }

    /// The writer's end for one reactor; same rules as ``VariantCells/meter(reactor:)``.
    package func meter(reactor: Int) -> ExposureMeter {
        // The block is alive: the caller holds these cells as long as the meter.
        unsafe ExposureMeter(words: blocks.words(of: reactor))
    }

    /// The slices up to `last` that the ledger does not have, for each reactor that has any. Any thread but a reactor's.
    package func records(through last: UInt64 = .max) -> [ExposureRecord] {
        (0..<blocks.reactors).compactMap { reactor in
            guard let head = blocks.head(of: reactor) else { return nil }
            let slices = (0..<ExposureLayout.slots).compactMap { slot in
                slice(slot, of: reactor, after: head.foldedThrough, through: last)
            }
            return slices.isEmpty ? nil : ExposureRecord(reactor: reactor, head: head, slices: slices.sorted { $0.slice < $1.slice })
        }
    }

    /// Says that the ledger has a reactor's slices up to `last`: their slots may be taken over. Control alone, and only for slices that
    /// ended long enough ago that nobody counts in them.
    package func markFolded(reactor: Int, through last: UInt64) {
        let word = unsafe blocks.words(of: reactor) + CellLayout.foldedThrough
        // A word of the head, which control alone writes.
        unsafe word.pointee.store(max(last, word.pointee.load(ordering: .relaxed)), ordering: .releasing)
    }

    /// One slot's slice; nil when it is not wanted, or changes hands meanwhile.
    private func slice(_ slot: Int, of reactor: Int, after folded: UInt64, through last: UInt64) -> ExposureSlice? {
        let start = CellLayout.head + slot * ExposureLayout.slotWords
        let end = start + ExposureLayout.slotWords - 1
        let name = blocks.value(start, of: reactor)
        atomicMemoryFence(ordering: .acquiring)
        guard name != 0, name - 1 > folded, name - 1 <= last else { return nil }
        let counts = blocks.values((start + 1)..<end, of: reactor)
        atomicMemoryFence(ordering: .acquiring)
        guard blocks.value(start, of: reactor) == name, blocks.value(end, of: reactor) == name else { return nil }
        return ExposureSlice(slice: name - 1, counts: counts)
    }
}

/// Slices of one block of exposures.
package struct ExposureRecord: Equatable, Sendable {
    package var reactor: Int
    package var head: BlockHead
    /// Oldest first.
    package var slices: [ExposureSlice]

    package var key: ExposureKey {
        ExposureKey(
            route: head.route, variant: head.variant, revision: head.revision, declaration: head.declaration,
            sliceMilliseconds: head.sliceMilliseconds)
    }
}
