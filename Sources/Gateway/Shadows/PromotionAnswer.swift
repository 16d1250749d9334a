import Ledgers

/// A promotion's counts in JSON, in the answers of the control plane.
package struct PromotionAnswer: Encodable, Sendable {
    package var shadow: String
    package var sha256: String
    package var compared: UInt64
    package var diverged: UInt64
    /// 0...1; left out when nothing was compared.
    package var divergence: Double?
    /// Percent of the pairs that may diverge, from the route's file.
    package var limit: Double
    /// `never-compared` or `diverges`; left out when nothing stands against it.
    package var obstacle: String?

    enum CodingKeys: String, CodingKey {
        case shadow, sha256, compared, diverged, divergence, obstacle
        case limit = "limit_percent"
    }

    package init(_ promotion: Promotion) {
        shadow = promotion.declaration.name
        sha256 = promotion.declaration.sha256
        compared = promotion.compared
        diverged = promotion.diverged
        divergence = promotion.divergence
        limit = promotion.declaration.limit
        obstacle = promotion.obstacle?.rawValue
    }
}
