import Ledgers
import Metrics
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
    /// Name of each variant that a revision names, by ``NameHash``.
    let variants: [UInt32: String]
    /// Name of the label outcome that scores shadows too; nil where there are none.
    var shadowOutcome: String?
    /// Where arrivals are counted; nil when the route declares no outcome.
    var arrivals: OutcomeArrivals?

    /// Declarations that ids can tell apart.
    static let declarationsAtMost = 8

    /// The newest declaration whose number ends in an id's three bits and that is not younger than the id.
    func declaration(of id: PredictionID) -> OutcomeDeclaration? {
        declarations.last { $0.number & 7 == id.flags.declarationBits && $0.at.milliseconds <= Int64(id.time) + Self.clockTolerance }
    }

    /// What shadows are told of an outcome that was stored; nil for what says nothing about them, or is in no sum.
    func shadowTruth(_ entry: OutcomeEntry, _ result: OutcomeResult) -> ShadowTruth? {
        guard entry.name == shadowOutcome, result == .recorded || result == .replaced, let truth = entry.truth, entry.id.reason != .override,
            !entry.id.flags.contains(.uncounted)
        else { return nil }
        return ShadowTruth(
            route: route, name: entry.name, id: entry.id, assigned: entry.assigned, truth: truth, isReplacement: result == .replaced)
    }

    /// Milliseconds by which our clock may have been set back between a declaration and an id.
    private static let clockTolerance: Int64 = 3_600_000
}

/// Where it is counted that outcomes arrived, as events of the exposures of the revision in force: whether a variant's outcomes arrive more often
/// than another's is a finding of its own.
struct OutcomeArrivals: Sendable {
    let revision: UInt32
    /// By ``NameHash`` of the assigned variant.
    let cells: [UInt32: VariantCells]
    let firsts: FirstEvents?

    /// What a reactor counts for the first outcome of a prediction and name; nil for what is not compared.
    func arrival(_ id: PredictionID) -> OutcomeArrival? {
        guard id.revision == revision, id.reason != .override, !id.flags.contains(.uncounted), let cells = cells[id.assigned.value] else { return nil }
        let isFirst = id.flags.contains(.ownUnit) || firsts.map { $0.isFirst(.outcomeArrived, slot: id.unit >> 8) } ?? false
        return OutcomeArrival(cells: cells, isFirst: isFirst)
    }
}

/// One arrival. It goes back to the reactor that took the body: cells have one writer.
struct OutcomeArrival: Sendable {
    let cells: VariantCells
    let isFirst: Bool
}
