package import Ledgers

/// A fault for practice in JSON: `weir fault --list --json`, the report and the control plane. Times are ISO 8601 in UTC.
package struct FaultAnswer: Encodable, Sendable {
    /// Number of the fault.
    package var fault: Int64
    package var route: String
    package var variant: String
    /// `delay`, `abort`, `non-finite` or `crash`.
    package var kind: String
    /// Of a delay, in milliseconds.
    package var delayMilliseconds: Int64?
    /// Percent of the variant's units that meet it.
    package var percent: Double
    package var at: String
    package var ends: String
    /// When it was ended before its time.
    package var ended: String?
    package var author: String
    package var reason: String
    /// Whether requests that begin now can meet it; left out where only a server would know.
    package var isInForce: Bool?

    enum CodingKeys: String, CodingKey {
        case fault, route, variant, kind, percent, at, ends, ended, author, reason
        case delayMilliseconds = "delay_ms"
        case isInForce = "in_force"
    }

    package init(_ entry: FaultEntry, isInForce: Bool? = nil) {
        fault = entry.id
        route = entry.route
        variant = entry.variant
        kind = entry.kind.name
        delayMilliseconds = entry.kind.milliseconds
        percent = entry.percent
        at = entry.created.description
        ends = entry.ends.description
        ended = entry.ended?.description
        author = entry.author
        reason = entry.reason
        self.isInForce = isInForce
    }
}
