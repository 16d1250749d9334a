import Primitives
import Testing

@testable import Replays

private func at(_ microseconds: UInt64) -> Instant { Instant(nanoseconds: 1_000_000 + .microseconds(microseconds)) }

@Suite("A schedule")
struct ScheduleTests {
    @Test("the first turns open the connections, and the others wait for that")
    func opening() {
        var schedule = Schedule(rows: 3, passes: 1, connections: 2, rate: nil)
        #expect(schedule.take(at: at(0)) == .init(pass: 1, row: 1, due: at(0), isOpening: true))
        #expect(schedule.take(at: at(1)) == .init(pass: 1, row: 2, due: at(1), isOpening: true))
        #expect(schedule.take(at: at(2)) == nil)
        #expect(schedule.nextDue(at: at(2)) == nil)
        schedule.begin(at: at(10))
        #expect(schedule.take(at: at(11)) == .init(pass: 1, row: 3, due: at(11), isOpening: false))
        #expect(schedule.nextDue(at: at(11)) == nil)
    }

    @Test("without a rate every turn is due at once, pass after pass")
    func closed() {
        var schedule = Schedule(rows: 2, passes: 3, connections: 1, rate: nil)
        schedule.begin(at: at(0))
        var turns: [[Int]] = []
        while let turn = schedule.take(at: at(5)) {
            #expect(turn.due == at(5))
            turns.append([turn.pass, turn.row])
        }
        #expect(turns == [[1, 1], [1, 2], [2, 1], [2, 2], [3, 1], [3, 2]])
    }

    @Test("with a rate turns fall due evenly, and a late one keeps the time it was due")
    func open() {
        var schedule = Schedule(rows: 4, passes: 1, connections: 1, rate: 4_000)
        _ = schedule.take(at: at(0))
        schedule.begin(at: at(1_000))
        #expect(schedule.take(at: at(1_000))?.due == at(1_000))
        #expect(schedule.take(at: at(1_249)) == nil)
        #expect(schedule.nextDue(at: at(1_249)) == at(1_250))
        #expect(schedule.take(at: at(1_900)) == .init(pass: 1, row: 3, due: at(1_250), isOpening: false))
        #expect(schedule.take(at: at(1_900)) == .init(pass: 1, row: 4, due: at(1_500), isOpening: false))
        #expect(schedule.take(at: at(1_900)) == nil)
    }

    @Test("rounding does not add up: the millionth row is due when the rate says")
    func drift() {
        var schedule = Schedule(rows: 1_000_002, passes: 1, connections: 1, rate: 3)
        schedule.begin(at: Instant(nanoseconds: 0))
        var last: Schedule.Turn?
        while let turn = schedule.take(at: Instant(nanoseconds: .max)) { last = turn }
        #expect(last?.due == Instant(nanoseconds: 333_333_333_333_333))
    }
}

@Suite("A progress meter")
struct ProgressMeterTests {
    @Test("moves a bar on a terminal, ten times a second at most")
    func terminal() {
        var meter = ProgressMeter(total: 200, start: at(0), isTerminal: true)
        #expect(meter.text(done: 1, errors: 0, now: at(99_999)) == nil)
        let bar = String(repeating: "█", count: 15) + String(repeating: "░", count: 15)
        #expect(meter.text(done: 101, errors: 1, now: at(200_000)) == "\r\(bar) 50 %  101/200 rows  505/s  1 error\u{1b}[K")
        #expect(meter.text(done: 102, errors: 1, now: at(250_000)) == nil)
        #expect(meter.ending() == "\r\u{1b}[K")
    }

    @Test("writes a line every five seconds elsewhere")
    func log() {
        var meter = ProgressMeter(total: 200, start: at(0), isTerminal: false)
        #expect(meter.text(done: 1, errors: 0, now: at(4_999_999)) == nil)
        #expect(meter.text(done: 50, errors: 2, now: at(5_000_000)) == "25 %  50/200 rows  10/s  2 errors\n")
        #expect(meter.text(done: 60, errors: 2, now: at(9_000_000)) == nil)
        #expect(meter.ending() == "")
    }
}
