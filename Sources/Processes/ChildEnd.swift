import Glibc

/// How a process ended.
package enum ChildEnd: Sendable, Equatable, CustomStringConvertible {
    /// It left with this code.
    case exited(Int32)
    /// This signal ended it.
    case signalled(Int32)

    /// `exit code 1`, `SIGSEGV`.
    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let number): SignalName.text(number)
        }
    }
}

/// Signals by the names that people know them by.
package enum SignalName {
    /// `SIGSEGV` for 11; `signal 40` for a number without a name.
    package static func text(_ number: Int32) -> String {
        names[number] ?? "signal \(number)"
    }

    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS",
        SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE",
        SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
}
