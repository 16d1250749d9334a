extension ExpositionWriter {
    /// What is done about variants that fail.
    mutating func failing(_ totals: ReactorTotals, _ breakers: [BreakerFigures], _ crews: [CrewFigures]) {
        single(MetricNames.servedElsewhere, "\(totals[.servedElsewhere])")
        single(MetricNames.probes, "\(totals[.probes])")
        head(MetricNames.retries)
        sample(MetricNames.retries, ["tried"], "\(totals[.retries])")
        sample(MetricNames.retries, ["denied"], "\(totals[.retriesDenied])")
        single(MetricNames.fallbacks, "\(totals[.fallbacks])")
        single(MetricNames.faultsInjected, "\(totals[.faultsInjected])")
        single(MetricNames.callsTerminated, "\(totals[.callsTerminated])")
        self.breakers(breakers)
        self.crews(crews)
    }

    private mutating func crews(_ crews: [CrewFigures]) {
        head(MetricNames.workerQueue)
        for crew in crews { sample(MetricNames.workerQueue, [crew.route, crew.variant], "\(crew.waitingRows)") }
        head(MetricNames.workerThreads)
        for crew in crews { sample(MetricNames.workerThreads, [crew.route, crew.variant], "\(crew.threads)") }
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
            for (reason, count) in breaker.trips { sample(MetricNames.breakerTrips, [breaker.route, breaker.variant, reason], "\(count)") }
        }
        head(MetricNames.breakerObservedTrips)
        for breaker in breakers {
            sample(MetricNames.breakerObservedTrips, [breaker.route, breaker.variant], "\(breaker.observedTrips)")
        }
        head(MetricNames.breakerCalls)
        for breaker in breakers {
            for (result, count) in breaker.calls { sample(MetricNames.breakerCalls, [breaker.route, breaker.variant, result], "\(count)") }
        }
    }
}
