import Breakers
package import Metrics

extension ServerView {
    /// Restarts, and which variants of the plan in force are held. Any thread but a reactor's.
    package var supervisionFigures: SupervisionFigures {
        SupervisionFigures(
            restarts: RestartReason.allCases.map { ($0.rawValue, history.restarts[$0] ?? 0) },
            variants: breakers().map { SupervisionFigures.HeldMark(route: $0.route, variant: $0.variant, isHeld: $0.reading.state == .held) })
    }
}
