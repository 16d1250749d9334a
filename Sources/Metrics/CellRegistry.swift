import Synchronization

/// All counters of a worker, by name: asking again for a name gives the cells that are already counting.
///
/// For control and the keeper: they ask while a plan is built, when somebody reads the numbers, and to fold. Reactors never come here.
package final class CellRegistry: Sendable {
    /// Number of reactors that count into these cells.
    package let reactorCount: Int
    /// The reactors' own counters.
    package let reactors: ReactorCells
    private let limit: Int
    /// Protects the names and the store of blocks; held for a lookup, for making blocks, or for copying references.
    let names: Mutex<Names>

    /// - Parameters:
    ///   - reactors: threads that will count, 1 to ``Limits/reactors``.
    ///   - serving: the first of them that serve routes; nil for all. The others count for themselves only.
    ///   - limit: names with cells of their own; see ``Limits/namedCells``.
    ///   - blocks: where memory comes from; lives as long as the registry and all cells.
    ///   - created: wall clock, milliseconds since 1970, for the heads.
    package init(reactors: Int, serving: Int? = nil, limit: Int = Limits.namedCells, blocks: any BlockSource = AnonymousBlocks(), created: UInt64 = 0) {
        reactorCount = reactors
        self.limit = limit
        var store = BlockStore(reactors: reactors, serving: serving ?? reactors, source: blocks)
        var head = BlockHead(kind: .reactor, length: CellLayout.reactorWords, serial: 0)
        head.created = created
        self.reactors = ReactorCells(blocks: store.insistently(head))
        names = Mutex(Names(store: store))
    }

    /// The cells of a variant under a revision and shape, made when they are new.
    ///
    /// - Parameters:
    ///   - shape: what the model is; ``VariantShape/plain`` has no sketches and no bins.
    ///   - bins: the bins that the shape was made with.
    ///   - created: wall clock, milliseconds since 1970.
    package func variant(
        route: String, variant: String, revision: UInt32 = 0, shape: VariantShape = .plain, bins: FeatureBins? = nil, created: UInt64 = 0
    ) -> VariantCells {
        let key = BlockKey(kind: .variant, route: route, variant: variant, revision: revision, shape: shape.hash)
        return names.withLock { names in
            if let known = names.variants[key] { return known }
            guard names.count < limit, Self.fits(route), Self.fits(variant),
                let blocks = names.store.blocks(Self.head(key, shape, created), census: shape.census)
            else { return names.sharedVariant(Self.head(Self.sharedKey(.variant), .plain, created)) }
            let cells = VariantCells(route: route, variant: variant, revision: revision, shape: shape, bins: bins, blocks: blocks)
            names.variants[key] = cells
            return cells
        }
    }

    /// The cells for a route's answers without a variant, made when the name is new.
    package func route(_ route: String, created: UInt64 = 0) -> RouteCells {
        names.withLock { names in
            if let known = names.routes[route] { return known }
            let key = BlockKey(kind: .route, route: route, variant: "", revision: 0, shape: 0)
            guard names.count < limit, Self.fits(route), let blocks = names.store.blocks(Self.head(key, .plain, created)) else {
                return names.sharedRoute(Self.head(Self.sharedKey(.route), .plain, created))
            }
            let cells = RouteCells(route: route, blocks: blocks)
            names.routes[route] = cells
            return cells
        }
    }

    /// The cells for exposures, made when they are new; nil when there is no room (the exposures are then flagged as uncounted).
    package func exposures(_ key: ExposureKey, created: UInt64 = 0) -> ExposureCells? {
        precondition(key.sliceMilliseconds > 0, "a slice of no time")
        return names.withLock { names in
            if let known = names.exposures[key] { return known }
            var head = BlockHead(kind: .exposures, length: ExposureLayout.words, serial: 0)
            (head.route, head.variant, head.revision) = (key.route, key.variant, key.revision)
            (head.declaration, head.sliceMilliseconds, head.created) = (key.declaration, key.sliceMilliseconds, created)
            guard names.count < limit, Self.fits(key.route), Self.fits(key.variant), let blocks = names.store.blocks(head) else {
                return nil
            }
            let cells = ExposureCells(key: key, blocks: blocks)
            names.exposures[key] = cells
            return cells
        }
    }

    /// The cells of a shadow beside a primary variant, made when they are new; nil when there is no room: no copies are then made.
    package func shadow(_ key: ShadowKey, created: UInt64 = 0) -> ShadowCells? {
        names.withLock { names in
            if let known = names.shadows[key] { return known }
            guard names.count < limit, Self.fits(key.route), Self.fits(key.shadow) else { return nil }
            func head(_ kind: BlockKind, _ length: Int) -> BlockHead {
                BlockHead(
                    kind: kind, length: length, serial: 0, revision: key.revision, shape: key.shape.hash, route: key.route, variant: key.shadow,
                    created: created)
            }
            let pairWords = PairLayout.words(outputs: key.shape.outputs, classes: key.shape.classes)
            guard let copies = names.store.blocks(head(.copies, CopyLayout.words), census: key.shape.census(withTail: false)) else { return nil }
            guard let pairs = names.store.blocks(head(.pairs, pairWords), census: key.shape.census(withTail: true)) else {
                names.store.recycle(copies)
                return nil
            }
            let cells = ShadowCells(key: key, copies: copies, pairs: pairs)
            names.shadows[key] = cells
            return cells
        }
    }

    /// Every number so far. Measured: 1 to 3 ms for 50 variants with traffic on two reactors. Any thread but a reactor's.
    package func snapshot() -> Snapshot {
        let (variants, routes, finished, shadows) = names.withLock { names in
            (Array(names.variants.values) + names.retired.compactMap(\.variant), Array(names.routes.values), names.finished, names.shadowTotals())
        }
        var totals = finished
        for cells in variants {
            let name = VariantName(route: cells.route, variant: cells.variant)
            totals[name, default: VariantTotals(route: cells.route, variant: cells.variant)].merge(cells.totals())
        }
        return Snapshot(
            variants: totals.values.sorted { ($0.route, $0.variant) < ($1.route, $1.variant) },
            routes: routes.sorted { $0.route < $1.route }.map { $0.totals() },
            reactors: reactors.totals(), shadows: shadows)
    }

    private static func fits(_ name: String) -> Bool {
        name.utf8.count <= Limits.nameBytes
    }

    private static func sharedKey(_ kind: BlockKind) -> BlockKey {
        BlockKey(kind: kind, route: Limits.sharedName, variant: kind == .variant ? Limits.sharedName : "", revision: 0, shape: 0)
    }

    private static func head(_ key: BlockKey, _ shape: VariantShape, _ created: UInt64) -> BlockHead {
        let length = key.kind == .variant ? VariantLayout.words(shape) : CellLayout.routeWords
        return BlockHead(
            kind: key.kind, length: length, serial: 0, revision: key.revision, shape: key.shape, route: key.route, variant: key.variant,
            created: created, outputs: shape.probabilities + shape.values, featureWords: shape.features * FeatureBins.words)
    }
}

