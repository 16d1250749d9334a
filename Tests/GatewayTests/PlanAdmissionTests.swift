import Admission
import Ledgers
import Primitives
import Testing

@testable import Gateway

@Suite("limits from one plan to the next") struct PlanAdmissionTests {
    private let folder: TestFolder
    private let ledger: Ledger
    private let maker: PlanMaker
    private let now = Instant(nanoseconds: 9_000_000_000)

    init() throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 1)
    }

    private func write(_ more: String...) throws {
        var route = try RouteText.pair()
        route.more = more
        try folder.write(route)
    }

    private func rate(_ secret: TokenSecret, in plan: Plan) -> RateGate? {
        let index = plan.tokens.index(ofSecret: Array(secret.text.utf8), count: secret.text.utf8.count)
        return index < 0 ? nil : plan.tokens.entries[Int(index)].rate
    }

    private func token(_ name: String, _ rate: TokenRate?) throws -> TokenSecret {
        try ledger.createToken(name: name, scopes: .predict, route: nil, expires: nil, rate: rate, author: "ana", now: .now).secret
    }

    @Test("a token's rate goes on where it was, whatever else a new plan changes; others' are their own")
    func tokens() throws {
        try write()
        let (slow, other, free) = (
            try token("slow", TokenRate(perSecond: 0.01, burst: 2)), try token("other", TokenRate(perSecond: 0.01, burst: 1, mode: .observe)),
            try token("free", nil)
        )
        let before = try maker.reload()
        #expect(rate(free, in: before) == nil)
        let gate = try #require(rate(slow, in: before))
        #expect(gate.isEnforced && gate.admit(now: now) == nil && gate.admit(now: now) == nil)
        let observed = try #require(rate(other, in: before))
        #expect(!observed.isEnforced && observed.admit(now: now) == nil)

        _ = try token("new", TokenRate(perSecond: 1))
        let after = try maker.refresh()
        #expect(try #require(rate(slow, in: after)).admit(now: now) == .seconds(100))
        #expect(try #require(rate(other, in: after)).admit(now: now) == .seconds(100))
        withExtendedLifetime((before, after)) {}
    }

    @Test("a route's places stay taken over plans, under another limit too, and are gone with the last plan that counts them")
    func concurrency() throws {
        try write("concurrency: 2")
        var plan = try maker.reload()
        let before = try #require(plan.routes[0].concurrency)
        #expect(before.isEnforced && before.take() == .taken && before.take() == .taken && before.take() == .refused)

        try write("concurrency: { limit: 3, mode: observe }")
        plan = try maker.reload()
        let after = try #require(plan.routes[0].concurrency)
        #expect(!after.isEnforced && after.taken == 2 && after.take() == .taken && after.take() == .takenBeyond)

        try write()
        plan = try maker.reload()
        #expect(plan.routes[0].concurrency == nil)
        try write("concurrency: 2")
        plan = try maker.reload()
        #expect(plan.routes[0].concurrency?.taken == 0)
    }

    @Test("a route has a retry budget of its percentage when its file says so, and it goes on over plans")
    func retries() throws {
        try write("retry: { budget: 50 }")
        let before = try maker.reload()
        let budget = try #require(before.routes[0].retry)
        budget.requested(20, now: now)
        let given = (0..<20).count { _ in budget.withdraw(now: now) }
        #expect(given == 10)
        let after = try maker.refresh()
        let isLeft = after.routes[0].retry?.withdraw(now: now)
        #expect(isLeft == false)
        try write()
        #expect(try maker.reload().routes[0].retry == nil)
        withExtendedLifetime((before, after)) {}
    }
}
