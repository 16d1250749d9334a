import Testing

@testable import Primitives

@Suite struct TimerWheelTests {
    static let tick: Nanoseconds = 1 << TimerWheel.tickShift

    static func drain(_ wheel: inout TimerWheel, now: Instant) -> [Int] {
        var slots: [Int] = []
        while let slot = wheel.expire(now: now) { slots.append(slot) }
        return slots
    }

    @Test(
        "fires at its deadline, at most a tick late and never early",
        arguments: [
            1, 999_999, 1_048_576, .milliseconds(5), .milliseconds(67), .milliseconds(68), .seconds(1), .seconds(60), .seconds(86_400),
            .seconds(31_536_000),
        ] as [Nanoseconds])
    func firesInTime(_ delay: Nanoseconds) throws {
        for start in [0, 123_456_789, .seconds(1_000_000)] as [Nanoseconds] {
            let start = Instant(nanoseconds: start)
            var wheel = TimerWheel(capacity: 1, now: start)
            wheel.arm(0, at: start.advanced(by: delay))
            var wakeups = 0
            while wheel.count > 0 {
                let next = wheel.nextDeadline
                let now = try #require(next)
                if let slot = wheel.expire(now: now) {
                    #expect(slot == 0)
                    #expect(now >= start.advanced(by: delay))
                    #expect(now.since(start.advanced(by: delay)) < Self.tick)
                }
                wakeups += 1
            }
            #expect(wakeups <= 8)
        }
    }

    @Test("a passed deadline fires with the next tick, so that arming for now inside the loop ends")
    func passedDeadlineWaitsATick() {
        let now = Instant(nanoseconds: .seconds(10))
        var wheel = TimerWheel(capacity: 2, now: now)
        wheel.arm(0, at: Instant(nanoseconds: 5))
        let atOnce = Self.drain(&wheel, now: now)
        #expect(atOnce == [])
        let later = now.advanced(by: Self.tick)
        var handedOut = 0
        while let slot = wheel.expire(now: later) {
            wheel.arm(slot, at: later)
            handedOut += 1
        }
        #expect(handedOut == 1)
        let isArmed = wheel.isArmed(0)
        #expect(isArmed)
    }

    @Test("cancelling takes a timer out wherever it is, also between coming due and being handed out")
    func cancels() {
        var wheel = TimerWheel(capacity: 4, now: Instant(nanoseconds: 0))
        for slot in 0..<4 { wheel.arm(slot, at: Instant(nanoseconds: .milliseconds(20))) }
        wheel.cancel(2)
        wheel.cancel(2)
        let now = Instant(nanoseconds: .milliseconds(30))
        var others: Set = [0, 1, 3]
        if let first = wheel.expire(now: now) { others.remove(first) }
        let cancelled = others.removeFirst()
        wheel.cancel(cancelled)
        let rest = Self.drain(&wheel, now: now)
        #expect(rest == Array(others))
        let (count, next) = (wheel.count, wheel.nextDeadline)
        #expect(count == 0 && next == nil)
    }

    @Test("the end of the clock is a deadline like any other")
    func endOfClock() {
        var wheel = TimerWheel(capacity: 1, now: Instant(nanoseconds: 0))
        wheel.arm(0, at: Instant(nanoseconds: .max))
        let fired = Self.drain(&wheel, now: Instant(nanoseconds: .max - Self.tick))
        let (isArmed, next) = (wheel.isArmed(0), wheel.nextDeadline)
        #expect(fired == [] && isArmed)
        #expect(next != nil)
    }

    @Test("agrees with a plain list over random arming, moving, cancelling and passing of time", arguments: 1...4 as ClosedRange<UInt64>)
    func agreesWithModel(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var now = Instant(nanoseconds: generator.next() >> 20)
        let capacity = 50
        var wheel = TimerWheel(capacity: capacity, now: now)
        var model: [Int: Instant] = [:]
        for _ in 0..<5_000 {
            let slot = Int.random(in: 0..<capacity, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                // Delays of every size, from a fraction of a tick to months.
                let deadline = now.advanced(by: generator.next() >> UInt64.random(in: 10...50, using: &generator))
                wheel.arm(slot, at: deadline)
                model[slot] = deadline
            case 6..<8:
                wheel.cancel(slot)
                model[slot] = nil
            default:
                now = now.advanced(by: generator.next() >> UInt64.random(in: 12...50, using: &generator))
                for slot in Self.drain(&wheel, now: now) {
                    let deadline = model.removeValue(forKey: slot)
                    #expect(deadline.map { $0 <= now } == true, "slot \(slot) fired early or twice")
                }
                let late = model.values.filter { now.since($0) >= Self.tick }
                #expect(late.isEmpty)
            }
            let count = wheel.count
            #expect(count == model.count)
            if let next = wheel.nextDeadline, let first = model.values.min() {
                #expect(next <= first.advanced(by: 2 * Self.tick))
            }
        }
    }
}
