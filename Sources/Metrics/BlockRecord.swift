/// Which counters a block holds. Blocks with equal keys add up word by word, wherever they come from.
package struct BlockKey: Hashable, Sendable {
    package var kind: BlockKind
    package var route: String
    package var variant: String
    package var revision: UInt32
    package var shape: UInt64

    package init(kind: BlockKind, route: String, variant: String, revision: UInt32, shape: UInt64) {
        self.kind = kind
        self.route = route
        self.variant = variant
        self.revision = revision
        self.shape = shape
    }
}

/// A block as it was at one moment, read from memory that counts on or from a file: a plain value.
///
/// Its name among all blocks ever is the nonce of the worker's start, the reactor and the head's serial.
package struct BlockRecord: Equatable, Sendable {
    package var reactor: Int
    package var head: BlockHead
    /// The words after the head.
    package var body: [UInt64]

    package var key: BlockKey {
        BlockKey(kind: head.kind, route: head.route, variant: head.variant, revision: head.revision, shape: head.shape)
    }

    /// The slices in a block of exposures that the ledger does not have, oldest first; empty for other kinds.
    ///
    /// - Parameters:
    ///   - after: last slice that the ledger has of this block.
    ///   - through: last slice that is wanted.
    package func slices(after folded: UInt64? = nil, through last: UInt64 = .max) -> [ExposureSlice] {
        guard head.kind == .exposures else { return [] }
        return ExposureSlice.read(body, after: folded ?? head.foldedThrough, through: last)
    }
}

extension BlockKind {
    /// The words, in a block with its head, of which the larger counts when blocks are added up.
    package var maxima: Range<Int> { self == .pairs ? PairLayout.maxima : 0..<0 }
}

/// Sums of blocks by key: of live memory, of any number of files and of the ledger.
///
/// Adding is the same in any order and grouping. Exposures are left out: their slices add up by number, in the ledger.
package struct BlockSums: Equatable, Sendable {
    package private(set) var bodies: [BlockKey: [UInt64]] = [:]

    package init() {}

    /// Adds the words of a block. Words of another length than those that the key has already are not the same counters: they are
    /// left out, and the answer is false.
    @discardableResult package mutating func add(_ body: [UInt64], to key: BlockKey) -> Bool {
        guard key.kind != .exposures else { return false }
        guard var sum = bodies.removeValue(forKey: key) else {
            bodies[key] = body
            return true
        }
        defer { bodies[key] = sum }
        guard sum.count == body.count else { return false }
        let maxima = key.kind.maxima
        for index in sum.indices {
            let place = index + CellLayout.head
            sum[index] = maxima.contains(place) ? max(sum[index], body[index]) : sum[index] &+ body[index]
        }
        return true
    }

    /// Adds a block; see ``add(_:to:)``.
    @discardableResult package mutating func add(_ record: BlockRecord) -> Bool {
        add(record.body, to: record.key)
    }

    /// What variants did, by revision and shape, ordered by route, variant, revision and shape. Words that are no variant's are left out.
    package func variants() -> [VariantRecord] {
        bodies.compactMap { key, body in key.kind == .variant ? try? VariantRecord(key, body: body) : nil }.sorted {
            ($0.route, $0.variant, $0.revision, $0.shape) < ($1.route, $1.variant, $1.revision, $1.shape)
        }
    }
}
