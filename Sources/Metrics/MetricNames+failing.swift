extension MetricNames {
    package static let servedElsewhere = MetricFamily(
        "weir_served_elsewhere_total", .counter,
        help: "Predictions that another variant served because the breaker of theirs was not closed.")
    package static let probes = MetricFamily("weir_probes_total", .counter, help: "Calls that probed an open breaker.")
    package static let retries = MetricFamily(
        "weir_retries_total", .counter, labels: ["result"],
        help: "Failed predictions: tried again on another variant, or denied that by the route's budget.")
    package static let fallbacks = MetricFamily("weir_fallbacks_total", .counter, help: "Answers that a route's fallback gave.")
    package static let faultsInjected = MetricFamily(
        "weir_faults_injected_total", .counter, help: "Predictions that a fault for practice befell.")
    package static let callsTerminated = MetricFamily(
        "weir_model_calls_terminated_total", .counter, help: "Model calls that were ended because their deadline had passed.")

    package static let breakerState = MetricFamily(
        "weir_breaker_state", .gauge, labels: ["route", "variant", "state"],
        help: "1 for the state that the variant's breaker is in, else 0. Absent while a closed breaker has judged no call.")
    package static let breakerServed = MetricFamily(
        "weir_breaker_served_ratio", .gauge, unit: "ratio", labels: ["route", "variant"],
        help: "Share of its units that the variant's breaker lets through: 1 when closed, growing after it has closed again, else 0.")
    package static let breakerTrips = MetricFamily(
        "weir_breaker_trips_total", .counter, labels: ["route", "variant", "reason"],
        help: "How often the variant's breaker opened: failures in a row, share of failures or of slow calls, or a failed probe.")
    package static let breakerObservedTrips = MetricFamily(
        "weir_breaker_observed_trips_total", .counter, labels: ["route", "variant"],
        help: "How often the variant's breaker would have opened, had it not only observed.")
    package static let breakerCalls = MetricFamily(
        "weir_breaker_calls_total", .counter, labels: ["route", "variant", "result"],
        help: "The variant's calls as its breaker judges them. Refusals and callers' mistakes are not among them.")

    package static let workerQueue = MetricFamily(
        "weir_worker_queue_rows", .gauge, labels: ["route", "variant"],
        help: "Rows that wait for the variant's workers. Variants with one model and one contract share them. Absent where a model has none.")
    package static let workerThreads = MetricFamily(
        "weir_worker_threads", .gauge, labels: ["route", "variant"],
        help: "Threads that run the variant's model beside the reactors. Absent where a model has none.")

    /// What is done about variants that fail, in the order in which it is printed.
    package static let failing = [
        servedElsewhere, probes, retries, fallbacks, faultsInjected, callsTerminated, breakerState, breakerServed, breakerTrips,
        breakerObservedTrips, breakerCalls, workerQueue, workerThreads,
    ]
}
