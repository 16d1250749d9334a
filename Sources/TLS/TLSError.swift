import COpenSSL

/// A failure to set TLS up: what was attempted and OpenSSL's own reason.
package struct TLSError: Error, Equatable, CustomStringConvertible {
    package let attempted: String
    package let reason: String

    /// Takes the newest reason from this thread's OpenSSL queue and empties the queue.
    init(_ attempted: String) {
        self.attempted = attempted
        let code = ERR_peek_last_error()
        reason = code == 0 ? "no reason given" : Self.text(of: code)
        ERR_clear_error()
    }

    private static func text(of code: UInt) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let start = text.baseAddress else { return "" }
            ERR_error_string_n(code, start, text.count)
            return String(cString: start)
        }
    }

    package var description: String { "\(attempted): \(reason)" }
}
