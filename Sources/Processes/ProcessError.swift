import Glibc

/// A system call about a process that failed, by name, with the kernel's reason.
package struct ProcessError: Error, Equatable, CustomStringConvertible {
    /// The call, with what it was called for: `posix_spawn /usr/bin/true`.
    package let operation: String
    /// The value of `errno`.
    package let code: Int32

    package init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    package var description: String { "\(operation): \(String(cString: strerror(code)))" }
}
