import Primitives
import Shadowing
import Testing

@Suite struct CopyQueueTests {
    private func at(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func `entries come out in their order, and rows and bytes bound how many wait`() {
        var queue = CopyQueue<Int>(rowsAtMost: 3, bytesAtMost: 100)
        let pushed = [(1, 40), (2, 40), (3, 21), (3, 20), (4, 0)].map { queue.push($0.0, bytes: $0.1, now: at(1)) }
        #expect(pushed == [true, true, false, true, false])
        #expect(queue.bytes == 100)
        let first = queue.pop()
        let again = queue.push(4, bytes: 40, now: at(2))
        #expect(first == 1 && again)
        let rest = (0..<4).map { _ in queue.pop() }
        #expect(rest == [2, 3, 4, nil])
        #expect(queue.bytes == 0)
    }

    @Test func `what came before a moment expires, and nothing else`() {
        var queue = CopyQueue<Int>(rowsAtMost: 10, bytesAtMost: 100)
        for second in 1...5 { _ = queue.push(second, bytes: 1, now: at(UInt64(second))) }
        let expired = [queue.expire(before: at(3)), queue.expire(before: at(3))]
        #expect(expired == [[1, 2], []])
        let rest = queue.drain()
        #expect(rest == [3, 4, 5])
        #expect(queue.isEmpty && queue.bytes == 0)
    }

    @Test func `a queue that is used for long holds no more than what waits`() {
        var queue = CopyQueue<Int>(rowsAtMost: 8, bytesAtMost: 8)
        var (next, popped, refused) = (0, [Int](), 0)
        for value in 0..<10_000 {
            if !queue.push(value, bytes: 1, now: at(0)) { refused += 1 }
            if value % 2 == 1 || queue.count == 8, let out = queue.pop() { popped.append(out) }
            next = value
        }
        #expect(refused == 0 && next == 9_999)
        #expect(popped == Array(0..<popped.count))
        #expect(queue.count == 10_000 - popped.count)
    }
}
