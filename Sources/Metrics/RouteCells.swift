/// The answers of one route that no variant gave (refused before assignment, or answered 404, 405 …), by status code.
///
/// Made by ``CellRegistry`` and kept by name as long as it.
package final class RouteCells: Sendable {
    package let route: String
    private let blocks: CellBlocks

    init(route: String, blocks: CellBlocks) {
        self.route = route
        self.blocks = blocks
    }

    /// The writer's end for one reactor; same rules as ``VariantCells/meter(reactor:)``.
    package func meter(reactor: Int) -> RouteMeter {
        // The block is alive: the caller holds these cells as long as the meter.
        unsafe RouteMeter(words: blocks.words(of: reactor))
    }

    /// The blocks in which anything was counted. Any thread but a reactor's.
    package func records() -> [BlockRecord] {
        blocks.records(touched: CellLayout.answers..<CellLayout.routeWords)
    }

    /// The numbers so far, over all reactors. Any thread.
    package func totals() -> RouteTotals {
        RouteTotals(route: route, answers: blocks.statusTotals(at: CellLayout.answers))
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
        unsafe words.add(1, at: CellLayout.answers &+ Int(status.rawValue))
    }
}
