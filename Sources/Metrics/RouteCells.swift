/// The answers of one route that no variant gave (refused before assignment, or answered 404, 405 …), by status code.
package final class RouteCells: Sendable {
    package let route: String
    private let block: CellBlock

    init(route: String, reactors: Int) {
        self.route = route
        block = CellBlock(reactors: reactors, stride: CellLayout.routeWords)
    }

    /// The writer's end for one reactor; same rules as ``VariantCells/meter(reactor:)``.
    package func meter(reactor: Int) -> RouteMeter {
        // The run is alive: the caller holds these cells as long as the meter.
        unsafe RouteMeter(words: block.words(of: reactor))
    }

    /// The numbers so far, over all reactors. Any thread.
    package func totals() -> RouteTotals {
        RouteTotals(route: route, answers: block.statusTotals())
    }
}

/// Counts one route's answers without a variant on one reactor. Sendable for the reason given at ``VariantMeter``.
@safe @frozen public struct RouteMeter: @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Word>

    init(words: UnsafeMutablePointer<Word>) {
        unsafe self.words = words
    }

    /// Counts one answer that no variant gave.
    @inlinable public func answered(_ status: StatusCode) {
        unsafe words.add(1, at: Int(status.rawValue))
    }
}
