import Breakers
package import Metrics
import Primitives
import Reactor

extension ServerView {
    /// Where the shadows of one route stand, by name; none where it has none that get copies. Any thread but a reactor's.
    func shadows(route: String) -> [ServedShadow] { shadows.filter { $0.route == route } }

    /// The same of all routes, as metrics have it. Any thread but a reactor's.
    package var shadowStandings: [ShadowStanding] {
        let now = MonotonicTime.now()
        return shadows.map { shadow in
            ShadowStanding(
                route: shadow.route, shadow: shadow.name, isUp: shadow.process == "running", waitingRows: shadow.waiting,
                restarts: shadow.restarts,
                breakerState: BreakerFigures.State(shadow.breaker.reading(now: now).state))
        }
    }
}
