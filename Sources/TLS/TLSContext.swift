import COpenSSL

/// The server's certificate, key and rules: TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, one session ticket,
/// ALPN `h2` before `http/1.1`, no renegotiation, no early data, no compression.
///
/// Shared by all reactors: OpenSSL locks inside during handshakes only.
package final class TLSContext: @unchecked Sendable {
    // Written in init only; SSL_new and the handshake take OpenSSL's own locks.
    let pointer: OpaquePointer
    // The BIO method of its connections; constant once made.
    let pipeMethod: OpaquePointer

    /// AEAD with ephemeral keys, the cipher list for TLS 1.2. TLS 1.3 has no others.
    static let ciphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20"
    /// Key exchange groups, fastest first.
    static let groups = "X25519:P-256:P-384"

    /// Reads a PEM certificate chain and its private key.
    ///
    /// - Parameter tickets: what session tickets are sealed with; nil: keys of this context's own.
    /// - Throws: `TLSError` naming the file.
    package init(certificate: String, key: String, tickets: TicketKeys? = nil) throws(TLSError) {
        guard let pointer = SSL_CTX_new(TLS_server_method()), let method = CipherPipe.makeMethod() else { throw TLSError("SSL_CTX_new") }
        self.pointer = pointer
        pipeMethod = method
        weir_ssl_ctx_rules(pointer)
        SSL_CTX_set_num_tickets(pointer, 1)
        SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, nil)
        let version = weir_ssl_ctx_min_version(pointer, TLS1_2_VERSION)
        let ciphers = SSL_CTX_set_cipher_list(pointer, Self.ciphers12)
        let groups = weir_ssl_ctx_groups(pointer, Self.groups)
        guard version == 1, ciphers == 1, groups == 1 else { throw TLSError("set TLS rules") }
        if let tickets, weir_ssl_ctx_ticket_keys(pointer, tickets.bytes) != 1 { throw TLSError("set ticket keys") }
        guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else { throw TLSError("read certificate \(certificate)") }
        guard SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1 else { throw TLSError("read private key \(key)") }
        guard SSL_CTX_check_private_key(pointer) == 1 else { throw TLSError("match \(key) with \(certificate)") }
    }

    deinit {
        SSL_CTX_free(pointer)
        BIO_meth_free(pipeMethod)
    }
}

/// What the two ends agreed to speak (RFC 7301).
public enum ApplicationProtocol: Sendable {
    case http1
    case http2
}

/// Chooses `h2` before `http/1.1`; a client that offers neither is refused with `no_application_protocol` (RFC 7301 section 3.2).
private func selectProtocol(
    _ connection: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ chosenCount: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredCount: UInt32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let chosen, let chosenCount, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    for wanted: StaticString in ["h2", "http/1.1"] {
        var at = 0
        while at < Int(offeredCount) {
            let count = Int(offered[at])
            guard at + 1 + count <= Int(offeredCount) else { break }
            if count == wanted.utf8CodeUnitCount, memcmp(offered + at + 1, wanted.utf8Start, count) == 0 {
                chosen.pointee = offered + at + 1
                chosenCount.pointee = UInt8(count)
                return SSL_TLSEXT_ERR_OK
            }
            at += 1 + count
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
