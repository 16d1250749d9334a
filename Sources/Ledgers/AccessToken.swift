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

    /// Whether the token is good at `now`.
    package func isLive(at now: Timestamp) -> Bool {
        revoked == nil && expires.map { now < $0 } ?? true
    }
}

/// The secret of a token: `weir_` and 32 random bytes in base64url without padding, 48 characters. It exists in one answer only.
package struct TokenSecret: Sendable {
    /// What every secret begins with, so that scanners find one in a repository.
    package static let prefix = "weir_"

    /// The secret as the client sends it.
    package let text: String

    /// A new secret from the system's generator (getrandom(2)).
    package static func random() -> TokenSecret {
        TokenSecret(text: prefix + base64url(randomBytes(Limits.secretBytes)))
    }

    /// What the ledger stores and a server compares: SHA-256 over the text.
    package var hash: [UInt8] { Self.hash(of: text.utf8) }

    /// The hash of a secret as received, 32 bytes. Any bytes have one; only those of a real secret are in the ledger.
    package static func hash(of text: some Sequence<UInt8>) -> [UInt8] {
        SHA256.digest(of: text)
    }
}

/// `count` bytes from the system's generator.
func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}

/// RFC 4648, section 5, without padding.
func base64url(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
        for index in 0...group.count {
            text.append(alphabet[Int(bits >> (18 - 6 * UInt32(index)) & 63)])
        }
    }
    return String(decoding: text, as: UTF8.self)
}
