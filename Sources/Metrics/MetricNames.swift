/// Every metric's name, unit, labels and meaning.
///
/// Names follow prometheus.io/docs/practices/naming: base units, counters end in `_total`; those that begin with `nv_` are Triton's, whose
/// dashboards go on working. Labels come from route files and closed sets only, never from a request.
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
    package static let queueDuration = MetricFamily(
        "weir_queue_duration_seconds", .histogram, unit: "seconds", labels: ["route", "variant"],
        help: "From a row's being ready to the begin of the model call that it was in.")
    package static let modelDuration = MetricFamily(
        "weir_model_duration_seconds", .histogram, unit: "seconds", labels: ["route", "variant"],
        help: "Time inside the model.")

    package static let connections = MetricFamily("weir_connections", .gauge, help: "Open client connections.")
    package static let connectionsAccepted = MetricFamily(
        "weir_connections_accepted_total", .counter, help: "Client connections accepted.")
    package static let handshakesFailed = MetricFamily(
        "weir_handshakes_failed_total", .counter, help: "TLS handshakes that did not complete.")
    package static let refused = MetricFamily(
        "weir_refused_total", .counter, labels: ["reason"], help: "Connections and streams that a limit turned away or ended.")
    package static let limited = MetricFamily(
        "weir_limited_total", .counter, labels: ["limit", "result"],
        help: "Predictions beyond a limit: refused, or let in where the limit only observes. Limits: rate (of a token), concurrency (of a route "
            + "or the process), shed (requests wait too long), queue (of a model's workers).")
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

    package static let outcomes = MetricFamily(
        "weir_outcomes_total", .counter, labels: ["route", "outcome", "result"],
        help: "Reported outcomes by answer. An empty outcome: its name is not declared; an empty route: its prediction id is not ours.")
    package static let outcomesRefused = MetricFamily(
        "weir_outcomes_refused_total", .counter, labels: ["reason"],
        help: "Reported outcomes that were answered 503 because they could not be stored.")
    package static let outcomeCommits = MetricFamily(
        "weir_outcome_commits_total", .counter, help: "Commits of outcomes; each holds as many as were waiting.")
    package static let outcomeQueue = MetricFamily("weir_outcome_queue", .gauge, help: "Bodies of outcomes that wait for their commit.")
    package static let exposures = MetricFamily(
        "weir_exposures_total", .counter, labels: ["route", "variant"],
        help: "Rows assigned to a variant, answered or not, whoever answered. Over all revisions.")
    package static let exposuresUncounted = MetricFamily(
        "weir_exposures_uncounted_total", .counter,
        help: "Rows whose exposure found no free time slice: served, and left out of the outcome statistics.")
    package static let revision = MetricFamily(
        "weir_revision", .gauge, labels: ["route"], help: "Number of the split in force.")
    package static let predictionsLogged = MetricFamily(
        "weir_predictions_logged_total", .counter, help: "Sampled predictions written to the prediction log.")
    package static let predictionsDropped = MetricFamily(
        "weir_predictions_log_dropped_total", .counter, help: "Sampled predictions that the prediction log had no room for.")
    package static let recorderBytes = MetricFamily(
        "weir_recorder_bytes", .gauge, unit: "bytes", help: "Size of this process's files of counters.")
    package static let recorderInMemory = MetricFamily(
        "weir_recorder_in_memory", .gauge, help: "1 when the files of counters are in /dev/shm, 0 when they are in the state folder.")
    package static let checkpointAge = MetricFamily(
        "weir_checkpoint_age_seconds", .gauge, unit: "seconds",
        help: "Time since the counters were last copied to the state folder. Absent before the first copy.")
    package static let foldLag = MetricFamily(
        "weir_fold_lag_seconds", .gauge, unit: "seconds",
        help: "Age of the moment up to which every outcome is in the sums. Absent before the first fold.")
    package static let ledgerUp = MetricFamily(
        "weir_ledger_up", .gauge, help: "1 when the last write to the ledger succeeded, else 0.")
    package static let logLinesLost = MetricFamily(
        "weir_log_lines_lost_total", .counter, help: "Log lines that could not be written.")

    package static let workerRestarts = MetricFamily(
        "weir_worker_restarts_total", .counter, labels: ["reason"],
        help: "Workers started in place of another: crash and killed by a signal, exit by themselves, upgrade for new code.")
    package static let variantHeld = MetricFamily(
        "weir_variant_held", .gauge, labels: ["route", "variant"],
        help: "1 while a variant is kept out of traffic because a worker died in it, else 0. Absent while a closed breaker has judged no call.")

    private static let tritonLabels = ["model", "version", "variant"]
    package static let tritonSuccess = MetricFamily(
        "nv_inference_request_success", .foreignCounter, labels: tritonLabels, help: "Requests answered with a prediction.")
    package static let tritonFailure = MetricFamily(
        "nv_inference_request_failure", .foreignCounter, labels: tritonLabels + ["reason"],
        help: "Requests without a prediction: REJECTED for load or deadline, CANCELED by the client, BACKEND for the model, else OTHER.")
    package static let tritonCount = MetricFamily(
        "nv_inference_count", .foreignCounter, labels: tritonLabels, help: "Rows that requests asked of the model.")
    package static let tritonRequestDuration = MetricFamily(
        "nv_inference_request_duration_us", .foreignCounter, labels: tritonLabels, help: "Microseconds of requests, end to end, added up.")
    package static let tritonQueueDuration = MetricFamily(
        "nv_inference_queue_duration_us", .foreignCounter, labels: tritonLabels,
        help: "Microseconds that requests waited for the model, added up.")
    package static let tritonComputeDuration = MetricFamily(
        "nv_inference_compute_infer_duration_us", .foreignCounter, labels: tritonLabels,
        help: "Microseconds that requests spent in the model, added up.")

    package static let buildInfo = MetricFamily(
        "weir_build_info", .info, labels: ["version"], help: "Always 1; the running version is in the label.")
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

    /// What reactors count, in the order in which it is printed.
    package static let serving = [
        requests, rows, requestDuration, queueDuration, modelDuration, connections, connectionsAccepted, handshakesFailed, refused, limited,
        received, sent, httpRequests, turns, batches, accessLinesDropped,
    ]
    /// What ``RecordingFigures`` hold, in order.
    package static let recording = [
        outcomes, outcomesRefused, outcomeCommits, outcomeQueue, exposures, exposuresUncounted, revision, predictionsLogged,
        predictionsDropped, recorderBytes, recorderInMemory, checkpointAge, foldLag, ledgerUp, logLinesLost,
    ]
    /// What ``SupervisionFigures`` hold, in order.
    package static let supervision = [workerRestarts, variantHeld]
    /// Triton's names, in order: ``serving`` again, in other words.
    package static let triton = [
        tritonSuccess, tritonFailure, tritonCount, tritonRequestDuration, tritonQueueDuration, tritonComputeDuration,
    ]
    /// What ``ProcessFigures`` hold, in order.
    package static let process = [
        buildInfo, planGeneration, routes, modelsLoaded, startTime, cpuTime, residentMemory, openDescriptors,
    ]
    /// All families, in the order in which they are printed.
    package static let all = serving + failing + shadows + recording + supervision + triton + process

    /// Upper bounds of the exported buckets, in nanoseconds: from a small model's call to the default deadline. Few, because each is a
    /// series for every variant; the fine buckets stay inside.
    package static let durationBounds: [UInt64] = [
        5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 1_000_000_000,
    ]
}
