import Breakers
import Contracts
import Metrics
import Primitives
import Routing
import Testing

@testable import Gateway

/// Plans made of values, without files.
enum PlanRig {
    /// One route; all that tests do not care about is the same.
    static func parts(
        _ name: String = "trees", unit: Routing.UnitSource = .none, fields: Int = 4, maxRows: Int = 32, lanes: [(String, LaneSet)],
        cells: CellRegistry = CellRegistry(reactors: 1), contract: RouteContract? = nil
    ) throws -> RouteParts {
        let contract = try contract ?? self.contract(fields: fields, maxRows: maxRows)
        return RouteParts(
            name: name, path: "/v1/" + name, unit: unit, split: try Split(lanes.isEmpty ? [.init(name: "none", weight: 1)] : lanes.map { .init(name: $0.0, weight: 1) }),
            salt: try Salt(name), revision: 7, contract: contract, bodyAtMost: 1_000, deadline: .seconds(1), cells: cells.route(name), reactors: 1,
            variants: lanes.map { VariantParts(name: $0.0, lanes: $0.1, cells: cells.variant(route: name, variant: $0.0), breaker: breaker()) })
    }

    static func breaker() -> VariantBreaker {
        VariantBreaker(policy: BreakerPolicy(), reactors: 1, seed: 1, now: Instant(nanoseconds: 0))
    }

    static func contract(fields: Int = 4, maxRows: Int = 32) throws -> RouteContract {
        try RouteContract(Contract(fields: (0..<fields).map { ContractField(name: "f\($0)", kind: .number) }, maxRows: maxRows))
    }

    static func plan(_ parts: [RouteParts], generation: UInt64 = 1, tokens: [TokenEntry] = []) throws -> Plan {
        let key = Primitives.PredictionKey(id: 1, secret: SipHash.Key(low: 1, high: 2))
        return try Plan(
            generation: generation, parts: parts, tokens: tokens, predictionKey: key, unitKey: SipHash.Key(low: 3, high: 4), hashSeed: 5)
    }
}

@Suite("a plan") struct PlanTests {
    private func find(_ path: String, in plan: Plan) -> String? {
        plan.route(path: Array(path.utf8), count: path.utf8.count)?.pointee.name.string
    }

    @Test("every route is found by its path and by no other, and all may share one model", arguments: [1, 100, 10_000])
    func routes(count: Int) throws {
        let (lanes, contract) = (try Rig.lanes(), try PlanRig.contract())
        let plan = try PlanRig.plan(
            (0..<count).map { try PlanRig.parts("route-\($0)", lanes: [("only", lanes)], cells: CellRegistry(reactors: 1), contract: contract) })
        #expect(plan.routeCount == count && plan.modelCount == 1)
        #expect((0..<count).allSatisfy { find("/v1/route-\($0)", in: plan) == "route-\($0)" })
        #expect((0..<count).allSatisfy { plan.routes[$0].variants[0].lanes == UnsafePointer(lanes.lanes) })
        for other in ["", "/", "/v1", "/v1/", "/v1/route-", "/v1/route-\(count)", "/v1/route-0/", "/v1/Route-0", "v1/route-0", "/v1/route-0?"] {
            #expect(find(other, in: plan) == nil, "\(other)")
        }
    }

    @Test("a plan may have no route and a route no model")
    func empty() throws {
        #expect(find("/v1/trees", in: try PlanRig.plan([])) == nil)
        let plan = try PlanRig.plan([try PlanRig.parts(lanes: [])])
        #expect(find("/v1/trees", in: plan) == "trees" && plan.routes[0].variantCount == 0 && plan.modelCount == 0)
        #expect(plan.routes[0].variant(named: Array("none".utf8), 4) == -1)
    }

    @Test("a path can belong to one route only")
    func doubled() throws {
        let parts = try PlanRig.parts(lanes: [])
        #expect(throws: RoutingError.duplicatePath("/v1/trees")) { try PlanRig.plan([parts, parts]) }
    }

