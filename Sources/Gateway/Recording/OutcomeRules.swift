import Ledgers
import Primitives

/// What a plan says about outcomes: the keys that sign its ids, and each route's declared outcomes. Read by the thread that stores outcomes.
struct OutcomeRules: Sendable {
    /// Keys that may have signed an id: the one in use and older ones.
    let keys: [Primitives.PredictionKey]
    /// By ``NameHash`` of the route.
    let routes: [UInt32: RouteOutcomes]
}

/// One route's outcomes, as declared now and before.
struct RouteOutcomes: Sendable {
    let route: String
    /// The newest declarations, the one in force last; empty when the route never declared an outcome. An id names its own by three bits,
    /// so eight are enough.
    let declarations: [OutcomeDeclaration]
    /// Names that are in force.
    let current: Set<String>
    /// Name and class labels of each variant that a revision names, by ``NameHash``.
    let variants: [UInt32: VariantLabels]

    /// A variant's name and its classes in the order of the label index; none when the variant is not served any more.
    struct VariantLabels: Sendable {
        let name: String
        let labels: [String]
    }

    /// Declarations that ids can tell apart.
    static let declarationsAtMost = 8

    /// The newest declaration whose number ends in these three bits.
    func declaration(lastBits bits: UInt32) -> OutcomeDeclaration? {
        declarations.last { $0.number & 7 == bits }
    }
}
