import Primitives

/// How the traffic of a route is shared: named variants and their weights.
///
/// A value that is always valid: 1 to 32 variants, unique names, at least one weight above zero. Weights need not sum to anything.
package struct Split: Hashable, Sendable {
    /// One variant's part.
    package struct Share: Hashable, Sendable {
        package let name: String
        /// Relative to the other weights; 0 takes no traffic.
        package let weight: Double

        package init(name: String, weight: Double) {
            self.name = name
            self.weight = weight
        }
    }

    /// In the order they were given; "index of a variant" means a place in here.
    package let shares: [Share]
    /// The sum of all weights.
    package let total: Double
    /// Places in `shares`, in byte order of the names.
    let byName: [Int]

    /// - Throws: the first complaint about names, weights or their number.
    package init(_ shares: [Share]) throws(RoutingError) {
        guard !shares.isEmpty else { throw .noVariants }
        guard shares.count <= RoutingLimits.variants else { throw .tooManyVariants(shares.count) }
        for share in shares {
            guard Split.isName(share.name) else { throw .badName(share.name) }
            guard share.weight == 0 || RoutingLimits.weight.contains(share.weight) else {
                throw .badWeight(name: share.name, weight: share.weight)
            }
        }
        try Split.checkDistinct(shares.map(\.name)) { NameHash(of: $0) }
        self.shares = shares
        total = shares.reduce(0) { $0 + $1.weight }
        guard total > 0 else { throw .noPositiveWeight }
        byName = shares.indices.sorted { Split.precedes(shares[$0].name, shares[$1].name) }
    }

    /// The index of the variant that this unit is assigned to. The formula as it is written; requests use a ``SplitTable``.
    package func choose(unit: RawSpan, salt: Salt) -> Int {
        var best: (index: Int, score: Double)?
        for index in byName where shares[index].weight > 0 {
            var hasher = Rendezvous.prefix(salt: salt, name: shares[index].name)
            hasher.append(unit)
            let score = Rendezvous.score(hash: hasher.value, weight: shares[index].weight)
            if best.map({ score < $0.score }) ?? true { best = (index, score) }
        }
        // A valid split has a weight above zero.
        return best?.index ?? 0
    }

    /// The chance of a unit to be assigned to this variant, the same for all units: weight / sum. Zero for a name that is not here.
    package func propensity(of name: String) -> Double {
        weight(of: name) / total
    }

    /// Zero for a name that is not here: such a variant takes no traffic.
    func weight(of name: String) -> Double {
        shares.first { $0.name == name }?.weight ?? 0
    }

    /// Names are ASCII, and their order is that of their bytes in every language an analyst may use.
    static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }

    private static func isName(_ text: String) -> Bool {
        RoutingLimits.nameBytes.contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    /// Refuses names that are equal or that prediction ids could not tell apart.
    ///
    /// - Parameter hash: ``NameHash``, or in tests one that collides.
    static func checkDistinct(_ names: [String], by hash: (String) -> NameHash) throws(RoutingError) {
        var seen: [NameHash: String] = [:]
        for name in names {
            if let other = seen.updateValue(name, forKey: hash(name)) {
                throw other == name ? .duplicateName(name) : .collidingNames(other, name)
            }
        }
    }
}
