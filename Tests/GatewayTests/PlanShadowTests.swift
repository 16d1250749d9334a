import Ledgers
import Metrics
import Primitives
import RouteFiles
import Testing

@testable import Gateway

@Suite("shadows in a plan") struct PlanShadowTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let maker: PlanMaker
    private var route: RouteText

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 2), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 2)
        route = try RouteText.pair()
        route.shadows = [try RouteText.Variant("first", model: "network"), try RouteText.Variant("second", model: "forest")]
    }

    private func names(_ plan: Plan) -> [String] { plan.parts[0].variants.map(\.name) }
    private func shadows(_ plan: Plan) -> [String] { plan.parts[0].shadows?.set.shadows.map(\.model.name) ?? [] }

    private func promote(_ shadow: String) throws {
        _ = try ledger.promote(route: "trees", shadow: shadow, weight: 5, author: "ana", reason: "better", now: .now)
    }

    @Test("the file's shadows get copies and no traffic, and are declared in the ledger")
    func declared() throws {
        try folder.write(route)
        let plan = try maker.reload()
        #expect(names(plan) == ["champion", "challenger"] && shadows(plan) == ["first", "second"])
        #expect(try ledger.shadows(route: "trees").map(\.name) == ["first", "second"])
        #expect(plan.routes[0].copies?.count == 2 && plan.routes[0].copies?.most == 1 << 32)
    }

    @Test("a route without shadows makes no copies")
    mutating func none() throws {
        route.shadows = []
        try folder.write(route)
        #expect(try maker.reload().routes[0].copies == nil)
    }

    @Test("a promoted shadow is a variant, and no shadow any more; the file read again changes nothing about it")
    func promoted() throws {
        try folder.write(route)
        _ = try maker.reload()
        try promote("second")
        for plan in [try maker.refresh(), try maker.reload()] {
            #expect(names(plan) == ["champion", "challenger", "second"] && shadows(plan) == ["first"])
            #expect(plan.routes[0].revision == 2 && plan.routes[0].variantCount == 3)
            #expect(plan.parts[0].shadows?.set.variants.map(\.shape.variant) == ["champion", "challenger", "second"])
        }
        #expect(try ledger.newestRevision(route: "trees").author == "ana")
    }

    @Test("a file that gives other weights takes a promoted shadow back into the dark")
    mutating func takenBack() throws {
        try folder.write(route)
        _ = try maker.reload()
        try promote("first")
        _ = try maker.refresh()
        route.variants[0].weight = 80
        try folder.write(route)
        let plan = try maker.reload()
        #expect(names(plan) == ["champion", "challenger"] && shadows(plan) == ["first", "second"])
        #expect(plan.routes[0].revision == 3)
    }

    @Test("a file that drops a promoted shadow leaves its own weights in force")
    mutating func dropped() throws {
        try folder.write(route)
        _ = try maker.reload()
        try promote("first")
        _ = try maker.refresh()
        route.shadows.removeFirst()
        try folder.write(route)
        let plan = try maker.reload()
        #expect(names(plan) == ["champion", "challenger"] && shadows(plan) == ["second"])
        #expect(try ledger.newestRevision(route: "trees").weights == [NamedWeight("champion", 90), NamedWeight("challenger", 10)])
    }

    @Test("a promoted shadow whose file is gone stays in the dark, and all else is followed: tokens, other routes, the file when it is back")
    func unreadable() throws {
        try folder.write(route)
        _ = try maker.reload()
        _ = try ledger.createToken(name: "phone", scopes: .predict, route: nil, expires: nil, author: "ana", now: .now)
        try promote("first")
        try folder.write([1, 2, 3], to: "first.onnx", of: "trees")
        let plan = try maker.refresh()
        #expect(names(plan) == ["champion", "challenger"] && shadows(plan) == ["first", "second"] && plan.routes[0].revision == 1)
        #expect(maker.troubles.count == 1 && plan.tokens.holder(0)?.name == "phone")
        #expect(try !ledger.hasChanged())

        _ = try ledger.revokeToken("phone", author: "ana", now: .now)
        #expect(try maker.refresh().tokens.holder(0) == nil && maker.troubles.count == 1)

        try folder.write(route)
        let whole = try maker.refresh()
        #expect(names(whole) == ["champion", "challenger", "first"] && whole.routes[0].revision == 2 && maker.troubles.isEmpty)
    }

    @Test("a promotion that cannot be in force keeps none of another route")
    mutating func unreadableElsewhere() throws {
        try folder.write(route)
        var other = route
        other.name = "oaks"
        other.shadows = [try RouteText.Variant("good", model: "forest")]
        try folder.write(other)
        _ = try maker.reload()
        try promote("first")
        try folder.write([1, 2, 3], to: "first.onnx", of: "trees")
        _ = try maker.refresh()
        _ = try ledger.promote(route: "oaks", shadow: "good", weight: 5, author: "ana", reason: "better", now: .now)
        let plan = try maker.refresh()
        let found = Dictionary(uniqueKeysWithValues: plan.parts.map { ($0.name, $0.variants.map(\.name)) })
        #expect(found == ["oaks": ["champion", "challenger", "good"], "trees": ["champion", "challenger"]])
        #expect(maker.troubles.count == 1 && maker.troubles[0].contains("trees"))
    }

    @Test("what a shadow follows is a matter of assignment: for whom a copy is, by share and variant")
    func masks() throws {
        try folder.write(route)
        let plan = try maker.reload()
        let set = try #require(plan.parts[0].shadows?.set)
        func shadow(_ place: Int, share: UInt64, follows: UInt32) -> ShadowSet.Shadow {
            let old = set.shadows[place]
            return ShadowSet.Shadow(
                model: old.model, share: share, follows: follows, cells: old.cells, classes: old.classes, policy: old.policy,
                tolerance: old.tolerance, faults: [])
        }
        let copies = PlanCopies(
            ShadowSet(
                number: 9, route: "trees", variants: set.variants,
                shadows: [shadow(0, share: 100, follows: 0b01), shadow(1, share: 200, follows: 0b11)], truth: nil), reactors: 2)
        defer { copies.free() }
        #expect(copies.most == 200)
        #expect(copies.sample(draw: 99, variant: 0, reactor: 0) == 0b11)
        #expect(copies.sample(draw: 100, variant: 0, reactor: 1) == 0b10)
        #expect(copies.sample(draw: 99, variant: 1, reactor: 1) == 0b10)
        #expect(copies.sample(draw: 200, variant: 1, reactor: 1) == 0)
        copies.drop(.queueFull, mask: 0b10, variant: 1, reactor: 1)
        let totals = maker.cells.snapshot().shadows
        #expect(totals.map(\.sampled) == [1, 3])
        #expect(totals.map { $0.dropped[Int(ShadowDrop.queueFull.rawValue)] } == [0, 1])
    }

    @Test("the process's patience is twenty deadlines, within bounds")
    func patience() {
        #expect(ShadowLimits.patience(deadline: .milliseconds(50)) == .seconds(1))
        #expect(ShadowLimits.patience(deadline: .milliseconds(200)) == .seconds(4))
        #expect(ShadowLimits.patience(deadline: .seconds(600)) == .seconds(60))
    }
}
