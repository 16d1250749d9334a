public import Primitives

/// The counters of one variant of one route, a run of words for each reactor; layout in ``CellLayout``.
///
/// Made by ``CellRegistry`` and kept by name, so numbers go on across reloads. Whoever holds a ``VariantMeter`` keeps its cells
/// alive: the plan does, for its reactors.
package final class VariantCells: Sendable {
    package let route: String
    package let variant: String
    private let block: CellBlock

    init(route: String, variant: String, reactors: Int) {
        self.route = route
        self.variant = variant
        block = CellBlock(reactors: reactors, stride: CellLayout.variantWords)
    }

    /// The writer's end for one reactor. It is valid as long as these cells, and for that reactor's thread alone.
    package func meter(reactor: Int) -> VariantMeter {
        // The run is alive: the caller holds these cells as long as the meter.
        unsafe VariantMeter(words: block.words(of: reactor))
    }

    /// The numbers so far, over all reactors. Any thread.
    package func totals() -> VariantTotals {
        VariantTotals(
            route: route, variant: variant, answers: block.statusTotals(), rows: block.total(CellLayout.rows),
            latency: block.histogram(at: CellLayout.latency), model: block.histogram(at: CellLayout.model))
    }
}

/// Counts one variant's answers on one reactor: a pointer, copied freely, without reference counts.
///
/// Sendable because a plan carries it to its reactor; every access is a relaxed atomic. Two writers at once would be memory-safe
/// but lose counts.
@safe @frozen public struct VariantMeter: @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Word>

    init(words: UnsafeMutablePointer<Word>) {
        unsafe self.words = words
    }

    /// Counts one answer: 47 instructions in a loop (callgrind, x86_64), no branch, no lock.
    ///
    /// - Parameters:
    ///   - status: the code sent, or ``StatusCode/s499`` when the client went away.
    ///   - rows: rows that the request asked for.
    ///   - latency: from the request's first byte to its answer's last.
    ///   - model: time inside the model; zero when the model was not reached, which records no model time.
    @inlinable public func record(status: StatusCode, rows: Int, latency: Nanoseconds, model: Nanoseconds) {
        unsafe words.add(1, at: Int(status.rawValue))
        unsafe words.add(UInt64(truncatingIfNeeded: rows), at: CellLayout.rows)
        record(latency, times: 1, at: CellLayout.latency)
        record(model, times: model == 0 ? 0 : 1, at: CellLayout.model)
    }

    /// Counts a latency in the histogram whose words begin at `start`.
    @inlinable func record(_ latency: Nanoseconds, times: UInt64, at start: Int) {
        unsafe words.add(min(latency, LatencyHistogram.highest), at: start)
        unsafe words.add(times, at: start &+ 1 &+ LatencyHistogram.index(of: latency))
    }
}
