extension ExpositionWriter {
    /// What became of outcomes, exposures and logged predictions.
    mutating func recording(_ figures: RecordingFigures) {
        outcomes(figures)
        exposures(figures)
        single(MetricNames.predictionsLogged, "\(figures.predictionsLogged)")
        single(MetricNames.predictionsDropped, "\(figures.predictionsDropped)")
        single(MetricNames.recorderBytes, "\(figures.recorderBytes)")
        single(MetricNames.recorderInMemory, figures.isRecorderInMemory ? "1" : "0")
        single(MetricNames.checkpointAge, figures.checkpointAge.map(Self.seconds))
        single(MetricNames.foldLag, figures.foldLag.map(Self.seconds))
        single(MetricNames.ledgerUp, figures.isLedgerUp ? "1" : "0")
        single(MetricNames.logLinesLost, "\(figures.logLinesLost)")
        single(MetricNames.shadowOutcomesLost, "\(figures.shadowOutcomesLost)")
    }

    private mutating func outcomes(_ figures: RecordingFigures) {
        head(MetricNames.outcomes)
        for totals in figures.outcomes.totals {
            for answer in OutcomeAnswer.allCases where totals[answer] != 0 {
                sample(MetricNames.outcomes, [totals.route, totals.outcome, answer.rawValue], "\(totals[answer])")
            }
        }
        head(MetricNames.outcomesRefused)
        for reason in OutcomeRefusal.allCases {
            sample(MetricNames.outcomesRefused, [reason.rawValue], "\(figures.outcomesRefused[reason] ?? 0)")
        }
        single(MetricNames.outcomeCommits, "\(figures.outcomeCommits)")
        single(MetricNames.outcomeQueue, "\(figures.outcomeQueue)")
    }

    private mutating func exposures(_ figures: RecordingFigures) {
        head(MetricNames.exposures)
        for totals in figures.exposures { sample(MetricNames.exposures, [totals.route, totals.variant], "\(totals.rows)") }
        single(MetricNames.exposuresUncounted, "\(figures.exposuresUncounted)")
        head(MetricNames.revision)
        for (route, number) in figures.revisions.sorted(by: { $0.key < $1.key }) { sample(MetricNames.revision, [route], "\(number)") }
    }
}
