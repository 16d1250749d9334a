import Primitives
import Shadowing
import Testing

@Suite struct CallPatienceTests {
    @Test func `the time without a CPU is not counted`() {
        let patience = CallPatience(limit: .seconds(1))
        #expect(!patience.isOver(elapsed: .seconds(1), waited: 0))
        #expect(patience.isOver(elapsed: .seconds(1) + 1, waited: 0))
        #expect(!patience.isOver(elapsed: .seconds(60), waited: .seconds(59)))
        #expect(patience.isOver(elapsed: .seconds(60) + 1, waited: .seconds(59)))
        #expect(!patience.isOver(elapsed: 0, waited: .seconds(5)))
    }
}
