import Primitives
import Testing

@testable import Metrics

@Suite struct PrometheusTextTests {
    private static let process = ProcessFigures(
        version: "0.1.0", planGeneration: 3, routes: 1, modelsLoaded: 2, startTime: 1_700_000_000.5, cpuTime: 1.25,
        residentBytes: 4_096, openDescriptors: 7)

    /// A page with one variant that answered twice, one refusal and one answer without a route.
    private static func page(_ format: ExpositionFormat = .prometheus) -> [Substring] {
        let registry = CellRegistry(reactors: 2)
        let meter = registry.variant(route: "films", variant: "champion").meter(reactor: 1)
        meter.record(status: .s200, rows: 1, latency: 120_000, model: 4_000)
        meter.record(status: .s499, rows: 1, latency: 2_000_000_000, model: 0)
        registry.route("films").meter(reactor: 0).answered(.s401)
        let reactor = registry.reactors.meter(reactor: 0)
        reactor.answered(.s404)
        reactor.count(.connectionsOpened, 5)
        reactor.count(.connectionsClosed, 2)
        reactor.refused(.slowHead)
        reactor.count(.rateRefused, 3)
        reactor.count(.shedObserved, 4)
        reactor.count(.retries, 4)
        if let cells = registry.shadow(Shadows.key()) {
            for _ in 0..<4 { cells.copies(reactor: 0).sampled() }
            cells.copies(reactor: 1).dropped(.queueFull)
            _ = cells.pairs.compare(Shadows.pair(0.1, 0.2), primaryTime: 0, shadowTime: 0, tolerance: 0.1)
            _ = cells.pairs.compare(Shadows.pair(0.1, 0.9), primaryTime: 0, shadowTime: 0, tolerance: 0.1)
        }
        let supervision = SupervisionFigures(
            restarts: [("crash", 2)], variants: [SupervisionFigures.HeldMark(route: "films", variant: "champion", isHeld: true)])
        return PrometheusText.render(
            registry.snapshot(), process, breakers: [breaker()],
            crews: [CrewFigures(route: "films", variant: "challenger", waitingRows: 12, threads: 2)],
            shadows: [ShadowStanding(route: "films", shadow: "new", isUp: true, waitingRows: 7, restarts: 3, breakerState: .probing)],
            recording: figures(), supervision: supervision, format: format
        ).split(separator: "\n")
    }

    private static func breaker() -> BreakerFigures {
        BreakerFigures(
            route: "films", variant: "champion", state: .open, share: 0.25, trips: [("in_a_row", 2), ("probe_failed", 1)], observedTrips: 1, calls: [("ok", 80), ("failed", 15)])
    }

    /// Figures with a few numbers in them.
    private static func figures() -> RecordingFigures {
        var figures = RecordingFigures()
        figures.outcomes.declare(route: "films", outcomes: ["correct"])
        figures.outcomes.count(.recorded, route: "films", outcome: "correct", times: 6)
        figures.outcomes.count(.unknownName, route: "films", outcome: "rating")
        figures.outcomes.count(.forged, route: "somewhere", outcome: "else")
        figures.outcomesRefused[.diskFull] = 2
        figures.outcomeQueue = 17
        figures.exposures = [ExposureTotals(route: "films", variant: "champion", rows: 9)]
        figures.revisions = ["films": 12]
        figures.recorderBytes = 1_048_576
        figures.isRecorderInMemory = true
        figures.checkpointAge = 250_000_000
        figures.isLedgerUp = true
        return figures
    }

