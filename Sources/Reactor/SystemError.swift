import CLinux

/// A system call that failed, by name, with the kernel's reason.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The call, with what it was called for: `bind 0.0.0.0:8443`.
    package let operation: String
    /// The value of `errno`.
    package let code: Int32

    package init(_ operation: String, code: Int32 = weir_errno()) {
        self.operation = operation
        self.code = code
    }

    package var description: String {
        "\(operation): \(String(cString: strerror(code)))"
    }
}
