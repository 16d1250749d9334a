import COpenSSL

/// The secret that session tickets are sealed with: whoever has it can resume a session, and read what was said in one that was resumed
/// without a new key exchange (TLS 1.2). It lives in memory only.
///
/// Servers with the same keys resume each other's sessions. The keys stay for as long as the supervisor runs; they are not rotated.
package struct TicketKeys: Equatable, Sendable {
    /// Bytes of a name, an HMAC key and an AES-256 key (SSL_CTX_set_tlsext_ticket_keys).
    package static let byteCount = 80

    package let bytes: [UInt8]

    /// New random keys.
    /// - Throws: `TLSError` when the system has no randomness to give.
    package init() throws(TLSError) {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        guard RAND_bytes(&bytes, Int32(Self.byteCount)) == 1 else { throw TLSError("make ticket keys") }
        self.bytes = bytes
    }

    /// Keys made elsewhere; nil when there are not `byteCount` bytes of them.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }
}
