package import Ledgers

/// A revision in JSON: `weir history --json` and the control plane. The variants keep their order.
package struct RevisionAnswer: Encodable, Sendable {
    /// One variant's part.
    package struct Variant: Encodable, Sendable {
        package var name: String
        package var weight: Double
        /// 0...1
        package var share: Double
    }

    package var revision: UInt32
    /// ISO 8601 in UTC.
    package var at: String
    package var author: String
    package var reason: String
    package var variants: [Variant]

    package init(_ entry: RevisionEntry) {
        revision = entry.number
        at = entry.at.description
        author = entry.author
        reason = entry.reason
        variants = Self.variants(entry.weights)
    }

    static func variants(_ weights: [NamedWeight]) -> [Variant] {
        weights.map { Variant(name: $0.name, weight: $0.weight, share: weights.share(of: $0.name) ?? 0) }
    }
}
