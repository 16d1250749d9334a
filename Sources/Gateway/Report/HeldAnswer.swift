package import Ledgers

/// A variant that is kept out of traffic, in JSON. Times are ISO 8601 in UTC.
package struct HeldAnswer: Codable, Equatable, Sendable {
    package var route: String
    package var variant: String
    package var sha256: String
    /// The signal that ended the process, by number.
    package var signal: Int32
    package var since: String
    package var verdict: String
    /// When it was released, and by whom.
    package var released: String?
    package var releasedBy: String?

    enum CodingKeys: String, CodingKey {
        case route, variant, sha256, signal, since, verdict, released
        case releasedBy = "released_by"
    }

    package init(_ held: HeldVariant) {
        route = held.route
        variant = held.variant
        sha256 = held.sha256
        signal = held.signal
        since = held.since.description
        verdict = held.verdict
        released = held.released?.description
        releasedBy = held.releasedBy
    }
}