    @Test(
        "the page holds each number under its name and labels",
        arguments: [
            #"weir_requests_total{route="films",variant="champion",code="200"} 1"#,
            #"weir_requests_total{route="films",variant="champion",code="499"} 1"#,
            #"weir_requests_total{route="films",variant="",code="401"} 1"#,
            #"weir_requests_total{route="",variant="",code="404"} 1"#,
            #"weir_rows_total{route="films",variant="champion"} 2"#,
            #"weir_request_duration_seconds_bucket{route="films",variant="champion",le="0.0001"} 0"#,
            #"weir_request_duration_seconds_bucket{route="films",variant="champion",le="0.00025"} 1"#,
            #"weir_request_duration_seconds_bucket{route="films",variant="champion",le="1.0"} 1"#,
            #"weir_request_duration_seconds_bucket{route="films",variant="champion",le="+Inf"} 2"#,
            #"weir_request_duration_seconds_sum{route="films",variant="champion"} 2.00012"#,
            #"weir_request_duration_seconds_count{route="films",variant="champion"} 2"#,
            #"weir_model_duration_seconds_bucket{route="films",variant="champion",le="5e-06"} 1"#,
            #"weir_model_duration_seconds_count{route="films",variant="champion"} 1"#,
            "weir_connections 3",
            "weir_connections_accepted_total 5",
            #"weir_breaker_state{route="films",variant="champion",state="open"} 1"#,
            #"weir_breaker_state{route="films",variant="champion",state="closed"} 0"#,
            #"weir_breaker_served_ratio{route="films",variant="champion"} 0.25"#,
            #"weir_breaker_trips_total{route="films",variant="champion",reason="in_a_row"} 2"#,
            #"weir_breaker_trips_total{route="films",variant="champion",reason="probe_failed"} 1"#,
            #"weir_breaker_observed_trips_total{route="films",variant="champion"} 1"#,
            #"weir_worker_queue_rows{route="films",variant="challenger"} 12"#,
            #"weir_worker_threads{route="films",variant="challenger"} 2"#,
            #"weir_breaker_calls_total{route="films",variant="champion",result="failed"} 15"#,
            #"weir_retries_total{result="tried"} 4"#,
            #"weir_retries_total{result="denied"} 0"#,
            "weir_probes_total 0",
            #"weir_shadow_sampled_total{route="films",shadow="new"} 4"#,
            #"weir_shadow_compared_total{route="films",shadow="new"} 2"#,
            #"weir_shadow_same_label_total{route="films",shadow="new"} 1"#,
            #"weir_shadow_diverged_total{route="films",shadow="new"} 1"#,
            #"weir_shadow_dropped_total{route="films",shadow="new",reason="queue-full"} 1"#,
            #"weir_shadow_dropped_total{route="films",shadow="new",reason="worker-crash"} 0"#,
            #"weir_shadow_up{route="films",shadow="new"} 1"#,
            #"weir_shadow_queue_rows{route="films",shadow="new"} 7"#,
            #"weir_shadow_restarts_total{route="films",shadow="new"} 3"#,
            #"weir_shadow_breaker_state{route="films",shadow="new",state="probing"} 1"#,
            #"weir_shadow_breaker_state{route="films",shadow="new",state="closed"} 0"#,
            #"weir_worker_restarts_total{reason="crash"} 2"#,
            #"weir_variant_held{route="films",variant="champion"} 1"#,
            #"weir_refused_total{reason="slow_head"} 1"#,
            #"weir_refused_total{reason="connection_limit"} 0"#,
            #"weir_limited_total{limit="rate",result="refused"} 3"#,
            #"weir_limited_total{limit="shed",result="observed"} 4"#,
            #"weir_limited_total{limit="queue",result="refused"} 0"#,
            #"weir_http_requests_total{version="2"} 0"#,
            #"weir_build_info{version="0.1.0"} 1"#,
            "weir_plan_generation 3",
            "weir_routes 1",
            "weir_models_loaded 2",
            "process_start_time_seconds 1700000000.5",
            "process_cpu_seconds_total 1.25",
            #"weir_outcomes_total{route="films",outcome="correct",result="recorded"} 6"#,
            #"weir_outcomes_total{route="films",outcome="",result="unknown-name"} 1"#,
            #"weir_outcomes_total{route="",outcome="",result="forged"} 1"#,
            #"weir_outcomes_refused_total{reason="disk-full"} 2"#,
            #"weir_outcomes_refused_total{reason="queue-full"} 0"#,
            "weir_outcome_queue 17",
            #"weir_exposures_total{route="films",variant="champion"} 9"#,
            #"weir_revision{route="films"} 12"#,
            "weir_recorder_bytes 1048576",
            "weir_recorder_in_memory 1",
            "weir_checkpoint_age_seconds 0.25",
            "weir_ledger_up 1",
            #"nv_inference_request_success{model="films",version="champion",variant="champion"} 1"#,
            #"nv_inference_request_failure{model="films",version="champion",variant="champion",reason="CANCELED"} 1"#,
            #"nv_inference_request_failure{model="films",version="champion",variant="champion",reason="BACKEND"} 0"#,
            #"nv_inference_count{model="films",version="champion",variant="champion"} 2"#,
            #"nv_inference_request_duration_us{model="films",version="champion",variant="champion"} 2000120"#,
            #"nv_inference_compute_infer_duration_us{model="films",version="champion",variant="champion"} 4"#,
        ])
    func holds(line: String) {
        #expect(Self.page().contains(Substring(line)))
    }

    @Test("both formats hold the same samples")
    func sameSamples() {
        let samples = { (format: ExpositionFormat) in Self.page(format).filter { !$0.hasPrefix("# ") } }
        #expect(samples(.prometheus) == samples(.openMetrics))
    }

    @Test("every family is printed once, in order, and each sample belongs to the family above it", arguments: ExpositionFormat.allCases)
    func families(format: ExpositionFormat) {
        var seen: [String] = []
        for line in Self.page(format) {
            if line.hasPrefix("# HELP ") {
                seen.append(String(line.split(separator: " ")[2]))
            } else if !line.hasPrefix("# ") {
                #expect(line.hasPrefix(seen.last ?? "none"), "\(line)")
            }
        }
        #expect(seen == MetricNames.all.map { $0.heading(in: format) })
    }

