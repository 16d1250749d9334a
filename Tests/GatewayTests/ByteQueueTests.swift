import Primitives
import Testing

@testable import Gateway

@Suite("bytes that wait") struct ByteQueueTests {
    private func content(_ queue: ByteQueue) -> [UInt8] {
        queue.isEmpty ? [] : Array(UnsafeBufferPointer(start: queue.first, count: queue.count))
    }

    @Test("what is appended comes out in order, whatever the sizes", arguments: [1, 10, 100, 5_000])
    func agreesWithAnArray(largest: UInt64) {
        var (queue, expected, random) = (ByteQueue(), [UInt8](), SplitMix(seed: largest))
        for _ in 0..<300 {
            let bytes = (0..<random.next() % (largest + 1)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            queue.append(bytes, bytes.count)
            expected += bytes
            let taken = expected.isEmpty ? 0 : Int(random.next() % UInt64(expected.count + 1)) / Int(1 + random.next() % 3)
            queue.drop(taken)
            expected.removeFirst(taken)
            #expect(queue.count == expected.count && queue.isEmpty == expected.isEmpty)
        }
        #expect(content(queue) == expected)
        queue.deallocate()
    }

    @Test("growth keeps what waits and forgets what was dropped")
    func growth() {
        var queue = ByteQueue()
        let first = (0..<4_096).map { UInt8(truncatingIfNeeded: $0 % 251) }
        queue.append(first, first.count)
        queue.drop(4_000)
        let second = [UInt8](repeating: 7, count: 20_000)
        queue.append(second, second.count)
        #expect(content(queue) == Array(first[4_000...]) + second)
        queue.deallocate()
    }

    @Test("an emptied queue can be used again, and nothing appended stays nothing")
    func emptied() {
        var queue = ByteQueue()
        queue.append([1, 2, 3], 3)
        queue.drop(3)
        queue.append([], 0)
        #expect(queue.isEmpty)
        queue.append([4], 1)
        #expect(content(queue) == [4])
        queue.free()
        #expect(queue.isEmpty)
        queue.append([5, 6], 2)
        #expect(content(queue) == [5, 6])
        queue.deallocate()
    }
}
