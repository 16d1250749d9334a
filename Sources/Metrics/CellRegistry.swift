import Synchronization

/// All cells of a worker, by name: asking again for a name gives the cells that are already counting.
///
/// For control: it asks while it builds a plan and when somebody reads the numbers. Reactors never come here.
package final class CellRegistry: Sendable {
    /// Number of reactors that count into these cells.
    package let reactorCount: Int
    /// The reactors' own counters.
    package let reactors: ReactorCells
    private let limit: Int
    /// Protects the two dictionaries; held for a lookup, or for copying the references of a snapshot.
    private let names = Mutex(Names())

    private struct Names {
        var variants: [String: [String: VariantCells]] = [:]
        var routes: [String: RouteCells] = [:]
        var count = 0

        /// Whether another name may have cells of its own; counts it when so.
        mutating func admits(upTo limit: Int) -> Bool {
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    /// - Parameters:
    ///   - reactors: threads that will count, 1 to ``Limits/reactors``.
    ///   - limit: names with cells of their own; see ``Limits/namedCells``.
    package init(reactors: Int, limit: Int = Limits.namedCells) {
        reactorCount = reactors
        self.reactors = ReactorCells(reactors: reactors)
        self.limit = limit
    }

    /// The cells of a variant, made when the name is new.
    package func variant(route: String, variant: String) -> VariantCells {
        names.withLock { names in
            if let known = names.variants[route]?[variant] { return known }
            guard names.admits(upTo: limit) else { return sharedVariant(&names) }
            let cells = VariantCells(route: route, variant: variant, reactors: reactorCount)
            names.variants[route, default: [:]][variant] = cells
            return cells
        }
    }

    /// The cells for a route's answers without a variant, made when the name is new.
    package func route(_ route: String) -> RouteCells {
        names.withLock { names in
            if let known = names.routes[route] { return known }
            let name = names.admits(upTo: limit) ? route : Limits.sharedName
            if let known = names.routes[name] { return known }
            let cells = RouteCells(route: name, reactors: reactorCount)
            names.routes[name] = cells
            return cells
        }
    }

    /// Every number so far. Measured: 16 µs for a variant with traffic on two reactors. Any thread but a reactor's.
    package func snapshot() -> Snapshot {
        let (variants, routes) = names.withLock { names in
            (names.variants.values.flatMap(\.values), Array(names.routes.values))
        }
        return Snapshot(
            variants: variants.sorted { ($0.route, $0.variant) < ($1.route, $1.variant) }.map { $0.totals() },
            routes: routes.sorted { $0.route < $1.route }.map { $0.totals() },
            reactors: reactors.totals())
    }

    /// The cells that all variants past the limit share.
    private func sharedVariant(_ names: inout Names) -> VariantCells {
        let name = Limits.sharedName
        if let known = names.variants[name]?[name] { return known }
        let cells = VariantCells(route: name, variant: name, reactors: reactorCount)
        names.variants[name, default: [:]][name] = cells
        return cells
    }
}