    @Test("without breakers, shadows and figures of recording, their families are left out and nothing else is")
    func withoutRecording() {
        let text = PrometheusText.render(CellRegistry(reactors: 1).snapshot(), Self.process)
        let seen = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) }
        #expect(seen == (MetricNames.serving + MetricNames.triton + MetricNames.process).map(\.name))
    }

    @Test(
        "what was never measured has no sample: neither 0 nor NaN would be true",
        arguments: [MetricNames.foldLag, MetricNames.checkpointAge])
    func unmeasured(family: MetricFamily) {
        let text = PrometheusText.render(CellRegistry(reactors: 1).snapshot(), Self.process, recording: RecordingFigures())
        #expect(text.contains("# TYPE \(family.name) gauge\n") && !text.contains("\n\(family.name) "))
    }

    @Test(
        "OpenMetrics says type, unit and end in its own way",
        arguments: [
            "# TYPE weir_requests counter", "# TYPE process_cpu_seconds counter", "# UNIT process_cpu_seconds seconds",
            "# TYPE weir_build info", "# TYPE weir_request_duration_seconds histogram", "# UNIT weir_request_duration_seconds seconds",
            "# TYPE nv_inference_count unknown", "# HELP weir_rows Rows that requests asked of a variant.",
        ])
    func openMetrics(line: String) {
        let page = Self.page(.openMetrics)
        #expect(page.contains(Substring(line)))
        #expect(page.last == "# EOF" && page.filter { $0 == "# EOF" }.count == 1)
    }

    @Test("names follow the convention: unit last, counters end in _total", arguments: MetricNames.all)
    func naming(family: MetricFamily) {
        let name = family.kind == .counter ? String(family.name.dropLast("_total".count)) : family.name
        #expect(family.name.hasSuffix("_total") == (family.kind == .counter))
        #expect(family.name.hasPrefix("nv_") == (family.kind == .foreignCounter))
        #expect(name.hasSuffix(family.unit))
        #expect(family.help.hasSuffix("."))
    }

    @Test("a variant costs as many series as the page on operation says: 57, 9 and 1, before codes and exposures")
    func series() {
        let cost = { (variants: Int) in
            let registry = CellRegistry(reactors: 1)
            for number in 0..<variants { _ = registry.variant(route: "films", variant: "v\(number)") }
            let samples = PrometheusText.render(registry.snapshot(), Self.process).split(separator: "\n").filter { !$0.hasPrefix("# ") }
            return [samples.count { $0.contains("_duration_seconds_") }, samples.count { $0.hasPrefix("nv_") }, samples.count]
        }
        let (none, one, two) = (cost(0), cost(1), cost(2))
        #expect(zip(none, one).map { $1 - $0 } == [57, 9, 67])
        #expect(zip(one, two).map { $1 - $0 } == [57, 9, 67])
    }

    @Test("a shadow costs 20 series, as the page on operation says, and no variant's series changes")
    func shadowSeries() throws {
        let registry = CellRegistry(reactors: 1)
        registry.variant(route: "films", variant: "old").meter(reactor: 0).record(status: .s200, rows: 1, latency: 120_000, model: 4_000)
        let samples = { (shadows: [ShadowStanding]) in
            PrometheusText.render(registry.snapshot(), Self.process, shadows: shadows).split(separator: "\n").filter { !$0.hasPrefix("# ") }
        }
        let before = samples([])
        let cells = try #require(registry.shadow(Shadows.key()))
        cells.copies(reactor: 0).sampled()
        let after = samples([ShadowStanding(route: "films", shadow: "new", isUp: false, waitingRows: 0, restarts: 0, breakerState: .closed)])
        #expect(after.filter { !$0.hasPrefix("weir_shadow_") } == before && after.count - before.count == 20)
    }

    @Test("no two families share a name in OpenMetrics, where some lose their suffix")
    func distinctNames() {
        let names = MetricNames.all.map { $0.heading(in: .openMetrics) }
        #expect(Set(names).count == names.count)
    }

    @Test("label values are escaped as the format demands")
    func escaping() {
        #expect(ExpositionWriter.escaped("a\\b\"c\nd é", quotes: true) == "a\\\\b\\\"c\\nd é")
        #expect(ExpositionWriter.escaped("say \"so\"", quotes: false) == "say \"so\"")
    }

    @Test(
        "numbers read back equal, also those that are none",
        arguments: [(0.5, "0.5"), (1e-9, "1e-09"), (-.infinity, "-Inf"), (.infinity, "+Inf"), (.nan, "NaN")] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(ExpositionWriter.number(value) == text)
    }

    @Test("exported bounds ascend and lie within the histogram's range")
    func bounds() {
        let bounds = MetricNames.durationBounds
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bounds.allSatisfy { (LatencyHistogram.lowest...LatencyHistogram.highest).contains($0) })
    }
}
