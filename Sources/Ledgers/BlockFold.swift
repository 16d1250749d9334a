/// One block of counters in one file: which it was, for folding it once only.
package struct BlockIdentity: Hashable, Sendable {
    /// Random number of the worker's start.
    package var worker: UInt64
    package var reactor: UInt8
    /// Number of the block in its file.
    package var serial: UInt64

    package init(worker: UInt64, reactor: UInt8, serial: UInt64) {
        self.worker = worker
        self.reactor = reactor
        self.serial = serial
    }
}

/// A block that the ledger has folded, wholly or up to a slice.
package struct FoldedBlock: Hashable, Sendable {
    package var reactor: UInt8
    package var serial: UInt64
    /// Of an exposures block the last slice that is in the ledger; `Int64.max` for a block that was folded as a whole.
    package var through: Int64
}

/// Exposures of closed slices, from one exposures block to the ledger.
package struct ExposureFold: Sendable {
    package var block: BlockIdentity
    package var route: String
    /// The assigned variant.
    package var variant: String
    package var revision: UInt32
    package var declaration: UInt32
    /// The last slice that is closed: everything up to it is in `slices`, or was folded before. `Int64.max` when the block is at its end.
    package var through: Int64
    /// 256 counts of predictions each, by bucket of the unit. Those that were folded before may be among them; they are left out.
    package var slices: [ExposureSlice]

    package init(
        block: BlockIdentity, route: String, variant: String, revision: UInt32, declaration: UInt32, through: Int64,
        slices: [ExposureSlice]
    ) {
        self.block = block
        self.route = route
        self.variant = variant
        self.revision = revision
        self.declaration = declaration
        self.through = through
        self.slices = slices
    }
}

/// The exposures of one slice.
package struct ExposureSlice: Hashable, Sendable {
    /// Slice of time; `OutcomeDeclaration.mergedSlice` for all that were merged.
    package var slice: Int64
    /// Predictions by bucket of the unit, 256 of them.
    package var counts: [UInt64]

    package init(slice: Int64, counts: [UInt64]) {
        self.slice = slice
        self.counts = counts
    }
}

/// What folded counters are kept under. Words under one key mean the same, so they are merged one by one.
package struct CellKey: Hashable, Sendable {
    /// Kind of block.
    package var kind: UInt8
    package var route: String
    package var variant: String
    package var revision: UInt32
    /// Hash of model, outputs, features and their bins; 0 for none.
    package var shape: UInt64
    /// Version of the layout.
    package var layout: UInt8

    package init(kind: UInt8, route: String, variant: String, revision: UInt32, shape: UInt64, layout: UInt8) {
        self.kind = kind
        self.route = route
        self.variant = variant
        self.revision = revision
        self.shape = shape
        self.layout = layout
    }
}

/// The counters of a block that nobody writes any more, on their way to the ledger.
package struct CellFold: Sendable {
    package var block: BlockIdentity
    package var key: CellKey
    /// All words of the block, its head of 32 words included.
    package var words: [UInt64]
    /// Places in `words`, behind the head, of which the larger word stays where others are added up: largest values, not counts. Doubles
    /// that are not negative are in the order of their bits.
    package var largest: Range<Int>

    package init(block: BlockIdentity, key: CellKey, words: [UInt64], largest: Range<Int> = 0..<0) {
        self.block = block
        self.key = key
        self.words = words
        self.largest = largest
    }
}

/// Folded counters: all blocks of one key together.
package struct CellRecord: Hashable, Sendable {
    package var key: CellKey
    /// The head of the first block that was folded, then sums, and the largest of each word that is no sum.
    package var words: [UInt64]
}
