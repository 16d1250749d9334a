/// A bearer token as the ledger knows it: everything but its secret.
package struct AccessToken: Hashable, Sendable {
    /// Number of the token, from 1, never used again.
    package var id: Int64
    package var name: String
    /// SHA-256 over the text of the secret, 32 bytes.
    package var hash: [UInt8]
    package var scopes: Scopes
    /// The only route it is good for; nil for every route.
    package var route: String?
    package var created: Timestamp
    /// The first moment at which it is no longer good; nil for never.
    package var expires: Timestamp?
    package var revoked: Timestamp?
    /// How fast it may ask for predictions; nil for no limit of its own.
    package var rate: TokenRate?

    /// Whether the token is good at `now`.
    package func isLive(at now: Timestamp) -> Bool {
        revoked == nil && expires.map { now < $0 } ?? true
    }
}
