/// The numbers as text, for Prometheus and whoever reads its formats; see ``ExpositionFormat``.
package struct PrometheusText {
    private var page: ExpositionWriter

    /// Renders a snapshot. The order is fixed (``MetricNames/all``), codes without an answer are left out.
    ///
    /// - Parameters:
    ///   - breakers: those of the routes in force that have something to say; nil where nothing is served, which leaves out all that is done about failing variants.
    ///   - crews: workers of slow models.
    ///   - shadows: those of the routes in force; nil where nothing is served, which leaves out all that shadows do.
    ///   - recording: what became of outcomes and exposures; nil where nothing is recorded, which leaves those families out.
    ///   - supervision: what became of other workers; nil where there is no supervisor, which leaves those families out.
    ///   - format: what the reader asked for.
    package static func render(
        _ snapshot: Snapshot, _ process: ProcessFigures, breakers: [BreakerFigures]? = nil, crews: [CrewFigures] = [],
        shadows: [ShadowStanding]? = nil, recording: RecordingFigures? = nil, supervision: SupervisionFigures? = nil,
        format: ExpositionFormat = .prometheus
    ) -> String {
        var text = PrometheusText(page: ExpositionWriter(format: format))
        text.serving(snapshot)
        if let breakers { text.page.failing(snapshot.reactors, breakers, crews) }
        if let shadows { text.page.shadows(snapshot.shadows, shadows) }
        if let recording { text.page.recording(recording) }
        if let supervision { text.page.supervision(supervision) }
        text.page.triton(snapshot.variants)
        text.process(process)
        return text.page.finished()
    }

    private mutating func serving(_ snapshot: Snapshot) {
        requests(snapshot)
        page.head(MetricNames.rows)
        for totals in snapshot.variants { page.sample(MetricNames.rows, [totals.route, totals.variant], "\(totals.rows)") }
        durations(MetricNames.requestDuration, snapshot.variants, \.latency)
        durations(MetricNames.queueDuration, snapshot.variants, \.queue)
        durations(MetricNames.modelDuration, snapshot.variants, \.model)
        reactors(snapshot.reactors)
    }

    private mutating func requests(_ snapshot: Snapshot) {
        page.head(MetricNames.requests)
        for totals in snapshot.variants { answers(totals.answers, totals.route, totals.variant) }
        for totals in snapshot.routes { answers(totals.answers, totals.route, "") }
        answers(snapshot.reactors.answers, "", "")
    }

    private mutating func answers(_ answers: [UInt64], _ route: String, _ variant: String) {
        for code in StatusCode.allCases where answers[Int(code.rawValue)] != 0 {
            page.sample(MetricNames.requests, [route, variant, code.label], "\(answers[Int(code.rawValue)])")
        }
    }

    private mutating func durations(
        _ family: MetricFamily, _ variants: [VariantTotals], _ histogram: KeyPath<VariantTotals, LatencyHistogram>
    ) {
        page.head(family)
        for totals in variants { page.histogram(family, [totals.route, totals.variant], totals[keyPath: histogram]) }
    }

    private mutating func reactors(_ totals: ReactorTotals) {
        page.single(MetricNames.connections, "\(totals.connectionsOpen)")
        page.single(MetricNames.connectionsAccepted, "\(totals[.connectionsOpened])")
        page.single(MetricNames.handshakesFailed, "\(totals[.handshakesFailed])")
        page.head(MetricNames.refused)
        for reason in Refusal.allCases { page.sample(MetricNames.refused, [reason.label], "\(totals[reason])") }
        limited(totals)
        page.single(MetricNames.received, "\(totals[.bytesReceived])")
        page.single(MetricNames.sent, "\(totals[.bytesSent])")
        page.head(MetricNames.httpRequests)
        page.sample(MetricNames.httpRequests, ["1.1"], "\(totals[.requestsH1])")
        page.sample(MetricNames.httpRequests, ["2"], "\(totals[.requestsH2])")
        page.single(MetricNames.turns, "\(totals[.turns])")
        page.single(MetricNames.batches, "\(totals[.batches])")
        page.single(MetricNames.accessLinesDropped, "\(totals[.accessLinesDropped])")
    }

    /// What limits did; a model's queue has an end and cannot only observe.
    private mutating func limited(_ totals: ReactorTotals) {
        page.head(MetricNames.limited)
        let counters: [(limit: String, refused: ReactorCounter, observed: ReactorCounter?)] = [
            ("rate", .rateRefused, .rateObserved), ("concurrency", .concurrencyRefused, .concurrencyObserved),
            ("shed", .shedRefused, .shedObserved), ("queue", .queueRefused, nil),
        ]
        for (limit, refused, observed) in counters {
            page.sample(MetricNames.limited, [limit, "refused"], "\(totals[refused])")
            if let observed { page.sample(MetricNames.limited, [limit, "observed"], "\(totals[observed])") }
        }
    }

    private mutating func process(_ figures: ProcessFigures) {
        page.head(MetricNames.buildInfo)
        page.sample(MetricNames.buildInfo, [figures.version], "1")
        page.single(MetricNames.planGeneration, "\(figures.planGeneration)")
        page.single(MetricNames.routes, "\(figures.routes)")
        page.single(MetricNames.modelsLoaded, "\(figures.modelsLoaded)")
        page.single(MetricNames.startTime, ExpositionWriter.number(figures.startTime))
        page.single(MetricNames.cpuTime, ExpositionWriter.number(figures.cpuTime))
        page.single(MetricNames.residentMemory, "\(figures.residentBytes)")
        page.single(MetricNames.openDescriptors, "\(figures.openDescriptors)")
    }
}
