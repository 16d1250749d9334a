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
        // Scaled by the largest first: a sum of weights near the end of Double's range would be infinite.
        guard let weight = first(where: { $0.name == name })?.weight, let largest = map(\.weight).max() else { return nil }
        guard largest > 0 else { return 0 }
        return (weight / largest) / reduce(0) { $0 + $1.weight / largest }
    }
}
