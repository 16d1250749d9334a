/// How many units, in expectation, go from where to where when one split follows another.
package struct Moves: Hashable, Sendable {
    /// The variants of both splits, in byte order.
    package let names: [String]
    /// `shares[from][to]`: the part of all units assigned to `names[from]` before and to `names[to]` after. All of them sum to 1.
    package let shares: [[Double]]

    /// The part of all units that go from one variant to another, or stay, when both are the same. Zero for unknown names.
    package subscript(from: String, to: String) -> Double {
        guard let row = names.firstIndex(of: from), let column = names.firstIndex(of: to) else { return 0 }
        return shares[row][column]
    }

    /// The part of all units whose variant changes.
    package var moved: Double {
        var sum = 0.0
        for row in names.indices {
            for column in names.indices where column != row { sum += shares[row][column] }
        }
        return sum
    }
}
