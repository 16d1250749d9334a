/// What the running server says of a route: where the breakers of its variants stand, where their models run, and how its shadows are. Part of
/// a report, and what the server leaves in the state folder for commands.
///
/// All of it begins anew with the process. Times are ISO 8601 in UTC.
package struct RouteServing: Codable, Sendable {
    package var route: String
    /// When it was read.
    package var asOf: String
    /// The first variant's classes in its order, those past ``GatewayLimits/servingLabels`` left out; nil where the models answer a value.
    package var labels: [String]?
    /// In the order of the route file.
    package var variants: [VariantServing]
    /// By name; left out where none gets copies.
    package var shadows: [ShadowServing]?

    enum CodingKeys: String, CodingKey {
        case route, labels, variants, shadows
        case asOf = "as_of"
    }

    /// A variant's classes in its order; the route's where it is not served.
    func labels(of variant: String) -> [String]? { variants.first { $0.name == variant }?.labels ?? labels }
}

/// One variant of it.
package struct VariantServing: Codable, Equatable, Sendable {
    package var name: String
    package var breaker: BreakerAnswer
    package var model: ModelStanding
    /// Its classes, where it has those of the first variant in another order.
    package var labels: [String]?
}

/// Where a variant's model runs.
package struct ModelStanding: Codable, Equatable, Sendable {
    /// `inline` on the reactors, or on `workers` of its own.
    package var runs: String
    /// `measured` before it served, `pinned` by the route file, `moved` since a call on a reactor had to be ended; `given` where nothing could be
    /// measured.
    package var reason: String
    /// Microseconds of one row alone, measured before it served.
    package var rowMicroseconds: Double?
    /// Threads of its own; 0 inline.
    package var workers: Int
    /// Rows that wait for them.
    package var waitingRows: Int
    /// Calls that had to be ended at their deadline.
    package var endedCalls: UInt64

    enum CodingKeys: String, CodingKey {
        case runs, workers
        case reason = "runs_because"
        case rowMicroseconds = "row_us"
        case waitingRows = "waiting_rows"
        case endedCalls = "ended_calls"
    }
}
