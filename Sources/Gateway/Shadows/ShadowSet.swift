import Breakers
import Inference
import Metrics
import Primitives

/// The shadows of one route in one plan: what a copy's number leads to. Immutable.
final class ShadowSet: Sendable {
    /// Unique among all plans of this process.
    let number: UInt32
    let route: String
    /// The live variants, in the order of their numbers.
    let variants: [Variant]
    let shadows: [Shadow]
    /// Name of the label outcome that scores shadows too, and how long one may come; nil when the route declares none.
    let truth: (name: String, window: Nanoseconds)?

    /// A variant that a copy may be of.
    struct Variant: Sendable {
        let name: String
        /// Names of its classes; empty for a value.
        let labels: [String]
    }

    /// One shadow of it.
    struct Shadow: Sendable {
        let model: ShadowModel
        /// Of 2^32 predictions, how many it gets.
        let share: UInt64
        /// A bit for each variant whose predictions it gets, by number.
        let follows: UInt32
        /// Counters beside each variant, by number.
        let cells: [ShadowCells]
        /// For each variant and each of its classes, in its order, the shadow's number of that class; empty for values.
        let classes: [[Int]]
        let policy: BreakerPolicy
        /// Relative difference of two values beyond which they diverge.
        let tolerance: Double
        let faults: [PlanFault]
    }

    init(number: UInt32, route: String, variants: [Variant], shadows: [Shadow], truth: (name: String, window: Nanoseconds)?) {
        self.number = number
        self.route = route
        self.variants = variants
        self.shadows = shadows
        self.truth = truth
    }
}

/// A plan's hold on its shadows. When it ends, every reactor has let the plan go: what copies there are for the set are in the rings.
final class ShadowLease: Sendable {
    let set: ShadowSet

    init(_ set: ShadowSet) {
        self.set = set
    }
}

/// A shadow's model, and how it is run: what its process needs. The same over plans for as long as file and contract are.
struct ShadowModel: Sendable {
    let route: String
    let name: String
    let candidate: Candidate
    /// Names of the classes in the model's order; empty for a value.
    let labels: [String]
    /// Scores a row.
    let scoreCount: Int
    /// How long a call may take.
    let patience: Nanoseconds

    /// What tells one process from another.
    struct Identity: Hashable, Sendable {
        let route: String
        let name: String
        let sha256: String
        let columns: [String]
        let labels: [String]?
    }

    var identity: Identity {
        Identity(
            route: route, name: name, sha256: candidate.sha256, columns: candidate.columns.map { "\($0.isText)\($0.name)" }, labels: candidate.labels)
    }
}
