/// The kinds of change that the audit knows.
package enum AuditAction: String, Sendable {
    case tokenCreated = "token.create"
    case tokenRevoked = "token.revoke"
    case keyCreated = "key.create"
    case revisionCreated = "revision.create"
    case outcomesReplaced = "outcomes.replace"
    case faultCreated = "fault.create"
    case faultEnded = "fault.end"
    case variantHeld = "variant.hold"
    case variantJudged = "variant.judge"
    case variantReleased = "variant.release"
    case unitForgotten = "unit.forget"
}
