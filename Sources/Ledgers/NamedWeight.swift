/// A variant's name and its weight in a split. The share is the weight over the sum of all; weights need not sum to anything.
///
/// In JSON a pair, `["champion", 80]`, so that a list of them keeps its order.
package struct NamedWeight: Hashable, Codable, Sendable {
    package var name: String
    package var weight: Double

    package init(_ name: String, _ weight: Double) {
        self.name = name
        self.weight = weight
    }

    package init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        name = try pair.decode(String.self)
        weight = try pair.decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var pair = encoder.unkeyedContainer()
        try pair.encode(name)
        try pair.encode(weight)
    }
}

extension [NamedWeight] {
    /// Whether both name the same variants with the same weights, in whatever order.
    package func agrees(with other: [NamedWeight]) -> Bool {
        count == other.count && Set(self) == Set(other)
    }

    /// The share of the variant called `name`, 0...1; nil when it is not in this split.
    package func share(of name: String) -> Double? {
        guard let weight = first(where: { $0.name == name })?.weight else { return nil }
        let sum = reduce(0) { $0 + $1.weight }
        if sum.isFinite { return sum > 0 ? weight / sum : 0 }
        // At most 32 weights: a hundredth of each cannot overflow.
        return weight / 100 / reduce(0) { $0 + $1.weight / 100 }
    }
}
