/// The cells that differences between two answers are counted in: exactly none; then a cell up to each of 1, 2 and 5 times every power of ten
/// from 1e-9 to 1e9; then what is not finite.
///
/// An edge belongs to the cell above it: cell 1 holds 0 < d < 1e-9, cell 2 holds 1e-9 <= d < 2e-9, and so on. Edges are the doubles that are
/// nearest to their decimals, so that anybody counts the same rows into the same cells.
@frozen public enum DifferenceScale {
    /// The edges, ascending: 1e-9, 2e-9, 5e-9, 1e-8 … 5e8, 1e9.
    public static let edges: [Double] = [
        1e-9, 2e-9, 5e-9, 1e-8, 2e-8, 5e-8, 1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2,
        5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e2, 2e2, 5e2, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8,
        5e8, 1e9,
    ]
    /// Cells: none, one below each edge and one above the last, and what is not finite.
    package static let cellCount = 58
    /// The cell of what is not finite.
    package static let nonFinite = 57
    /// Words that are kept for the cells.
    package static let words = 60

    /// The cell of a difference, which is not negative.
    package static func cell(of difference: Double) -> Int {
        guard difference.isFinite else { return nonFinite }
        guard difference > 0 else { return 0 }
        var (low, high) = (0, edges.count)
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] <= difference { low = middle + 1 } else { high = middle }
        }
        return 1 + low
    }

    /// The differences of a cell: from its lower end up to, and without, its upper one; nil for what is not finite.
    package static func range(of cell: Int) -> (from: Double, below: Double)? {
        switch cell {
        case 0: (0, 0)
        case 1...edges.count: (cell == 1 ? 0 : edges[cell - 2], edges[cell - 1])
        case edges.count + 1: (edges[edges.count - 1], .infinity)
        default: nil
        }
    }

    /// The difference below or at which the fraction `q` of all finite ones lies, by nearest rank: the upper end of its cell; nil without any.
    package static func quantile(_ q: Double, of counts: [UInt64]) -> Double? {
        let finite = counts.prefix(nonFinite)
        let total = finite.reduce(0, &+)
        guard total > 0 else { return nil }
        let rank = LatencyHistogram.rank(q, of: total)
        var seen: UInt64 = 0
        for (cell, count) in finite.enumerated() {
            seen &+= count
            if seen >= rank { return range(of: cell)?.below }
        }
        return nil
    }
}
