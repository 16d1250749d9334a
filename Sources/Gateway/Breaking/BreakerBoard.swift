import Breakers
import Logging
import Primitives
import Synchronization

/// The breakers of all variants, kept across plans: a change of weights or of another route opens and closes none.
///
/// A breaker belongs to a route, a variant and a model file. It is kept for the plan that uses it and the one after, and beyond that for as
/// long as an old plan is in use. Used when plans are made and by the thread that watches them; reactors never come here.
final class BreakerBoard: Sendable {
    // The lock protects the table; a plan that is made takes it for each variant, the watching thread five times a second.
    private let table = Mutex(Table())
    private let reactors: Int

    /// - Parameter reactors: how many report to each breaker.
    init(reactors: Int) {
        self.reactors = reactors
    }

    /// What one breaker stands before.
    struct Key: Hashable {
        let route: String
        let variant: String
        /// Of the model file.
        let sha256: String
    }

    private struct Table {
        var now: [Key: VariantBreaker] = [:]
        var before: [Key: VariantBreaker] = [:]
        var earlier: [Key: WeakBreaker] = [:]
        /// The last transition of each that was told.
        var told: [Key: UInt64] = [:]
    }

    private struct WeakBreaker {
        weak var breaker: VariantBreaker?
    }

    /// Lets go what the plan before the last one used.
    func beginPlan() {
        table.withLock { table in
            for (key, breaker) in table.before where table.now[key] == nil { table.earlier[key] = WeakBreaker(breaker: breaker) }
            table.before = table.now
            table.now = [:]
            table.earlier = table.earlier.filter { $0.value.breaker != nil }
            let kept = table
            table.told = kept.told.filter { kept.before[$0.key] != nil || kept.earlier[$0.key] != nil }
        }
    }

    /// The breaker of a variant of the plan that is being made, under this policy, put aside or let go as it is to be held.
    func breaker(_ key: Key, policy: BreakerPolicy, isHeld: Bool, seed: UInt64, now: Instant) -> VariantBreaker {
        let breaker = table.withLock { table in
            let known = table.now[key] ?? table.before[key] ?? table.earlier[key]?.breaker
            let breaker = known ?? VariantBreaker(policy: policy, reactors: reactors, seed: seed, now: now)
            table.now[key] = breaker
            return breaker
        }
        breaker.set(policy: policy, now: now)
        if isHeld { breaker.hold(now: now) } else { breaker.release(now: now) }
        return breaker
    }

    /// Tells the log of every transition since the last time.
    func tell(_ logger: Logger) {
        for (key, transition) in untold() {
            let level: Logger.Level = transition.to == .open || transition.to == .held ? .warning : .notice
            logger.log(
                level: level, "\(transition.sentence)",
                metadata: [
                    "event.action": "breaker", "route": "\(key.route)", "variant": "\(key.variant)", "from": "\(transition.from)",
                    "to": "\(transition.to)", "reason": "\(transition.reason.label)",
                ])
        }
    }

    /// The transitions that were not told yet, of each breaker in their order.
    private func untold() -> [(key: Key, transition: BreakerTransition)] {
        table.withLock { table in
            var untold: [(Key, BreakerTransition)] = []
            for (key, breaker) in table.before.merging(table.now, uniquingKeysWith: { $1 }) {
                let last = table.told[key] ?? 0
                guard breaker.transitionCount > last else { continue }
                let new = breaker.transitions(after: last)
                untold += new.map { (key, $0) }
                table.told[key] = new.last?.number ?? last
            }
            return untold.sorted { $0.1.at < $1.1.at }
        }
    }
}

extension BreakerTransition {
    /// What happened, for a person who reads the log.
    fileprivate var sentence: String {
        switch (to, reason) {
        case (.open, .released): "a variant that was put aside may be probed"
        case (.open, .probeFailed): "a variant is still failing"
        case (.open, _): "a variant is taken out of traffic"
        case (.probing, _): "a variant is being probed"
        case (.held, _): "a variant is put aside"
        case (.closed, .rampOver): "a variant has all of its traffic again"
        case (.closed, _): "a variant is back in traffic"
        }
    }
}