/// A variant whatever its revision.
struct VariantName: Hashable {
    let route: String
    let variant: String
}

extension CellRegistry {
    /// What the registry's lock protects.
    struct Names {
        var store: BlockStore
        var variants: [BlockKey: VariantCells] = [:]
        var routes: [String: RouteCells] = [:]
        var exposures: [ExposureKey: ExposureCells] = [:]
        var shadows: [ShadowKey: ShadowCells] = [:]
        /// Finished, and not yet handed back.
        var retired: [Retired] = []
        /// What handed-back cells had counted.
        var finished: [VariantName: VariantTotals] = [:]
        var finishedShadows: [VariantName: ShadowTotals] = [:]
        var lastRetired: UInt64 = 0

        init(store: BlockStore) {
            self.store = store
        }

        /// Names with cells of their own.
        var count: Int { variants.count + routes.count + exposures.count + shadows.count + retired.count }

        /// What became of every shadow's copies, ordered by route and name.
        func shadowTotals() -> [ShadowTotals] {
            var totals = finishedShadows
            for cells in Array(shadows.values) + retired.compactMap(\.shadow) {
                let name = VariantName(route: cells.key.route, variant: cells.key.shadow)
                totals[name, default: ShadowTotals(route: cells.key.route, shadow: cells.key.shadow)].merge(cells.totals())
            }
            return totals.values.sorted { ($0.route, $0.shadow) < ($1.route, $1.shadow) }
        }

        /// The cells that all variants past the limit share.
        mutating func sharedVariant(_ head: BlockHead) -> VariantCells {
            let key = BlockKey(kind: .variant, route: head.route, variant: head.variant, revision: 0, shape: 0)
            if let known = variants[key] { return known }
            let blocks = store.insistently(head, census: VariantShape.plain.census)
            let cells = VariantCells(route: head.route, variant: head.variant, revision: 0, shape: .plain, bins: nil, blocks: blocks)
            variants[key] = cells
            return cells
        }

        /// The cells that all routes past the limit share.
        mutating func sharedRoute(_ head: BlockHead) -> RouteCells {
            if let known = routes[head.route] { return known }
            let cells = RouteCells(route: head.route, blocks: store.insistently(head))
            routes[head.route] = cells
            return cells
        }
    }
}
