import Primitives

/// Where a model runs: on the reactors, between reading and answering, or on workers of its own.
struct Placement: Equatable, Sendable {
    enum Place: String, Sendable {
        case inline
        case workers
    }

    enum Reason: String, Sendable {
        /// One row alone takes less, or more, than `GatewayLimits.inlineRow`.
        case measured
        /// The route file says so.
        case pinned
        /// The watchdog had to end a run of it on a reactor.
        case moved
        /// There are no workers here, or no rows to measure with: of a model that is put aside none are run.
        case given
    }

    let place: Place
    let reason: Reason
    /// Time of one row alone: the median of some. nil when it was not measured.
    let row: Nanoseconds?

    /// - Parameter isHeld: whether it is put aside: when it comes back nobody knows yet what a row takes, and on workers it keeps only those.
    static func of(row: Nanoseconds?, pin: Place?, hasWorkers: Bool, isHeld: Bool = false) -> Placement {
        guard hasWorkers else { return Placement(place: .inline, reason: .given, row: row) }
        if let pin { return Placement(place: pin, reason: .pinned, row: row) }
        guard let row else { return Placement(place: isHeld ? .workers : .inline, reason: .given, row: nil) }
        return Placement(place: row > GatewayLimits.inlineRow ? .workers : .inline, reason: .measured, row: row)
    }

    /// What a model may use that is not the reactors'.
    struct Offer: Sendable {
        /// nil: there are no workers here, as when routes are only checked.
        var quarters: CrewQuarters?
        /// Where the route file wants it; nil: as measured.
        var pin: Place?
        /// Whether the model is put aside: opened, and not run.
        var isHeld = false

        static let reactorsOnly = Offer()
    }
}
