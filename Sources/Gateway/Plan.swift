import Admission
import Contracts
import Metrics
import Primitives
import Routing

/// The whole configuration as one immutable value: routes, variants, splits, tokens and keys, in flat tables that a reactor reads by pointer.
///
/// Control makes it and publishes it; each reactor retains it once, when it picks it up, and once more for nothing: a request holds a counted
/// slot, and the last reactor to let go frees it. Read-only after init, hence safe to share.
final class Plan: @unchecked Sendable {
    let generation: UInt64
    let routes: UnsafeMutablePointer<PlanRoute>
    let routeCount: Int
    let tokens: TokenTable
    let predictionKey: PredictionKey
    let unitKey: SipHash.Key
    /// What is known of outcomes, for the thread that stores them.
    let outcomes: OutcomeRules
    /// Slots that the largest body of any route decodes into.
    let slotsAtMost: Int
    let modelCount: Int

    private let table: RouteTable
    /// What the flat form was made of, for those who have time.
    let parts: [RouteParts]
    private let arena = ByteArena()

    /// Builds the flat tables. `parts` is one entry a route, in any order.
    init(
        generation: UInt64, parts: [RouteParts], tokens: [TokenEntry], holders: [TokenHolder] = [], tokenWords: [SharedWords] = [],
        predictionKey: PredictionKey, unitKey: SipHash.Key, hashSeed: UInt64, outcomes: OutcomeRules = OutcomeRules(keys: [], routes: [:])
    ) throws(RoutingError) {
        self.generation = generation
        self.parts = parts
        self.tokens = TokenTable(tokens, holders: holders, words: tokenWords)
        self.predictionKey = predictionKey
        self.unitKey = unitKey
        self.outcomes = outcomes
        routeCount = parts.count
        routes = .allocate(capacity: max(1, parts.count))
        slotsAtMost = parts.map { $0.contract.contract.fields.count * $0.contract.contract.maxRows }.max() ?? 0
        modelCount = Set(parts.flatMap { $0.variants.map { ObjectIdentifier($0.lanes) } }).count
        table = try RouteTable(parts.map(\.path), seed: hashSeed)
        for (index, part) in parts.enumerated() {
            (routes + index).initialize(to: PlanRoute(part, arena: arena))
        }
    }

    deinit {
        for index in 0..<routeCount { routes[index].free() }
        routes.deallocate()
    }

    /// The route of a path, without its query; nil when there is none.
    @inline(__always) func route(path: UnsafePointer<UInt8>, count: Int) -> UnsafePointer<PlanRoute>? {
        table.find(UnsafeRawBufferPointer(start: path, count: count).bytes).map { UnsafePointer(routes + $0) }
    }
}
