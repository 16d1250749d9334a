import Logging
import Metrics
import Primitives

/// What the log is told of calls that had to be ended, of models that got workers for it, and of limits that turn requests away: once when it
/// begins, and once when it is over. Breakers tell for themselves. Used by the thread that watches.
struct FailureLog {
    private let logger: Logger
    private var models: [Model: Told] = [:]
    private var limits: [(limit: Limit, seen: UInt64, trouble: Trouble)]

    /// A variant's model, by names.
    private struct Model: Hashable {
        let route: String
        let variant: String
    }

    private struct Told {
        var endedCalls: UInt64 = 0
        var at: Instant?
        var hasMoved = false
    }

    /// A limit of which the log is told, and what.
    private struct Limit {
        let counter: ReactorCounter
        let sentence: String
    }

    init(_ logger: Logger) {
        self.logger = logger
        let told = [
            Limit(counter: .shedRefused, sentence: "requests wait too long: some predictions are turned away"),
            Limit(counter: .shedObserved, sentence: "requests wait too long: some predictions would be turned away"),
            Limit(counter: .concurrencyRefused, sentence: "too many predictions at once: some are turned away"),
            Limit(counter: .concurrencyObserved, sentence: "too many predictions at once: some would be turned away"),
            Limit(counter: .queueRefused, sentence: "the workers of a model have too much to do: some of its predictions are turned away"),
        ]
        limits = told.map { ($0, 0, Trouble()) }
    }

    /// Tells what is new since the last time.
    mutating func tell(_ routes: [RouteParts], _ totals: ReactorTotals, now: Instant) {
        for index in limits.indices { tell(index, totals[limits[index].limit.counter], now) }
        var seen: [Model: Told] = [:]
        for route in routes {
            for variant in route.variants where variant.lanes.endedCalls > 0 {
                let model = Model(route: route.name, variant: variant.name)
                var told = models[model] ?? Told()
                tell(model, variant.lanes, &told, now)
                seen[model] = told
            }
        }
        models = seen
    }

    private mutating func tell(_ index: Int, _ count: UInt64, _ now: Instant) {
        let sentence = limits[index].limit.sentence
        if count > limits[index].seen {
            limits[index].seen = count
            guard limits[index].trouble.failed(sentence, now: now) else { return }
            logger.warning("\(sentence)", metadata: ["event.action": "limit"])
        } else if limits[index].trouble.succeeded(now: now) {
            logger.notice("no longer: \(sentence)", metadata: ["event.action": "limit"])
        }
    }

    /// Calls that were ended are told in one line every ten seconds at most, with their number.
    private func tell(_ model: Model, _ lanes: LaneSet, _ told: inout Told, _ now: Instant) {
        let calls = lanes.endedCalls
        // Another file under the same name begins anew.
        if calls < told.endedCalls { told = Told() }
        if calls > told.endedCalls, told.at.map({ now.since($0) >= Trouble.calm }) ?? true {
            logger.warning(
                "calls of a model were ended at their deadline",
                metadata: about(model).merging(["event.action": "terminate", "calls": "\(calls - told.endedCalls)"]) { $1 })
            (told.endedCalls, told.at) = (calls, now)
        }
        guard !told.hasMoved, lanes.placement.reason == .moved else { return }
        told.hasMoved = true
        logger.notice(
            "a model runs on workers from now on: a call of it had to be ended on a reactor",
            metadata: about(model).merging(["event.action": "move", "threads": "\(lanes.workers)"]) { $1 })
    }

    private func about(_ model: Model) -> Logger.Metadata {
        ["route": "\(model.route)", "variant": "\(model.variant)"]
    }
}
