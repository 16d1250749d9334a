import Breakers
package import Metrics

extension ServerView {
    /// Restarts, and which variants of the plan in force are held, of those that there is anything to tell of. Any thread but a reactor's.
    package var supervisionFigures: SupervisionFigures {
        SupervisionFigures(
            restarts: RestartReason.allCases.map { ($0.rawValue, history.restarts[$0] ?? 0) },
            variants: breakers().filter(\.saysSomething).map { SupervisionFigures.HeldMark(route: $0.route, variant: $0.variant, isHeld: $0.reading.state == .held) })
    }
}
