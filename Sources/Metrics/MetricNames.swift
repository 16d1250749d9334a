/// What a family's numbers are, in the words of the Prometheus text format.
package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// One family of metrics: what the `# HELP` and `# TYPE` lines say.
package struct MetricFamily: Equatable, Sendable {
    package let name: String
    package let kind: MetricKind
    /// Base unit that the name ends in (before `_total`), empty for plain counts.
    package let unit: String
    package let labels: [String]
    package let help: String

    init(_ name: String, _ kind: MetricKind, unit: String = "", labels: [String] = [], help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.help = help
    }
}

/// Every metric's name, unit, labels and meaning.
///
/// Names follow prometheus.io/docs/practices/naming: base units, counters end in `_total`. Labels come from route files and closed
/// sets only, never from a request.
package enum MetricNames {
    package static let requests = MetricFamily(
        "weir_requests_total", .counter, labels: ["route", "variant", "code"],
        help: "Answered requests. An empty variant: refused before one was assigned; an empty route: no route matched. "
            + "Code 499: the client went away.")
    package static let rows = MetricFamily(
        "weir_rows_total", .counter, labels: ["route", "variant"], help: "Rows that requests asked of a variant.")
    package static let requestDuration = MetricFamily(
        "weir_request_duration_seconds", .histogram, unit: "seconds", labels: ["route", "variant"],
        help: "From a request's head to its answer's being handed to the connection.")
    package static let modelDuration = MetricFamily(
        "weir_model_duration_seconds", .histogram, unit: "seconds", labels: ["route", "variant"],
        help: "Time inside the model.")

    package static let connections = MetricFamily("weir_connections", .gauge, help: "Open client connections.")
    package static let connectionsTotal = MetricFamily(
        "weir_connections_total", .counter, help: "Client connections accepted.")
    package static let handshakesFailed = MetricFamily(
        "weir_handshakes_failed_total", .counter, help: "TLS handshakes that did not complete.")
    package static let refused = MetricFamily(
        "weir_refused_total", .counter, labels: ["reason"], help: "Connections and streams that a limit turned away or ended.")
    package static let received = MetricFamily(
        "weir_received_bytes_total", .counter, unit: "bytes", help: "Bytes read from client sockets.")
    package static let sent = MetricFamily(
        "weir_sent_bytes_total", .counter, unit: "bytes", help: "Bytes written to client sockets.")
    package static let httpRequests = MetricFamily(
        "weir_http_requests_total", .counter, labels: ["version"], help: "Requests by version of HTTP.")
    package static let turns = MetricFamily("weir_turns_total", .counter, help: "Turns of the event loops.")
    package static let batches = MetricFamily(
        "weir_model_batches_total", .counter, help: "Model calls; each answers the rows of as many requests as fit.")
    package static let accessLinesDropped = MetricFamily(
        "weir_access_lines_dropped_total", .counter, help: "Access-log lines dropped because the log could not keep up.")

    package static let buildInfo = MetricFamily(
        "weir_build_info", .gauge, labels: ["version"], help: "Always 1; the running version is in the label.")
    package static let planGeneration = MetricFamily(
        "weir_plan_generation", .gauge, help: "Number of the plan in force; grows by one with each change taken over.")
    package static let routes = MetricFamily("weir_routes", .gauge, help: "Routes of the plan in force.")
    package static let modelsLoaded = MetricFamily(
        "weir_models_loaded", .gauge, help: "Distinct model files in memory.")

    package static let startTime = MetricFamily(
        "process_start_time_seconds", .gauge, unit: "seconds", help: "Start of the process, in seconds since 1970.")
    package static let cpuTime = MetricFamily(
        "process_cpu_seconds_total", .counter, unit: "seconds", help: "CPU time, user and system.")
    package static let residentMemory = MetricFamily(
        "process_resident_memory_bytes", .gauge, unit: "bytes", help: "Resident memory.")
    package static let openDescriptors = MetricFamily(
        "process_open_fds", .gauge, help: "Open file descriptors.")

    /// All families, in the order in which they are printed.
    package static let all = [
        requests, rows, requestDuration, modelDuration, connections, connectionsTotal, handshakesFailed, refused, received, sent,
        httpRequests, turns, batches, accessLinesDropped, buildInfo, planGeneration, routes, modelsLoaded, startTime, cpuTime,
        residentMemory, openDescriptors,
    ]

    /// Upper bounds of the exported buckets, in nanoseconds: from a small model's call to the default deadline. Few, because each is a
    /// series for every variant; the fine buckets stay inside.
    package static let durationBounds: [UInt64] = [
        5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 1_000_000_000,
    ]
}
