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
