import Primitives

extension GatewayLimits {
    /// Predicted time of one row above which a model gets threads of its own: waking a thread on another CPU and hearing back costs about
    /// 60 us, and a reactor's other requests wait meanwhile.
    static let inlineRow: Nanoseconds = .microseconds(150)

    /// Threads of one crew, or the number of reactors if that is less: more than CPUs only makes each run longer.
    static let threadsPerCrew = 4

    /// Threads of all crews: each has a slot in the record of crashes. A model that would need more is refused when it is loaded.
    static let crewThreads = 64

    /// Jobs that wait for one crew. Past it, or when those that wait are predicted to take until the deadline: 503 `overloaded`.
    static let jobsWaiting = 1_024

    /// Bytes that a job keeps for rows, texts and answers: twenty rows of a usual contract. A larger job gives the rest back at its end.
    static let jobBytes = 4 * 1_024

    /// Unused jobs that one reactor keeps for one crew, at `jobBytes` each.
    static let jobsKept = 256

    /// How much a crew's threads step back behind the reactors (nice(2)): a request that is being read comes before one that computes.
    static let crewNiceness: Int32 = 5

    /// How often the watchdog looks: a run is ended this much after its deadline at most.
    static let watchdogPeriod: Nanoseconds = .milliseconds(5)

    /// From the order to end a run to the conclusion that it hangs, if the thread computed for `hangCPU` meanwhile.
    static let hangAfter: Nanoseconds = .milliseconds(100)

    /// CPU time within `hangAfter` that tells a model that goes on from a thread that was given no CPU to stop on.
    static let hangCPU: Nanoseconds = .milliseconds(50)

    /// From the order to end a run to the conclusion that it hangs, whether it computed or not: it may wait for something that never comes.
    static let hangAtLatest: Nanoseconds = .seconds(2)
}
