import Ledgers
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("faults for practice on a shadow") struct ShadowFaultTests {
    private func rig(_ kind: FaultKind, percent: Double = 100) throws -> ShadowRig {
        let rig = try ShadowRig()
        _ = try rig.ledger.startFault(
            route: "trees", variant: "new", kind: kind, percent: percent, seconds: 60, author: "ana", reason: "drill", now: .now)
        rig.follow(try rig.maker.refresh())
        return rig
    }

    @Test("aborted ones are not sent at all")
    func abort() throws {
        let rig = try rig(.abort)
        rig.open()
        try rig.copy(2)
        rig.turn()
        #expect(try rig.host.orders.isEmpty && rig.dropped(.shadowFailed) == 2 && rig.record.underWay == 0)
    }

    @Test("a delay is the process's to sleep")
    func delay() throws {
        let rig = try rig(.delay(milliseconds: 250))
        rig.open()
        try rig.copy(2)
        rig.turn()
        #expect(try rig.host.orders.map(\.delay) == [250_000_000])
    }

    @Test("answers are taken for ones that are not finite")
    func nonFinite() throws {
        let rig = try rig(.nonFinite)
        rig.open()
        try rig.copy(2)
        rig.turn()
        try rig.answer(0, [1, 0, 0])
        #expect(try rig.record.nonFinite == 2)
    }

    @Test("half of the units meet it, the same ones each time")
    func share() throws {
        let rig = try rig(.abort, percent: 50)
        rig.open()
        for unit in 0..<400 { try rig.copy(1, unit: UInt64(unit)) }
        let before = try rig.dropped(.shadowFailed)
        rig.turn()
        #expect(before == 0)
        let failed = try rig.dropped(.shadowFailed) + rig.dropped(.shadowBreaker)
        #expect(failed > 0)
    }
}
