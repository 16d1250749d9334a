import Primitives
import Testing

@testable import Gateway

@Suite("outcomes that wait") struct OutcomeQueueTests {
    private func job(_ count: Int = 1, arrived: UInt64 = 0) -> OutcomeJob {
        OutcomeJob(exchange: 1, reactor: 0, body: [], count: count, isLines: false, route: nil, author: "", arrived: arrived)
    }

    @Test("bodies wait until their bytes are the bound, and not one byte beyond; what was taken makes room")
    func bound() {
        let queue = OutcomeQueue(bytesAtMost: 100)
        #expect(queue.push(job(60)) && queue.push(job(40)) && !queue.push(job(1)))
        #expect(queue.count == 2)
        #expect(queue.take(bytes: 1).map(\.count) == [60])
        #expect(!queue.push(job(61)) && queue.push(job(60)) && !queue.push(job(1)))
        #expect(queue.count == 2)
        #expect(!OutcomeQueue(bytesAtMost: 100).push(job(101)))
    }

    /// Bytes of the bodies that wait, the bytes of a group, and the bodies that come out.
    static let groups: [(bodies: [Int], bytes: Int, groups: [[Int]])] = [
        ([], 10, []), ([3], 10, [[3]]), ([5, 5], 10, [[5, 5]]), ([5, 4, 1, 1], 10, [[5, 4, 1], [1]]), ([9, 9, 9], 10, [[9, 9], [9]]),
        ([50, 1], 10, [[50], [1]]),
    ]

    @Test("a group is the oldest bodies, up to the one that fills it; none is split, lost, or overtaken", arguments: groups)
    func take(bodies: [Int], bytes: Int, groups: [[Int]]) {
        let queue = OutcomeQueue(bytesAtMost: 1_000)
        for count in bodies { #expect(queue.push(job(count))) }
        var found: [[Int]] = []
        while case let jobs = queue.take(bytes: bytes), !jobs.isEmpty { found.append(jobs.map(\.count)) }
        #expect(found == groups && queue.count == 0)
    }

    @Test("it has drained up to now when nothing waits, else up to the oldest that is not settled")
    func drained() {
        let queue = OutcomeQueue(bytesAtMost: 1_000)
        #expect(queue.drained(now: 50) == 50)
        for arrived: UInt64 in [10, 20, 30] { #expect(queue.push(job(5, arrived: arrived))) }
        #expect(queue.drained(now: 50) == 10)
        #expect(queue.take(bytes: 6).map(\.arrived) == [10, 20])
        #expect(queue.drained(now: 50) == 10, "in hand is not settled")
        queue.finish()
        #expect(queue.drained(now: 50) == 30)
        #expect(queue.drained(now: 25) == 25, "never later than now")
        _ = queue.take(bytes: 1)
        #expect(queue.drained(now: 50) == 30)
        queue.finish()
        #expect(queue.drained(now: 50) == 50)
    }

    @Test("a closed queue takes no more, and gives what it has")
    func closed() {
        let queue = OutcomeQueue(bytesAtMost: 1_000)
        #expect(queue.push(job()))
        queue.close()
        #expect(!queue.push(job()))
        #expect(queue.take(bytes: 100).count == 1 && queue.take(bytes: 100).isEmpty)
    }
}
