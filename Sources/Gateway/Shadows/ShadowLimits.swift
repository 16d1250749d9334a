import Primitives

/// The bounds of shadowing: each with its unit, its reason and what happens past it.
enum ShadowLimits {
    /// Rows of one call of a shadow: as many as a live model gets at once.
    static let rowsPerCall = GatewayLimits.rowsPerCall
    /// Bytes of texts in one call; a row that has more alone is `shadow-failed`.
    static let textBytes = 256 * 1_024
    /// Copies that wait for one shadow, and their bytes; past either they are dropped as `queue-full`.
    static let queuedRows = 4_096
    static let queuedBytes = 4 * 1_024 * 1_024
    /// How long a copy may wait; then it is dropped as `expired`. A comparison is no worse for being late, but what waits for longer than this
    /// will never be caught up with.
    static let wait: Nanoseconds = .seconds(10)
    /// Bytes of pairs that one shadow keeps for outcomes; the oldest go first.
    static let pairBytes = 16 * 1_024 * 1_024
    /// How long pairs are kept at most, whatever the outcome's window.
    static let pairTime: Nanoseconds = .seconds(3_600)
    /// How long pairs outlive that: an outcome that came in time may still be on its way through the ledger.
    static let pairGrace: Nanoseconds = .seconds(5)
    /// Outcomes that wait for a pair which is still under way, and how long; past either they count as without a pair.
    static let waitingTruths = 4_096
    static let truthWait: Nanoseconds = .seconds(15)
    /// Plans, and groups of outcomes, on their way to the thread that compares.
    static let queuedOrders = 256
    static let queuedGroups = 1_024
    /// Outcomes that wait for the thread that compares; past it they score no shadow, and are counted.
    static let queuedTruths = 65_536
    /// Examples of diverging rows that are stored for each shadow's model, and bytes of one; a longer row is none.
    static let examples = 32
    static let exampleBytes = 64 * 1_024
    /// Examples that wait to be stored, of all shadows.
    static let waitingExamples = 256
    /// Time of a call that is not waiting for a CPU: twenty deadlines of the route, within these; then the process is ended.
    static let call: ClosedRange<Nanoseconds> = .seconds(1)...(.seconds(60))
    static let deadlinesPerCall: UInt64 = 20
    /// How long a model may take to be opened, CPU waits excluded; then the process is ended.
    static let start: Nanoseconds = .seconds(60)
    /// Pause between two looks at the reactors' rings: the shorter while copies come, growing to the longer when none do.
    static let pause: ClosedRange<Nanoseconds> = .milliseconds(2)...(.milliseconds(20))
    /// Pause between two looks at how long a process has waited for a CPU, and at where shadows stand.
    static let lookPause: Nanoseconds = .milliseconds(100)
    /// How long the end of the server waits for what shadows still have; the rest is dropped as `shutdown`.
    static let drain: Nanoseconds = .milliseconds(500)
    /// Shadows of all routes of a server: each is a process of some 25 MB. The plan with more is refused.
    static let processes = 32

    /// How long a call of a route's shadow may take.
    static func patience(deadline: Nanoseconds) -> Nanoseconds {
        min(max(deadline.multipliedReportingOverflow(by: deadlinesPerCall).partialValue, call.lowerBound), call.upperBound)
    }
}
