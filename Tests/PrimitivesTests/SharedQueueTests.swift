import Synchronization
import Testing

@testable import Primitives

@Suite struct SharedQueueTests {
    @Test("holds at least what was asked for", arguments: [(1, 2), (2, 2), (3, 4), (1_000, 1_024), (1_024, 1_024)])
    func roundsCapacityUp(_ asked: Int, _ given: Int) {
        let capacity = SharedQueue<UInt8>(capacity: asked).capacity
        #expect(capacity == given)
    }

    @Test("gives elements in their order, refuses what does not fit, and goes round many times", arguments: [2, 4, 8])
    func keepsOrder(capacity: Int) {
        let queue = SharedQueue<UInt64>(capacity: capacity)
        for round in 0..<100 as Range<UInt64> {
            let numbers = (0..<UInt64(capacity) + 2).map { round * 10 + $0 }
            var taken: [Bool] = []
            for number in numbers { taken.append(queue.push(number)) }
            #expect(taken == Array(repeating: true, count: capacity) + [false, false])
            var received: [UInt64] = []
            while let number = queue.pop() { received.append(number) }
            #expect(received == Array(numbers.prefix(capacity)))
        }
    }

    private struct Record: BitwiseCopyable {
        var producer: UInt64
        var number: UInt64
        var complement: UInt64
    }

    /// Shares the queue between tasks: a class gives it one address.
    private final class Shared: Sendable {
        let queue = SharedQueue<Record>(capacity: 16)
        /// Producers that are still at work.
        let producers: Atomic<Int>

        init(producers: Int) { self.producers = Atomic(producers) }

        func produce(_ producer: UInt64, _ count: UInt64) async {
            for number in 0..<count {
                let record = Record(producer: producer, number: number, complement: ~(producer << 32 | number))
                while !queue.push(record) { await Task.yield() }
            }
            producers.subtract(1, ordering: .releasing)
        }

        /// What one consumer received, each producer's numbers in the order in which they came.
        func consume() async -> [[UInt64]] {
            var received = [[UInt64]](repeating: [], count: 4)
            while true {
                let areOver = producers.load(ordering: .acquiring) == 0
                guard let record = queue.pop() else {
                    if areOver { return received }
                    await Task.yield()
                    continue
                }
                guard record.complement == ~(record.producer << 32 | record.number) else { return [] }
                received[Int(record.producer)].append(record.number)
            }
        }
    }

    @Test(
        "what many threads put in, many threads take out: whole, none lost, none twice, each producer's in order", .timeLimit(.minutes(1)),
        arguments: [(1, 1), (2, 1), (1, 2), (4, 4)])
    func crossesThreads(_ producers: Int, _ consumers: Int) async {
        let shared = Shared(producers: producers)
        let count: UInt64 = 20_000
        let received = await withTaskGroup(of: [[UInt64]]?.self) { group in
            for producer in 0..<producers {
                group.addTask {
                    await shared.produce(UInt64(producer), count)
                    return nil
                }
            }
            for _ in 0..<consumers { group.addTask { await shared.consume() } }
            return await group.reduce(into: [[[UInt64]]]()) { all, one in if let one { all.append(one) } }
        }
        #expect(received.count == consumers)
        for producer in 0..<producers {
            let lists = received.map { $0.count > producer ? $0[producer] : [] }
            for list in lists { #expect(list == list.sorted()) }
            #expect(lists.flatMap(\.self).sorted() == Array(0..<count))
        }
    }
}
