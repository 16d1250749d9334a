/// The kinds of change that the audit knows.
package enum AuditAction: String, Sendable {
    case tokenCreated = "token.create"
    case tokenRevoked = "token.revoke"
    case keyCreated = "key.create"
    case revisionCreated = "revision.create"
    case outcomesReplaced = "outcomes.replace"
    case unitForgotten = "unit.forget"
}