    @Test("a variant is found by its whole name")
    func variants() throws {
        let lanes = try Rig.lanes()
        let plan = try PlanRig.plan([try PlanRig.parts(lanes: ["champion", "challenger", "champ"].map { ($0, lanes) })])
        let names: [(String, Int)] = [
            ("champion", 0), ("challenger", 1), ("champ", 2), ("champio", -1), ("Champion", -1), ("champion ", -1), ("", -1), ("x", -1),
        ]
        for (name, index) in names { #expect(plan.routes[0].variant(named: Array(name.utf8), name.utf8.count) == index, "\(name)") }
        #expect(plan.routes[0].variants[1].hash == NameHash(of: "challenger"))
    }

    @Test("the plan says how many slots its largest body needs and how many models there are")
    func sizes() throws {
        let (one, two) = (try Rig.lanes(), try Rig.lanes())
        let plan = try PlanRig.plan([
            try PlanRig.parts("wide", fields: 100, maxRows: 2, lanes: [("x", one)]),
            try PlanRig.parts("long", fields: 3, maxRows: 90, lanes: [("x", one), ("y", two)]),
            try PlanRig.parts("small", fields: 1, maxRows: 1, lanes: [("x", two)]),
        ])
        #expect(plan.slotsAtMost == 270 && plan.modelCount == 2)
        #expect((0..<3).map { plan.routes[$0].slotsAtMost } == [200, 270, 1])
    }

    @Test("the source of the unit is laid out as the wire spells it", arguments: [
        (UnitSource.none, PlanRoute.UnitKind.none, ""), (.header("X-User-ID"), .header, "x-user-id"), (.cookie("User"), .cookie, "User"),
        (.field("User"), .field, "User"),
    ])
    func units(source: UnitSource, kind: PlanRoute.UnitKind, name: String) throws {
        let plan = try PlanRig.plan([try PlanRig.parts(unit: source, lanes: [])])
        #expect(plan.routes[0].unit == kind && plan.routes[0].unitName.string == name)
    }

    @Test("the ready-made pieces of an answer join to JSON, whatever the classes are called")
    func pieces() throws {
        let labels = ["with \"quotes\"", "back\\slash", "Weißtanne 🌲"]
        let plan = try PlanRig.plan([try PlanRig.parts(lanes: [("only", try Rig.lanes("tensor-int64", labels: labels))])])
        let (route, variant) = (plan.routes[0], plan.routes[0].variants[0])
        #expect(route.revisionText.string == "7" && variant.isClassification && variant.scoreCount == 3)
        for (index, label) in labels.enumerated() {
            let scores = (0..<3).map { variant.classKeys[$0].string + "0.12345678" }.joined()
            let row = variant.openings[index].string + scores + "}"
            #expect(row.utf8.count <= variant.rowBytesAtMost)
            let one = try Rig.json(("{\"id\":\"x" + route.afterID.string + row + "}").utf8)
            #expect(one["route"] as? String == "trees" && one["label"] as? String == label)
            #expect((one["probabilities"] as? [String: Double])?.keys.sorted() == labels.sorted())
            let many = try Rig.json(("{\"ids\":[\"x\"" + route.afterIDs.string + "{\(row)}]}").utf8)
            #expect((many["predictions"] as? [[String: Any]])?.first?["label"] as? String == label)
        }
    }
}

@Suite("who holds a plan") struct PlanSlotTests {
    private final class Witness {
        weak var plan: Plan?
        weak var lanes: LaneSet?
    }

    /// A slot that holds the only reference to its plan.
    private func slot(_ witness: Witness, of box: PlanBox) throws -> UnsafeMutablePointer<PlanSlot> {
        let lanes = try Rig.lanes()
        let plan = try PlanRig.plan([try PlanRig.parts(lanes: [("only", lanes)])])
        (witness.plan, witness.lanes) = (plan, lanes)
        return PlanSlot.make(plan, of: box)
    }

    @Test("a plan and its models go when it is neither current nor used, and not before", arguments: [true, false], [0, 1, 2])
    func freed(isCurrent: Bool, exchanges: Int) throws {
        let box = PlanBox(try PlanRig.plan([]))
        let witness = Witness()
        let slot = try slot(witness, of: box)
        slot.pointee.isCurrent = isCurrent
        slot.pointee.exchanges = exchanges
        PlanSlot.releaseIfDone(slot)
        box.freeRetired()
        #expect((witness.plan == nil) == (!isCurrent && exchanges == 0))
        #expect((witness.lanes == nil) == (witness.plan == nil))
        guard witness.plan != nil else { return }
        slot.pointee.isCurrent = false
        slot.pointee.exchanges = 0
        PlanSlot.releaseIfDone(slot)
        box.freeRetired()
        #expect(witness.plan == nil && witness.lanes == nil)
    }

    @Test("a reactor that lets a plan go last leaves the freeing to control")
    func retired() throws {
        let box = PlanBox(try PlanRig.plan([]))
        let witness = Witness()
        let slot = try slot(witness, of: box)
        slot.pointee.isCurrent = false
        PlanSlot.releaseIfDone(slot)
        #expect(witness.plan != nil && witness.lanes != nil)
        box.freeRetired()
        #expect(witness.plan == nil && witness.lanes == nil)
    }

    @Test("a box holds the newest plan only")
    func box() throws {
        let witness = Witness()
        let box = try { () throws -> PlanBox in
            let plan = try PlanRig.plan([try PlanRig.parts(lanes: [("only", try Rig.lanes())])])
            witness.plan = plan
            return PlanBox(plan)
        }()
        #expect(witness.plan != nil && box.generation == 1 && box.plan.routeCount == 1)
        box.publish(try PlanRig.plan([], generation: 2))
        #expect(witness.plan == nil && box.generation == 2 && box.plan.routeCount == 0)
    }
}
