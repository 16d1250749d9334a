import Primitives
import Testing

@Suite struct ObjectQueueTests {
    private final class Thing: Sendable {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    @Test func `objects come out in their order, and a full queue refuses`() {
        let queue = ObjectQueue<Thing>(capacity: 4)
        let taken = (0..<6).map { queue.push(Thing($0)) }
        #expect(taken == [true, true, true, true, false, false])
        let first = queue.pop()?.number
        #expect(first == 0 && queue.push(Thing(9)))
        let rest = (0..<5).map { _ in queue.pop()?.number }
        #expect(rest == [1, 2, 3, 9, nil])
    }

    @Test func `what is refused, taken or left in the queue is freed`() {
        weak var refused: Thing?
        weak var taken: Thing?
        weak var left: Thing?
        do {
            let queue = ObjectQueue<Thing>(capacity: 2)
            let things = (0..<3).map { Thing($0) }
            (taken, left, refused) = (things[0], things[1], things[2])
            for thing in things { _ = queue.push(thing) }
            _ = queue.pop()
        }
        #expect(refused == nil && taken == nil && left == nil)
    }
}
