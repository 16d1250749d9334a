import Ledgers
import Primitives
import Testing

@testable import Gateway

@Suite("faults in the plan") struct PlanFaultTests {
    private func entry(_ kind: FaultKind = .abort, percent: Double = 50) -> FaultEntry {
        FaultEntry(
            id: 1, route: "trees", variant: "champion", kind: kind, percent: percent, created: Timestamp(milliseconds: 1_000),
            ends: Timestamp(milliseconds: 61_000), author: "ana", reason: "drill", ended: nil)
    }

    @Test("a fault keeps kind, delay and end, and its share becomes a part of 2^32")
    func flat() {
        let delay = PlanFault(entry(.delay(milliseconds: 30)))
        #expect(delay.practice == Practice(kind: .delay, delay: .milliseconds(30)) && delay.ends == 61_000)
        #expect([FaultKind.abort, .nonFinite, .crash].map { PlanFault(entry($0)).practice.kind } == [.abort, .nonFinite, .crash])
        let shares: [(Double, UInt64)] = [(100, 1 << 32), (50, 1 << 31), (25, 1 << 30), (1e-12, 1)]
        for (percent, share) in shares { #expect(PlanFault(entry(percent: percent)).share == share) }
    }

    @Test("the plan has what is going on at the variants concerned, and a crash only where it is allowed", arguments: [false, true])
    func plan(allowsCrashFaults: Bool) throws {
        let folder = try TestFolder()
        let ledger = try folder.ledger()
        let maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 1, allowsCrashFaults: allowsCrashFaults)
        try folder.write(.pair())
        #expect(faults(try maker.reload()) == [[], []])
        func start(_ variant: String, _ kind: FaultKind, seconds: Int64 = 600, at now: Timestamp = .now) throws {
            _ = try ledger.startFault(
                route: "trees", variant: variant, kind: kind, percent: 50, seconds: seconds, author: "ana", reason: "drill", now: now)
        }
        try start("challenger", .delay(milliseconds: 5))
        try start("challenger", .crash)
        try start("challenger", .abort, seconds: 1, at: Timestamp.now.advanced(bySeconds: -60))
        try start("champion", .nonFinite)
        #expect(faults(try maker.refresh()) == [[.nonFinite], allowsCrashFaults ? [.delay, .crash] : [.delay]])
        _ = try ledger.endFaults(route: "trees", variant: "challenger", author: "ana", now: .now)
        #expect(faults(try maker.refresh()) == [[.nonFinite], []])
    }

    @Test("a shadow's crash needs no leave, until the shadow is live")
    func shadow() throws {
        let folder = try TestFolder()
        let ledger = try folder.ledger()
        let maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 1)
        var route = try RouteText.pair()
        route.shadows = [try .init("candidate", model: "forest")]
        try folder.write(route)
        _ = try maker.reload()
        _ = try ledger.startFault(
            route: "trees", variant: "candidate", kind: .crash, percent: 50, seconds: 600, author: "ana", reason: "drill", now: .now)
        let plan = try maker.refresh()
        #expect(plan.parts[0].shadows?.set.shadows.map { $0.faults.map(\.practice.kind) } == [[.crash]] && faults(plan) == [[], []])
        _ = try ledger.promote(route: "trees", shadow: "candidate", weight: 5, author: "ana", reason: "as good", now: .now)
        let live = try maker.refresh()
        #expect(live.parts[0].shadows == nil && faults(live) == [[], [], []])
    }

    /// The kinds of the first route's faults, by variant.
    private func faults(_ plan: Plan) -> [[Practice.Kind]] {
        (0..<plan.routes[0].variantCount).map { index in
            let variant = plan.routes[0].variants[index]
            return UnsafeBufferPointer(start: variant.faults, count: variant.faultCount).map(\.practice.kind)
        }
    }
}
