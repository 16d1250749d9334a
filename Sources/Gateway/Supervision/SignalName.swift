/// Names of the signals that end a process, for people: `SIGSEGV`.
package enum SignalName {
    /// The name as in signal(7); one that is not among the usual ones is given by number.
    package static func of(_ number: Int32) -> String {
        names.first { $0.number == number }?.name ?? "signal \(number)"
    }

    /// Whether a fault of the process itself raises it, not somebody else's wish.
    static func isCrash(_ number: Int32) -> Bool {
        names.first { $0.number == number }?.isCrash ?? false
    }

    /// signal(7), "Standard signals": the numbers of x86 and ARM.
    private static let names: [(number: Int32, name: String, isCrash: Bool)] = [
        (1, "SIGHUP", false), (2, "SIGINT", false), (3, "SIGQUIT", false), (4, "SIGILL", true), (5, "SIGTRAP", true), (6, "SIGABRT", true),
        (7, "SIGBUS", true), (8, "SIGFPE", true), (9, "SIGKILL", false), (11, "SIGSEGV", true), (15, "SIGTERM", false), (24, "SIGXCPU", false),
        (31, "SIGSYS", true),
    ]
}
