import Breakers
import Ledgers
import Logging
import Primitives
import Testing

@testable import Gateway

@Suite("the breakers of all variants") struct BreakerBoardTests {
    private let board = BreakerBoard(reactors: 2)
    private let collector = LogCollector()
    private let now = Instant(nanoseconds: .seconds(5))

    private func key(_ variant: String, route: String = "trees", sha256: String = "aa") -> BreakerBoard.Key {
        BreakerBoard.Key(route: route, variant: variant, sha256: sha256)
    }

    private func breaker(_ key: BreakerBoard.Key, mode: BreakerPolicy.Mode = .enforce, isHeld: Bool = false) -> VariantBreaker {
        board.breaker(key, policy: BreakerPolicy(mode: mode), isHeld: isHeld, seed: 1, now: now)
    }

    private func trip(_ breaker: VariantBreaker) {
        for identity in 0..<5 as Range<UInt64> { breaker.gate.report(reactor: 0, .failed, rows: 1, identity: identity, now: now) }
    }

    @Test("a breaker stays the same over plans, and each route, variant and model file has its own")
    func kept() {
        let first = breaker(key("champion"))
        let others = [key("challenger"), key("champion", route: "books"), key("champion", sha256: "bb")].map { breaker($0) }
        #expect(others.allSatisfy { $0 !== first })
        for _ in 0..<5 {
            board.beginPlan()
            #expect(breaker(key("champion")) === first)
        }
    }

    @Test("one that no plan uses is kept for one plan more, and as long as somebody uses it")
    func letGo() {
        weak let unused = breaker(key("unused"))
        let used = breaker(key("used"))
        board.beginPlan()
        #expect(unused != nil)
        board.beginPlan()
        #expect(unused == nil)
        for _ in 0..<3 { board.beginPlan() }
        #expect(breaker(key("used")) === used)
    }

    @Test("a new plan's policy takes effect at once")
    func policy() {
        let open = breaker(key("champion"))
        trip(open)
        #expect(!open.gate.isClear)
        _ = breaker(key("champion"))
        #expect(!open.gate.isClear)
        _ = breaker(key("champion"), mode: .observe)
        #expect(open.gate.isClear)
    }

    @Test("what is held is held until a plan says otherwise")
    func held() {
        let breaker = breaker(key("champion"), isHeld: true)
        #expect(breaker.gate.isHeld)
        _ = self.breaker(key("champion"), isHeld: true)
        #expect(breaker.gate.isHeld && breaker.transitionCount == 1)
        _ = self.breaker(key("champion"))
        #expect(!breaker.gate.isHeld && breaker.reading(now: now).state == .open)
    }

    @Test("each transition is told once, with what it is about")
    func told() {
        let logger = Logger(label: "test") { _ in collector }
        let champion = breaker(key("champion"))
        board.tell(logger)
        #expect(collector.messages.isEmpty)
        trip(champion)
        let challenger = breaker(key("challenger"), isHeld: true)
        for _ in 0..<3 { board.tell(logger) }
        #expect(Set(collector.facts) == [
            ["event.action": "breaker", "route": "trees", "variant": "champion", "from": "closed", "to": "open", "reason": "in_a_row"],
            ["event.action": "breaker", "route": "trees", "variant": "challenger", "from": "closed", "to": "held", "reason": "held"],
        ])
        #expect(Set(collector.messages) == ["a variant is taken out of traffic", "a variant is put aside"])
        for _ in 0..<3 { board.beginPlan() }
        _ = breaker(key("champion"))
        board.tell(logger)
        #expect(collector.messages.count == 2 && challenger.gate.isHeld)
    }
}

@Suite("the breakers of a plan") struct PlanBreakerTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let maker: PlanMaker

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 1)
    }

    private func breakers(_ plan: Plan) -> [VariantBreaker] { plan.parts[0].variants.map(\.breaker) }

    @Test("each variant has a gate to its own breaker, and a change of weights touches neither")
    func gates() throws {
        try folder.write(RouteText.pair())
        let before = try maker.reload()
        breakers(before)[1].hold(now: Instant(nanoseconds: .max / 2))
        #expect(before.routes[0].variants[0].gate.isClear && before.routes[0].variants[1].gate.isHeld)
        let weights = [NamedWeight("champion", 50), NamedWeight("challenger", 50)]
        _ = try ledger.newRevision(
            route: "trees", weights: weights, author: "test", reason: "even", now: .now)
        #expect(zip(breakers(before), breakers(try maker.refresh())).allSatisfy { $0 === $1 })
    }

    @Test("what the ledger holds is held, its model only, until it is released there")
    func held() throws {
        let route = try RouteText.pair()
        try folder.write(route)
        _ = try ledger.hold(
            route: "trees", variant: "challenger", sha256: route.variants[1].sha256, signal: 11, verdict: "crashed in a live model", now: .now)
        _ = try ledger.hold(
            route: "trees", variant: "champion", sha256: String(repeating: "0", count: 64), signal: 11, verdict: "crashed in a live model", now: .now)
        let plan = try maker.reload()
        #expect(plan.routes[0].variants[0].gate.isClear && plan.routes[0].variants[1].gate.isHeld)
        _ = try ledger.release(route: "trees", variant: "challenger", author: "test", reason: "looked at", now: .now)
        _ = try maker.refresh()
        #expect(!plan.routes[0].variants[1].gate.isHeld)
    }

    @Test("the policy is that of the route file")
    func policy() throws {
        var route = try RouteText.pair()
        route.more = ["breaker: { failures: 2, open: 7s }"]
        try folder.write(route)
        let breaker = breakers(try maker.reload())[0]
        let now = breaker.reading(now: Instant(nanoseconds: 0)).since.advanced(by: .milliseconds(1))
        for identity in 0..<2 as Range<UInt64> { breaker.gate.report(reactor: 0, .failed, rows: 1, identity: identity, now: now) }
        let open = try #require(breaker.reading(now: now).nextProbe).since(now)
        #expect((.milliseconds(6_300)...(.milliseconds(7_700))).contains(open))
    }
}
