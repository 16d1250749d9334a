import Metrics

/// How far one output of a shadow and its primaries is apart, over the pairs in which both are finite.
package struct OutputDifference: Encodable, Equatable, Sendable {
    /// The label of the class, or `value`.
    package var name: String
    /// |shadow - primary|
    package var absolute: Distribution
    /// The same over the larger of both magnitudes, 0...2.
    package var relative: Distribution

    /// Differences by cells that anybody can count again; see `DifferenceScale`.
    package struct Distribution: Encodable, Equatable, Sendable {
        /// By nearest rank: the upper end of the cell that it lies in, or the largest difference where that is less. The true one is no more, and
        /// from 1e-9 on no less than two fifths of it.
        package var p50: Double?
        package var p90: Double?
        package var p99: Double?
        /// Exact.
        package var largest: Double?
        /// Pairs in which one of both is not finite; they are in none of the other figures.
        package var nonFinite: UInt64
        /// Cells with counts, ascending.
        package var cells: [Cell]

        enum CodingKeys: String, CodingKey {
            case p50, p90, p99, largest, cells
            case nonFinite = "non_finite"
        }
    }

    /// Pairs whose difference is below a number, and not below that of the cell before.
    package struct Cell: Encodable, Equatable, Sendable {
        /// 0 for no difference at all; left out for what is 1e9 or more.
        package var below: Double?
        package var count: UInt64
    }
}

extension OutputDifference {
    init(_ name: String, _ counts: ShadowRecord.OutputDifference) {
        self.init(
            name: name, absolute: Distribution(counts.absolute, largest: counts.largestAbsolute),
            relative: Distribution(counts.relative, largest: counts.largestRelative))
    }
}

extension OutputDifference.Distribution {
    fileprivate init(_ counts: [UInt64], largest: Double) {
        func quantile(_ q: Double) -> Double? { DifferenceScale.quantile(q, of: counts).map { min($0, largest) } }
        self.init(
            p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), largest: quantile(1) == nil ? nil : largest,
            nonFinite: counts[DifferenceScale.nonFinite],
            cells: counts.prefix(DifferenceScale.nonFinite).enumerated().filter { $1 > 0 }.map { cell, count in
                let below = DifferenceScale.range(of: cell)?.below
                return OutputDifference.Cell(below: below.flatMap { $0.isFinite ? $0 : nil }, count: count)
            })
    }
}
