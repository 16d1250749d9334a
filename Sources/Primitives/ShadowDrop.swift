/// Why a shadow's copy of a prediction was not compared. Raw values are part of the counters' layout; at most 16.
@frozen public enum ShadowDrop: UInt8, Sendable, CaseIterable {
    /// No room: in the reactor's ring, or among those that wait for the shadow.
    case queueFull = 0
    /// It waited too long for the shadow.
    case expired = 1
    /// The reactor had more to answer than it could, and made no copies.
    case shed = 2
    /// The shadow's model gave an error, could not take the row, or took too long.
    case shadowFailed = 3
    /// The shadow's process ended while it had the row.
    case shadowCrash = 4
    /// The shadow's breaker was open.
    case shadowBreaker = 5
    /// The assigned variant did not answer itself: there is nothing to compare with. The shadow ran all the same.
    case primaryFailed = 6
    /// The server ended, or the shadow was taken out of its route, before the shadow had run.
    case shutdown = 7
    /// The process that compares died: what it had in its queues is lost.
    case workerCrash = 8

    /// The name in reports, metrics and logs.
    public var label: String {
        switch self {
        case .queueFull: "queue-full"
        case .expired: "expired"
        case .shed: "shed"
        case .shadowFailed: "shadow-failed"
        case .shadowCrash: "shadow-crash"
        case .shadowBreaker: "shadow-breaker"
        case .primaryFailed: "primary-failed"
        case .shutdown: "shutdown"
        case .workerCrash: "worker-crash"
        }
    }
}
