import CLinux

/// Signals as readable events: blocked in every thread, taken from a signalfd by one.
package struct Signals: ~Copyable {
    /// What an operator asks of the running program.
    package enum Order {
        /// SIGTERM, SIGINT: finish what is in flight and leave.
        case stop
        /// SIGHUP: read the configuration again.
        case reload
        /// SIGUSR2: make room for new code.
        case renew
    }

    /// The signals that are taken this way: blocked everywhere else. A child that takes them too begins with them blocked.
    package static let blocked: [Int32] = [SIGTERM, SIGINT, SIGHUP, SIGUSR2]

    private let descriptor: Descriptor
    /// For a poller.
    package var number: Int32 { descriptor.number }

    /// Blocks the signals for this thread and all that it starts afterwards: call before the first thread is made.
    package init() throws(SystemError) {
        weir_ignore_broken_pipes()
        var set = sigset_t()
        sigemptyset(&set)
        for signal in Self.blocked { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let number = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard number >= 0 else { throw SystemError("signalfd") }
        descriptor = Descriptor(owning: number)
    }

    /// The next waiting order, if any.
    package borrowing func next() -> Order? {
        var info = signalfd_siginfo()
        guard read(descriptor.number, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size else { return nil }
        switch Int32(info.ssi_signo) {
        case SIGHUP: return .reload
        case SIGUSR2: return .renew
        default: return .stop
        }
    }
}
