import Glibc
import Testing

@testable import Metrics

@Suite struct DifferenceScaleTests {
    @Test("edges are the doubles nearest to 1, 2 and 5 times the powers of ten, as anybody reads them from their decimals")
    func edges() {
        let decimals = (-9...8).flatMap { power in ["1", "2", "5"].map { "\($0)e\(power)" } } + ["1e9"]
        #expect(DifferenceScale.edges == decimals.map { strtod($0, nil) })
        #expect(DifferenceScale.cellCount == DifferenceScale.edges.count + 3 && DifferenceScale.nonFinite == DifferenceScale.cellCount - 1)
        #expect(DifferenceScale.words >= DifferenceScale.cellCount)
    }

    @Test("an edge belongs to the cell above it, what is just below it to the one below")
    func cells() {
        for (index, edge) in DifferenceScale.edges.enumerated() {
            #expect(DifferenceScale.cell(of: edge) == index + 2)
            #expect(DifferenceScale.cell(of: edge.nextDown) == index + 1)
        }
        #expect([0, -0.0].map(DifferenceScale.cell) == [0, 0])
        #expect([.leastNonzeroMagnitude, 0.015, 1e300].map(DifferenceScale.cell) == [1, 23, 56])
        #expect([.infinity, -.infinity, .nan].map(DifferenceScale.cell) == [57, 57, 57])
    }

    @Test("the ranges of the cells follow each other, and each holds what is counted in it")
    func ranges() throws {
        var last = 0.0
        for cell in 1..<DifferenceScale.nonFinite {
            let range = try #require(DifferenceScale.range(of: cell))
            #expect(range.from == last && range.below > range.from)
            #expect(DifferenceScale.cell(of: max(range.from, .leastNonzeroMagnitude)) == cell)
            last = range.below
        }
        #expect(last == .infinity)
        #expect(try #require(DifferenceScale.range(of: 0)) == (0, 0))
        for cell in [-1, DifferenceScale.nonFinite, 1_000] { #expect(DifferenceScale.range(of: cell) == nil) }
    }

    @Test("a quantile is the upper end of the cell that holds its rank; what is not finite has no rank")
    func quantiles() {
        var counts = [UInt64](repeating: 0, count: DifferenceScale.cellCount)
        #expect(DifferenceScale.quantile(0.5, of: counts) == nil)
        counts[DifferenceScale.nonFinite] = 9
        #expect(DifferenceScale.quantile(0.5, of: counts) == nil)
        // Five times none, four times 0.01 to 0.02, once beyond the last edge.
        for (difference, count) in [(0, 5), (0.015, 4), (2e9, 1)] as [(Double, UInt64)] {
            counts[DifferenceScale.cell(of: difference)] += count
        }
        #expect([0, 0.5, 0.51, 0.9, 0.91, 1].map { DifferenceScale.quantile($0, of: counts) } == [0, 0, 0.02, 0.02, .infinity, .infinity])
    }

    @Test("counts that a broken file may hold never trap")
    func hostile() {
        let counts = [UInt64](repeating: .max, count: DifferenceScale.cellCount)
        _ = [0, 0.5, 1].map { DifferenceScale.quantile($0, of: counts) }
        #expect(DifferenceScale.quantile(0.5, of: []) == nil)
    }
}
