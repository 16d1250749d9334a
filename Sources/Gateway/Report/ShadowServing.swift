import Breakers
import Ledgers
import Primitives
import Reactor

/// Where one shadow stands, in the running server's words.
package struct ShadowServing: Codable, Equatable, Sendable {
    package var name: String
    /// `down` (it is started again after a pause), `starting` (it opens its model) or `running`.
    package var process: String
    /// Number of the process; left out when there is none.
    package var pid: Int32?
    /// Copies that wait for it, those that it is at included.
    package var waiting: Int
    /// Processes that were started in place of another.
    package var restarts: UInt64
    package var breaker: BreakerAnswer
}

extension ShadowServing {
    /// - Parameters:
    ///   - instant: now by the clock that breakers go by.
    ///   - now: the same moment on the wall clock.
    init(_ shadow: ServedShadow, at instant: Instant, now: Timestamp) {
        let breaker = ServedBreaker(
            route: shadow.route, variant: shadow.name, reading: shadow.breaker.reading(now: instant),
            transitions: shadow.breaker.transitions(after: 0))
        self.init(
            name: shadow.name, process: shadow.process, pid: shadow.pid, waiting: shadow.waiting, restarts: shadow.restarts,
            breaker: BreakerAnswer(breaker, held: nil, at: instant, now: now))
    }
}
