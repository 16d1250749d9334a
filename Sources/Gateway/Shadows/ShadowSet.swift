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
        /// Its name, the fields of a row, and its classes.
        let shape: PredictionShape
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
    let identity: Identity

    init(route: String, name: String, candidate: Candidate, labels: [String], scoreCount: Int, patience: Nanoseconds) {
        (self.route, self.name, self.candidate, self.labels, self.scoreCount, self.patience) = (route, name, candidate, labels, scoreCount, patience)
        identity = Identity(route: route, name: name, candidate: candidate)
    }

    /// What tells one process from another. Compared by a hash of 64 bits over all that it is made of: it is asked for with every copy.
    struct Identity: Hashable, Sendable {
        let route: String
        let name: String
        let sha256: String
        private let digest: UInt64

        fileprivate init(route: String, name: String, candidate: Candidate) {
            (self.route, self.name, sha256) = (route, name, candidate.sha256)
            let columns = candidate.columns.map { "\($0.isText)\($0.name)" }
            let facts = [route, name, candidate.sha256, "\(candidate.maxRows)"] + columns + [""] + (candidate.labels ?? [])
            digest = XXH64.hash(Array(facts.joined(separator: "\u{1F}").utf8).span.bytes)
        }

        static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }

        func hash(into hasher: inout Hasher) { hasher.combine(digest) }
    }
}
