import Ledgers

/// What a token is good for, in words.
enum TokenText {
    static func terms(of token: AccessToken) -> String {
        let scopes = token.scopes.names.joined(separator: ", ")
        let routes = token.route.map { "route \($0)" } ?? "every route"
        let end = token.expires.map { "until \($0)" } ?? "without end"
        return "\(scopes) on \(routes), \(end)" + (token.rate.map { ", at most \(rate($0))" } ?? "")
    }

    /// `100 requests a second, 200 at once`; `(observed)` where nothing is refused.
    static func rate(_ rate: TokenRate) -> String {
        let requests = rate.perSecond == 1 ? "request" : "requests"
        return "\(SplitText.number(rate.perSecond)) \(requests) a second, \(rate.burst) at once" + (rate.mode == .observe ? " (observed)" : "")
    }

    static func state(of token: AccessToken, at now: Timestamp) -> String {
        if let revoked = token.revoked { return "revoked \(revoked)" }
        return token.isLive(at: now) ? "in force" : "expired"
    }
}
