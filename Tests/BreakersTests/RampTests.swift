import Primitives
import Testing

@testable import Breakers

@Suite("What happens to a breaker that has closed again")
struct RampTests {
    /// Draws of a thousand units, spread evenly.
    private static let draws = (0..<1_000).map { UInt32($0) * 4_294_967 + 2_147_483 }

    private func served(_ rig: Rig) -> Set<UInt32> {
        Set(Self.draws.filter { rig.gate.peek(now: rig.instant, draw: $0) })
    }

    @Test("its share grows in a line from nothing to all", arguments: [(0, 0), (1, 0), (1_000, 100), (2_500, 250), (5_000, 500), (9_999, 1_000), (10_000, 1_000)] as [(UInt64, Int)])
    func share(after: UInt64, units: Int) {
        let rig = Rig()
        rig.tripAndClose()
        rig.now += after
        #expect(served(rig).count == units)
        #expect(abs(rig.reading.share - Double(after) / 10_000) < 1e-9)
    }

    @Test("the units that came back first stay, and asking and looking say the same")
    func sameUnits() {
        let rig = Rig()
        rig.tripAndClose()
        var before: Set<UInt32> = []
        for _ in 0..<9 {
            rig.now += 1_000
            let now = served(rig)
            #expect(now.isSuperset(of: before) && now.count == before.count + 100)
            #expect(Self.draws.allSatisfy { (rig.ask(draw: $0) == .serve) == now.contains($0) })
            before = now
        }
        #expect(!rig.gate.isClear)
    }

    @Test("after the ramp the first unit that asks makes it clear, and that is told once")
    func over() {
        let rig = Rig()
        rig.tripAndClose()
        rig.now += 10_000
        #expect(!rig.gate.isClear)
        #expect(rig.ask(draw: .max) == .serve && rig.gate.isClear)
        #expect(rig.ask(draw: .max) == .serve)
        #expect(rig.breaker.transitions(after: 0).count { $0.reason == .rampOver } == 1)
    }

    @Test("failures on the ramp open it again, for twice as long, and the end of the ramp does not forget them")
    func failures() {
        let rig = Rig()
        rig.tripAndClose()
        rig.now += 9_999
        rig.report(.failed, 4)
        rig.now += 1
        _ = rig.ask()
        #expect(rig.gate.isClear)
        rig.report(.failed)
        #expect(rig.state == .open)
    }

    @Test("without a ramp all units are back at once")
    func none() {
        let rig = Rig(BreakerPolicy(jitter: 0, ramp: 0))
        rig.tripAndClose()
        #expect(rig.gate.isClear && rig.reading.share == 1)
    }
}
