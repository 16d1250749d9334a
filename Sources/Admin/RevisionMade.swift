import Gateway
import Ledgers

/// The body of a revision that was made, or was in force already.
struct RevisionMade: Encodable {
    let revision: RevisionAnswer
    let route: String
    /// Whether a request that begins now is answered by it.
    let isInForce: Bool
    /// What the shadow had found that it makes live; left out where it makes none.
    let comparison: PromotionAnswer?

    enum CodingKeys: String, CodingKey {
        case route, comparison
        case isInForce = "in_force"
    }

    init(_ entry: RevisionEntry, isInForce: Bool, _ comparison: PromotionAnswer? = nil) {
        revision = RevisionAnswer(entry)
        route = entry.route
        self.isInForce = isInForce
        self.comparison = comparison
    }

    func encode(to encoder: any Encoder) throws {
        try revision.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(route, forKey: .route)
        try container.encode(isInForce, forKey: .isInForce)
        try container.encodeIfPresent(comparison, forKey: .comparison)
    }
}
