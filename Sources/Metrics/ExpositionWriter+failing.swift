extension ExpositionWriter {
    /// What is done about variants that fail.
    mutating func failing(_ totals: ReactorTotals, _ breakers: [BreakerFigures]) {
        single(MetricNames.servedElsewhere, "\(totals[.servedElsewhere])")
        single(MetricNames.probes, "\(totals[.probes])")
        head(MetricNames.retries)
        sample(MetricNames.retries, ["tried"], "\(totals[.retries])")
        sample(MetricNames.retries, ["denied"], "\(totals[.retriesDenied])")
        single(MetricNames.fallbacks, "\(totals[.fallbacks])")
        single(MetricNames.faultsInjected, "\(totals[.faultsInjected])")
        single(MetricNames.callsTerminated, "\(totals[.callsTerminated])")
        self.breakers(breakers)
    }

    private mutating func breakers(_ breakers: [BreakerFigures]) {
        head(MetricNames.breakerState)
        for breaker in breakers {
            for state in BreakerFigures.State.allCases {
                sample(MetricNames.breakerState, [breaker.route, breaker.variant, state.rawValue], state == breaker.state ? "1" : "0")
            }
        }
        head(MetricNames.breakerServed)
        for breaker in breakers { sample(MetricNames.breakerServed, [breaker.route, breaker.variant], Self.number(breaker.share)) }
        head(MetricNames.breakerTrips)
        for breaker in breakers {
            sample(MetricNames.breakerTrips, [breaker.route, breaker.variant, "enforce"], "\(breaker.trips)")
            sample(MetricNames.breakerTrips, [breaker.route, breaker.variant, "observe"], "\(breaker.observedTrips)")
        }
        head(MetricNames.breakerCalls)
        for breaker in breakers {
            for (result, count) in breaker.calls { sample(MetricNames.breakerCalls, [breaker.route, breaker.variant, result], "\(count)") }
        }
    }
}
