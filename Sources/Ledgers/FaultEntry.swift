/// What a fault for practice does to the answers of a variant.
package enum FaultKind: Hashable, Sendable {
    /// The model answers that much later.
    case delay(milliseconds: Int64)
    /// The model fails.
    case abort
    /// The model answers a number that is none.
    case nonFinite
    /// The process ends as if the model had crashed it.
    case crash

    /// The name in the ledger, in commands and in the API.
    package var name: String {
        switch self {
        case .delay: "delay"
        case .abort: "abort"
        case .nonFinite: "non-finite"
        case .crash: "crash"
        }
    }

    /// Every name, in the order in which they are listed.
    package static let names = ["delay", "abort", "non-finite", "crash"]

    /// The kind called `name`; nil when there is none, or when a delay has no time or another kind has one.
    package init?(name: String, milliseconds: Int64?) {
        switch (name, milliseconds) {
        case ("delay", .some(let milliseconds)): self = .delay(milliseconds: milliseconds)
        case ("abort", nil): self = .abort
        case ("non-finite", nil): self = .nonFinite
        case ("crash", nil): self = .crash
        default: return nil
        }
    }

    /// Milliseconds of a delay; nil for other kinds.
    package var milliseconds: Int64? {
        if case .delay(let milliseconds) = self { milliseconds } else { nil }
    }
}

/// A fault for practice: a variant made to fail on purpose, for a share of its units and for a while.
package struct FaultEntry: Hashable, Sendable {
    /// Number of the fault, from 1, never used again.
    package var id: Int64
    package var route: String
    package var variant: String
    package var kind: FaultKind
    /// Percent of the variant's units that meet it, above 0, at most 100.
    package var percent: Double
    package var created: Timestamp
    /// The first moment at which it does nothing any more, an hour after ``created`` at most.
    package var ends: Timestamp
    package var author: String
    package var reason: String
    /// When somebody ended it before its time; nil when nobody did.
    package var ended: Timestamp?

    package init(
        id: Int64, route: String, variant: String, kind: FaultKind, percent: Double, created: Timestamp, ends: Timestamp, author: String,
        reason: String, ended: Timestamp? = nil
    ) {
        self.id = id
        self.route = route
        self.variant = variant
        self.kind = kind
        self.percent = percent
        self.created = created
        self.ends = ends
        self.author = author
        self.reason = reason
        self.ended = ended
    }

    /// Percent of the units, and seconds, where nobody says anything else.
    package static let usualPercent = 100.0
    package static let usualSeconds: Int64 = 600

    /// Whether it does something at `now`.
    package func isActive(at now: Timestamp) -> Bool {
        ended == nil && now < ends
    }
}
