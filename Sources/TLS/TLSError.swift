import COpenSSL

/// A failure to set TLS up: what was attempted and OpenSSL's own reason.
package struct TLSError: Error, Equatable, CustomStringConvertible {
    package let attempted: String
    package let reason: String

    /// Takes the newest reason from this thread's OpenSSL queue and empties the queue.
    init(_ attempted: String) {
        self.attempted = attempted
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_peek_last_error(), &text, text.count)
        reason = ERR_peek_last_error() == 0 ? "no reason given" : text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        ERR_clear_error()
    }

    package var description: String { "\(attempted): \(reason)" }
}
