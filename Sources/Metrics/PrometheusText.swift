/// What the process as a whole is at the moment of a scrape; measured by whoever answers it.
package struct ProcessFigures: Equatable, Sendable {
    package var version: String
    package var planGeneration: UInt64
    package var routes: Int
    package var modelsLoaded: Int
    /// Seconds since 1970.
    package var startTime: Double
    /// Seconds of CPU, user and system.
    package var cpuTime: Double
    package var residentBytes: UInt64
    package var openDescriptors: Int

    package init(
        version: String, planGeneration: UInt64, routes: Int, modelsLoaded: Int, startTime: Double, cpuTime: Double,
        residentBytes: UInt64, openDescriptors: Int
    ) {
        self.version = version
        self.planGeneration = planGeneration
        self.routes = routes
        self.modelsLoaded = modelsLoaded
        self.startTime = startTime
        self.cpuTime = cpuTime
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
    }
}

/// The numbers in the Prometheus text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
package struct PrometheusText {
    /// The `Content-Type` of the text.
    package static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    private var text = ""

    /// Renders a snapshot. The order is fixed (``MetricNames/all``), codes without an answer are left out.
    package static func render(_ snapshot: Snapshot, _ process: ProcessFigures) -> String {
        var page = PrometheusText()
        page.requests(snapshot)
        page.rows(snapshot.variants)
        page.durations(MetricNames.requestDuration, snapshot.variants, \.latency)
        page.durations(MetricNames.modelDuration, snapshot.variants, \.model)
        page.reactors(snapshot.reactors)
        page.process(process)
        return page.text
    }

    private mutating func requests(_ snapshot: Snapshot) {
        head(MetricNames.requests)
        for totals in snapshot.variants { answers(totals.answers, totals.route, totals.variant) }
        for totals in snapshot.routes { answers(totals.answers, totals.route, "") }
        answers(snapshot.reactors.answers, "", "")
    }

    private mutating func answers(_ answers: [UInt64], _ route: String, _ variant: String) {
        for code in StatusCode.allCases where answers[Int(code.rawValue)] != 0 {
            sample(MetricNames.requests, [route, variant, code.label], "\(answers[Int(code.rawValue)])")
        }
    }

    private mutating func rows(_ variants: [VariantTotals]) {
        head(MetricNames.rows)
        for totals in variants { sample(MetricNames.rows, [totals.route, totals.variant], "\(totals.rows)") }
    }

    private mutating func durations(
        _ family: MetricFamily, _ variants: [VariantTotals], _ histogram: KeyPath<VariantTotals, LatencyHistogram>
    ) {
        head(family)
        let bounds = MetricNames.durationBounds
        let labels = bounds.map { Self.seconds($0) } + ["+Inf"]
        for totals in variants {
            let histogram = totals[keyPath: histogram]
            let counts = histogram.cumulative(at: bounds)
            let names = [totals.route, totals.variant]
            for (bound, count) in zip(labels, counts) {
                sample(family, names, "\(count)", suffix: "_bucket", bound: bound)
            }
            sample(family, names, Self.seconds(histogram.sum), suffix: "_sum")
            sample(family, names, "\(counts.last ?? 0)", suffix: "_count")
        }
    }

    private mutating func reactors(_ totals: ReactorTotals) {
        single(MetricNames.connections, "\(totals.connectionsOpen)")
        single(MetricNames.connectionsTotal, "\(totals[.connectionsOpened])")
        single(MetricNames.handshakesFailed, "\(totals[.handshakesFailed])")
        head(MetricNames.refused)
        for reason in Refusal.allCases { sample(MetricNames.refused, [reason.label], "\(totals[reason])") }
        single(MetricNames.received, "\(totals[.bytesReceived])")
        single(MetricNames.sent, "\(totals[.bytesSent])")
        head(MetricNames.httpRequests)
        sample(MetricNames.httpRequests, ["1.1"], "\(totals[.requestsH1])")
        sample(MetricNames.httpRequests, ["2"], "\(totals[.requestsH2])")
        single(MetricNames.turns, "\(totals[.turns])")
        single(MetricNames.batches, "\(totals[.batches])")
        single(MetricNames.accessLinesDropped, "\(totals[.accessLinesDropped])")
    }

    private mutating func process(_ figures: ProcessFigures) {
        head(MetricNames.buildInfo)
        sample(MetricNames.buildInfo, [figures.version], "1")
        single(MetricNames.planGeneration, "\(figures.planGeneration)")
        single(MetricNames.routes, "\(figures.routes)")
        single(MetricNames.modelsLoaded, "\(figures.modelsLoaded)")
        single(MetricNames.startTime, "\(figures.startTime)")
        single(MetricNames.cpuTime, "\(figures.cpuTime)")
        single(MetricNames.residentMemory, "\(figures.residentBytes)")
        single(MetricNames.openDescriptors, "\(figures.openDescriptors)")
    }

    private mutating func single(_ family: MetricFamily, _ value: String) {
        head(family)
        sample(family, [], value)
    }

    private mutating func head(_ family: MetricFamily) {
        text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    /// One line; `values` belong to the family's labels in order.
    private mutating func sample(
        _ family: MetricFamily, _ values: [String], _ value: String, suffix: String = "", bound: String? = nil
    ) {
        var labels = zip(family.labels, values).map { "\($0)=\"\(Self.escaped($1))\"" }
        if let bound { labels.append("le=\"\(bound)\"") }
        text += family.name + suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(value)\n"
    }

    /// Nanoseconds as seconds, in the shortest form that reads back equal.
    static func seconds(_ nanoseconds: UInt64) -> String {
        "\(Double(nanoseconds) / 1e9)"
    }

    /// Backslash and line feed, and in label values the quote, are escaped by the format.
    static func escaped(_ value: String, quotes: Bool = true) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
