import Testing

@testable import Metrics

@Suite struct PrometheusTextTests {
    private static let process = ProcessFigures(
        version: "0.1.0", planGeneration: 3, routes: 1, modelsLoaded: 2, startTime: 1_700_000_000.5, cpuTime: 1.25,
        residentBytes: 4_096, openDescriptors: 7)

    /// A page with one variant that answered twice, one refusal and one answer without a route.
    private static func page() -> [Substring] {
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
        return PrometheusText.render(registry.snapshot(), process).split(separator: "\n")
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
            "weir_connections_total 5",
            #"weir_refused_total{reason="slow_head"} 1"#,
            #"weir_refused_total{reason="connection_limit"} 0"#,
            #"weir_http_requests_total{version="2"} 0"#,
            #"weir_build_info{version="0.1.0"} 1"#,
            "weir_plan_generation 3",
            "weir_routes 1",
            "weir_models_loaded 2",
            "process_start_time_seconds 1700000000.5",
            "process_cpu_seconds_total 1.25",
        ])
    func holds(line: String) {
        #expect(Self.page().contains(Substring(line)))
    }

    @Test("every family is printed once, in order, with help and type, and each sample belongs to the family above it")
    func families() {
        var seen: [String] = []
        for line in Self.page() {
            if line.hasPrefix("# HELP ") {
                seen.append(String(line.split(separator: " ")[2]))
            } else if !line.hasPrefix("# TYPE ") {
                #expect(line.hasPrefix(seen.last ?? "none"), "\(line)")
            }
        }
        #expect(seen == MetricNames.all.map(\.name))
    }

    @Test("names follow the convention: unit last, counters end in _total", arguments: MetricNames.all)
    func naming(family: MetricFamily) {
        let name = family.kind == .counter ? String(family.name.dropLast("_total".count)) : family.name
        #expect(family.name.hasSuffix("_total") == (family.kind == .counter))
        #expect(name.hasSuffix(family.unit))
        #expect(family.help.hasSuffix("."))
    }

    @Test("label values are escaped as the format demands")
    func escaping() {
        #expect(PrometheusText.escaped("a\\b\"c\nd é") == "a\\\\b\\\"c\\nd é")
        #expect(PrometheusText.escaped("say \"so\"", quotes: false) == "say \"so\"")
    }

    @Test("exported bounds ascend and lie within the histogram's range")
    func bounds() {
        let bounds = MetricNames.durationBounds
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bounds.allSatisfy { (LatencyHistogram.lowest...LatencyHistogram.highest).contains($0) })
    }
}
