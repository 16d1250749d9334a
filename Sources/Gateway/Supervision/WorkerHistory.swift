import Glibc

/// Why the supervisor started another worker.
package enum RestartReason: String, CaseIterable, Sendable {
    /// The worker crashed, or hung and was ended for it: a signal with a thread that is to blame.
    case crash
    /// Somebody else ended it: SIGKILL, by a person or for want of memory.
    case killed
    /// It left by itself without being asked to.
    case exit
    /// New code was put in its place; nothing had failed.
    case upgrade
}

/// How a worker ended that was not asked to.
package struct WorkerDeath: Equatable, Sendable {
    /// The signal that ended it; nil: it left by itself.
    package var signal: Int32?
    /// The code it left with; 0 when a signal ended it.
    package var code: Int32
    /// Our clock, in milliseconds since 1970.
    package var at: UInt64

    package init(signal: Int32?, code: Int32, at: UInt64) {
        self.signal = signal
        self.code = code
        self.at = at
    }

    /// As what it counts.
    package var reason: RestartReason {
        guard let signal else { return .exit }
        return Self.crashes.contains(signal) ? .crash : .killed
    }

    /// Signals that a fault of the process itself raises: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS.
    private static let crashes: Set<Int32> = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]
}

/// What became of the workers before this one. Kept by the supervisor, told to each worker at its start.
package struct WorkerHistory: Equatable, Sendable {
    /// Workers started in place of another, by reason. None is counted for the first.
    package private(set) var restarts: [RestartReason: UInt64] = [:]
    /// How the worker before this one ended; nil for the first, and for one that took over from a living one.
    package private(set) var death: WorkerDeath?

    package init() {}

    init(restarts: [RestartReason: UInt64], death: WorkerDeath?) {
        self.restarts = restarts
        self.death = death
    }

    /// Notes that the next worker takes the place of one that died.
    mutating func note(_ death: WorkerDeath) {
        restarts[death.reason, default: 0] += 1
        self.death = death
    }

    /// Notes that the next worker takes over from a living one.
    mutating func noteUpgrade() {
        restarts[.upgrade, default: 0] += 1
        death = nil
    }
}

/// A variant that a worker died in, and what was found out since.
package struct CrashFact: Equatable, Sendable {
    package var route: String
    package var variant: String
    /// The model file that crashed, in lower-case hexadecimal: another file under the same name is not to blame.
    package var sha256: String
    package var signal: Int32
    /// When the worker died: our clock, in milliseconds since 1970.
    package var at: UInt64
    package var verdict: Verdict

    /// What a rerun in quarantine found.
    package enum Verdict: Equatable, Sendable {
        /// It runs, or waits for its turn.
        case pending
        /// The model answered every row there: its breaker may probe it.
        case passed
        /// It stays out until a person releases it.
        case failed(String)
    }
}
