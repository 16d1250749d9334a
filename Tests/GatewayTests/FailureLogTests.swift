import Logging
import Metrics
import Primitives
import Testing

@testable import Gateway

@Suite("what the log is told of failures") struct FailureLogTests {
    private let collector = LogCollector()
    private let registry = CellRegistry(reactors: 1)

    private func seconds(_ number: UInt64) -> Instant { Instant(nanoseconds: .seconds(100 + number)) }

    @Test("a limit that turns requests away is told once when it begins, and once when it has been calm", arguments: [
        ReactorCounter.shedRefused, .shedObserved, .concurrencyRefused, .concurrencyObserved, .queueRefused,
    ])
    func limits(counter: ReactorCounter) {
        var log = FailureLog(Logger(label: "test") { _ in collector })
        let meter = registry.reactors.meter(reactor: 0)
        log.tell([], registry.reactors.totals(), now: seconds(0))
        #expect(collector.messages.isEmpty)
        for second in 1...5 as ClosedRange<UInt64> {
            meter.count(counter, 7)
            log.tell([], registry.reactors.totals(), now: seconds(second))
        }
        log.tell([], registry.reactors.totals(), now: seconds(14))
        #expect(collector.messages.count == 1)
        log.tell([], registry.reactors.totals(), now: seconds(15))
        log.tell([], registry.reactors.totals(), now: seconds(30))
        #expect(collector.messages.count == 2 && collector.messages.last == "no longer: \(collector.messages[0])")
    }

    @Test("calls that were ended are told by route and variant, in one line every ten seconds at most")
    func endedCalls() throws {
        var log = FailureLog(Logger(label: "test") { _ in collector })
        let lanes = try Rig.lanes()
        let routes = [try PlanRig.parts("trees", lanes: [("old", lanes)])]
        let totals = registry.reactors.totals()
        log.tell(routes, totals, now: seconds(0))
        #expect(collector.messages.isEmpty)
        for second in 1...11 as ClosedRange<UInt64> {
            lanes.lanes[0].pointee.askForWorkers()
            log.tell(routes, totals, now: seconds(second))
        }
        #expect(collector.messages == Array(repeating: "calls of a model were ended at their deadline", count: 2))
        #expect(collector.facts.map { $0["calls"] } == ["1", "10"])
        #expect(collector.facts.allSatisfy { $0["route"] == "trees" && $0["variant"] == "old" && $0["event.action"] == "terminate" })
    }
}
