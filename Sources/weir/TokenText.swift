import Ledgers

/// What a token is good for, in words.
enum TokenText {
    static func terms(of token: AccessToken) -> String {
        let scopes = token.scopes.names.joined(separator: ", ")
        let routes = token.route.map { "route \($0)" } ?? "every route"
        return "\(scopes) on \(routes), \(token.expires.map { "until \($0)" } ?? "without end")"
    }

    static func state(of token: AccessToken, at now: Timestamp) -> String {
        if let revoked = token.revoked { return "revoked \(revoked)" }
        return token.isLive(at: now) ? "in force" : "expired"
    }
}
