import Gateway
import Ledgers

/// What there is to say of a shadow that goes live, in words.
enum PromotionText {
    /// `candidate: 6,090 pairs compared, 12 diverged (0.2 %; limit 1 %)`
    static func sentence(of promotion: Promotion) -> String {
        let limit = "limit \(SplitText.number(promotion.declaration.limit)) %"
        let share = promotion.divergence.map { "\(SplitText.percent($0)); \(limit)" } ?? limit
        let counts = "\(Figure.count(promotion.compared)) pairs compared, \(Figure.count(promotion.diverged)) diverged"
        return "\(promotion.declaration.name): \(counts) (\(share))"
    }

    /// Why a shadow does not go live, and what overrules that.
    static func refusal(of promotion: Promotion, _ obstacle: Promotion.Obstacle, route: String) -> String {
        "shadow '\(promotion.declaration.name)' of '\(route)' does not go live: \(promotion.objection(obstacle)); --anyway overrules that"
    }
}
