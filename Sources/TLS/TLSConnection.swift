import COpenSSL

/// What one step of a connection came to: OpenSSL's codes as the four cases a caller can act on.
public enum TLSProgress {
    /// Plain bytes were read or written, or the handshake is complete.
    case bytes(Int)
    /// More ciphertext is needed.
    case wantsInput
    /// The peer said that it sends no more (`close_notify`).
    case closed
    /// The connection is beyond repair; an alert may stand in the pipe's output.
    case failed
}

/// The server's end of one TLS connection: bytes in, bytes out, no sockets.
///
/// Every call reads from and writes to the `CipherPipe` that it was made with; flush the pipe's output after each, also after reading
/// (reading can answer a KeyUpdate). Used by one thread.
public struct TLSConnection: ~Copyable {
    private let ssl: OpaquePointer

    /// nil when memory is short.
    package init?(_ context: TLSContext, pipe: UnsafeMutablePointer<CipherPipe>) {
        guard let ssl = SSL_new(context.pointer) else { return nil }
        guard let bio = BIO_new(context.pipeMethod) else {
            SSL_free(ssl)
            return nil
        }
        BIO_set_data(bio, pipe)
        BIO_set_init(bio, 1)
        SSL_set_bio(ssl, bio, bio)
        SSL_set_accept_state(ssl)
        self.ssl = ssl
    }

    deinit {
        SSL_free(ssl)
    }

    /// Goes on with the handshake; `bytes(0)` when it is complete.
    public borrowing func handshake() -> TLSProgress {
        let code = SSL_do_handshake(ssl)
        return code == 1 ? .bytes(0) : progress(after: code)
    }

    /// Decrypts into `buffer`.
    public borrowing func read(into buffer: UnsafeMutablePointer<UInt8>, capacity: Int) -> TLSProgress {
        let count = SSL_read(ssl, buffer, Int32(clamping: capacity))
        return count > 0 ? .bytes(Int(count)) : progress(after: count)
    }

    /// Encrypts `count` bytes as one record or more. The pipe takes everything, so a short write cannot happen.
    public borrowing func write(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
        if SSL_write(ssl, bytes, Int32(clamping: count)) == Int32(clamping: count) { return true }
        ERR_clear_error()
        return false
    }

    /// Says that we send no more.
    public borrowing func close() {
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// What ALPN chose; HTTP/1.1 when the client did not take part in ALPN.
    public borrowing func applicationProtocol() -> ApplicationProtocol {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return count == 2 ? .http2 : .http1
    }

    private borrowing func progress(after code: Int32) -> TLSProgress {
        switch SSL_get_error(ssl, code) {
        case SSL_ERROR_WANT_READ: return .wantsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default:
            ERR_clear_error()
            return .failed
        }
    }
}
