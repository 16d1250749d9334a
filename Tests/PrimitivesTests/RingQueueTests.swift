import Synchronization
import Testing

@testable import Primitives

@Suite struct RingQueueTests {
    @Test("holds at least what was asked for", arguments: [(1, 1), (2, 2), (3, 4), (1_000, 1_024), (1_024, 1_024)])
    func roundsCapacityUp(_ asked: Int, _ given: Int) {
        let capacity = RingQueue<UInt8>(capacity: asked).capacity
        #expect(capacity == given)
    }

    @Test("gives elements in their order, refuses what does not fit, and goes round many times")
    func keepsOrder() {
        let queue = RingQueue<UInt64>(capacity: 4)
        for round in 0..<10 as Range<UInt64> {
            let numbers = (0..<6).map { round * 10 + $0 }
            var taken: [Bool] = []
            for number in numbers { taken.append(queue.push(number)) }
            #expect(taken == [true, true, true, true, false, false])
            var received: [UInt64] = []
            while let number = queue.pop() { received.append(number) }
            #expect(received == Array(numbers.prefix(4)))
        }
    }

    private struct Record: BitwiseCopyable, Equatable {
        var number: UInt64
        var complement: UInt64
    }

    /// Shares the queue between two tasks: a class gives it one address.
    private final class Shared: Sendable {
        let queue = RingQueue<Record>(capacity: 64)
        let finished = Atomic<Bool>(false)
    }

    @Test("one thread's records arrive on another whole, in order, none twice; what is missing was refused", .timeLimit(.minutes(1)))
    func crossesThreads() async {
        let shared = Shared()
        let count: UInt64 = 200_000
        async let refused: UInt64 = Task.detached {
            var refused: UInt64 = 0
            for number in 0..<count where !shared.queue.push(Record(number: number, complement: ~number)) { refused += 1 }
            shared.finished.store(true, ordering: .releasing)
            return refused
        }.value
        var received: UInt64 = 0
        var next: UInt64 = 0
        while true {
            let wasFinished = shared.finished.load(ordering: .acquiring)
            guard let record = shared.queue.pop() else {
                if wasFinished { break }
                await Task.yield()
                continue
            }
            guard record.number >= next, record.complement == ~record.number else {
                Issue.record("record \(record.number) after \(next)")
                return
            }
            next = record.number + 1
            received += 1
        }
        #expect(await received + refused == count)
        #expect(received >= 64)
    }
}
