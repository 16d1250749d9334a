import Logging
import Primitives
import Reactor
import Testing

@testable import Gateway

@Suite("the thread that compares is told things without a lock") struct ShadowDeskTests {
    @Test("more plans than fit on their way are all taken, in their order, and then the end", .timeLimit(.minutes(1)))
    func orders() throws {
        let rig = try ShadowRig()
        let plan = try #require(rig.plan)
        let desk = try ShadowDesk(reactors: 1, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { _ in StagedHosting() }
        for _ in 0..<(2 * ShadowLimits.queuedOrders) { desk.follow(plan) }
        try rig.copy(3, into: desk.rings[0])
        let thread = try desk.start()
        desk.stop()
        thread.join()
        #expect(try rig.dropped(.shutdown) == 3)
    }
}
