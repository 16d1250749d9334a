import Breakers
import Foundation
import Ledgers
import Primitives
import Testing

@testable import Gateway

@Suite("a breaker in JSON") struct BreakerAnswerTests {
    @Test("says where it stands, since when, and how it came there")
    func open() throws {
        let start = Instant(nanoseconds: 5_000_000_000)
        let breaker = VariantBreaker(policy: BreakerPolicy(failuresInRow: 1, jitter: 0), reactors: 1, seed: 1, now: start)
        breaker.gate.report(reactor: 0, .failed, rows: 1, identity: 7, lease: nil, now: start.advanced(by: .seconds(2)))
        let at = start.advanced(by: .seconds(2) + .milliseconds(500))
        let served = ServedBreaker(
            route: "trees", variant: "old", reading: breaker.reading(now: at), transitions: breaker.transitions(after: 0))
        // 2026-11-22T12:00:02.5Z is when it is looked at; it opened half a second before.
        let now = Timestamp(milliseconds: 1_795_348_802_500)
        let answer = BreakerAnswer(served, held: [], at: at, now: now)
        #expect((answer.variant, answer.state, answer.since, answer.share) == ("old", "open", "2026-11-22T12:00:02Z", 0))
        #expect((answer.nextProbe, answer.lastTrip, answer.trips) == ("2026-11-22T12:00:03Z", "in_a_row", 1))
        #expect(answer.calls["failed"] == 1 && answer.calls["ok"] == 0)
        #expect(answer.transitions.map(\.to) == ["open"] && answer.transitions.map(\.at) == ["2026-11-22T12:00:02Z"])
        let json = try Rig.json(Array(try JSONEncoder().encode(answer)))
        #expect(json["next_probe"] as? String == "2026-11-22T12:00:03Z" && json["observed_trips"] as? Int == 0)
        #expect((json["window"] as? [String: Int])?["failures"] != nil)
    }
}
