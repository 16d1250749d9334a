import Primitives
import Testing

@testable import Admission

@Suite("Shedding")
struct ShedderTests {
    private func at(_ milliseconds: Double) -> Instant { Instant(nanoseconds: UInt64((10_000 + milliseconds) * 1e6)) }

    /// Times, in milliseconds, at which requests that each wait `wait` and come one a millisecond are turned away.
    private func shed(_ shedder: inout Shedder, wait: Double, from start: Int = 0, through end: Int) -> [Int] {
        (start...end).filter { time in
            shedder.sojourn(Nanoseconds(wait * 1e6), now: at(Double(time)))
            return shedder.shouldShed(now: at(Double(time)))
        }
    }

    @Test("turns nobody away while they wait less than the target, however long that goes on")
    func calm() {
        var shedder = Shedder(ShedPolicy())
        #expect(shed(&shedder, wait: 4.99, through: 5_000).isEmpty)
    }

    @Test("turns the first away after an interval, and the next after interval / √n")
    func schedule() {
        var shedder = Shedder(ShedPolicy())
        // 100 + 100, + 100/√2 = 70.71, + 100/√3 = 57.7, + 100/2, + 100/√5 = 44.7: the times of RFC 8289's control law.
        #expect(shed(&shedder, wait: 6, through: 430) == [100, 200, 271, 329, 379, 424])
    }

    @Test("has turned away about (t / 200 ms)² requests after t")
    func growth() {
        var shedder = Shedder(ShedPolicy())
        let count = shed(&shedder, wait: 20, through: 10_100).count
        #expect((2_500...2_620).contains(count))
    }

    @Test("starts to wait anew when one request waits less than the target", arguments: [50, 99])
    func oneShortWait(time: Int) {
        var shedder = Shedder(ShedPolicy())
        #expect(shed(&shedder, wait: 50, through: time - 1).isEmpty)
        #expect(shed(&shedder, wait: 1, from: time, through: time).isEmpty)
        #expect(shed(&shedder, wait: 50, from: time + 1, through: time + 101) == [time + 101])
    }

    @Test("stops at once when the queue is empty")
    func recovers() {
        var shedder = Shedder(ShedPolicy())
        #expect(!shed(&shedder, wait: 50, through: 1_000).isEmpty)
        shedder.sojourn(0, now: at(1_001))
        let isShed = [1_001, 5_000].map { shedder.shouldShed(now: at($0)) }
        #expect(isShed == [false, false])
    }

    @Test("goes on nearly as fast as before when the queue stands again soon after")
    func resumes() {
        var shedder = Shedder(ShedPolicy())
        let first = shed(&shedder, wait: 50, through: 1_000).count
        #expect(shed(&shedder, wait: 1, from: 1_001, through: 1_001).isEmpty)
        let again = shed(&shedder, wait: 50, from: 1_002, through: 1_202)
        // From 1102 on, at the pace of 100 ms / √(n - 1).
        #expect(again.first == 1_102)
        #expect(again.count == 1 + Int(100 / (100 / Double(first - 1).squareRoot())))
    }

    @Test("starts slowly when the queue stands again long after")
    func forgets() {
        var shedder = Shedder(ShedPolicy())
        _ = shed(&shedder, wait: 50, through: 1_000)
        _ = shed(&shedder, wait: 1, from: 1_001, through: 3_000)
        #expect(shed(&shedder, wait: 50, from: 3_001, through: 3_250) == [3_101, 3_201])
    }

    @Test("turns away all who would wait longer than an interval once the queue stands, and none of them before")
    func patience() {
        var shedder = Shedder(ShedPolicy())
        #expect(shed(&shedder, wait: 101, through: 99).isEmpty)
        #expect(shed(&shedder, wait: 101, from: 100, through: 150) == Array(100...150))
        #expect(shed(&shedder, wait: 100, from: 151, through: 199).isEmpty)
    }

    @Test("keeps to the target and interval that it is given")
    func settings() {
        var shedder = Shedder(ShedPolicy(target: .milliseconds(20), interval: .milliseconds(40)))
        #expect(shed(&shedder, wait: 19, through: 500).isEmpty)
        #expect(shed(&shedder, wait: 21, from: 501, through: 600) == [541, 581])
    }

    /// One server that takes a millisecond for a request, and clients that send without ever slowing down. Returns what was served in time
    /// and the longest queue.
    private func flood(perMillisecond rate: Int, milliseconds: Int, sheds: Bool) -> (served: Int, longest: Int, waits: [Int]) {
        var shedder = Shedder(ShedPolicy())
        var queue: [Int] = []
        var (first, served, longest) = (0, 0, 0)
        var waits: [Int] = []
        for time in 0..<milliseconds {
            for _ in 0..<rate {
                let wait = first < queue.count ? time - queue[first] : 0
                shedder.sojourn(Nanoseconds(wait) * 1_000_000, now: at(Double(time)))
                if sheds, shedder.shouldShed(now: at(Double(time))) { continue }
                queue.append(time)
            }
            if first < queue.count {
                waits.append(time - queue[first])
                first += 1
                served += 1
            }
            longest = max(longest, queue.count - first)
        }
        return (served, longest, waits)
    }

    @Test("keeps a server busy and its queue short when three times as much comes as it can serve")
    func overload() {
        let shedding = flood(perMillisecond: 3, milliseconds: 30_000, sheds: true)
        #expect(shedding.served >= 29_000)
        // Three intervals of waiting at most, and as many requests as are served in that time; without shedding 60 000 wait at the end.
        #expect(shedding.longest <= 305)
        #expect(shedding.waits.max() ?? .max <= 305)
        #expect(flood(perMillisecond: 3, milliseconds: 30_000, sheds: false).longest > 50_000)
    }
}
