import Primitives

extension ExpositionWriter {
    /// What became of copies, of every shadow that ever got one since the process began; then where the shadows in force stand.
    mutating func shadows(_ totals: [ShadowTotals], _ standings: [ShadowStanding]) {
        each(MetricNames.shadowSampled, totals) { $0.sampled }
        each(MetricNames.shadowCompared, totals) { $0.compared }
        each(MetricNames.shadowSameLabel, totals) { $0.agreed }
        each(MetricNames.shadowDiverged, totals) { $0.diverged }
        head(MetricNames.shadowDropped)
        for shadow in totals {
            for reason in ShadowDrop.allCases {
                sample(MetricNames.shadowDropped, [shadow.route, shadow.shadow, reason.label], "\(shadow.dropped[Int(reason.rawValue)])")
            }
        }
        self.standings(standings)
    }

    private mutating func standings(_ standings: [ShadowStanding]) {
        head(MetricNames.shadowUp)
        for shadow in standings { sample(MetricNames.shadowUp, [shadow.route, shadow.shadow], shadow.isUp ? "1" : "0") }
        head(MetricNames.shadowQueue)
        for shadow in standings { sample(MetricNames.shadowQueue, [shadow.route, shadow.shadow], "\(shadow.waitingRows)") }
        head(MetricNames.shadowRestarts)
        for shadow in standings { sample(MetricNames.shadowRestarts, [shadow.route, shadow.shadow], "\(shadow.restarts)") }
        head(MetricNames.shadowBreakerState)
        for shadow in standings {
            for state in BreakerFigures.State.allCases {
                sample(
                    MetricNames.shadowBreakerState, [shadow.route, shadow.shadow, state.rawValue], state == shadow.breakerState ? "1" : "0")
            }
        }
    }

    private mutating func each(_ family: MetricFamily, _ totals: [ShadowTotals], _ value: (ShadowTotals) -> UInt64) {
        head(family)
        for shadow in totals { sample(family, [shadow.route, shadow.shadow], "\(value(shadow))") }
    }
}
