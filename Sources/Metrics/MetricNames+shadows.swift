extension MetricNames {
    package static let shadowSampled = MetricFamily(
        "weir_shadow_sampled_total", .counter, labels: ["route", "shadow"],
        help: "Predictions of which the shadow was to get a copy. Each is compared or dropped in the end.")
    package static let shadowCompared = MetricFamily(
        "weir_shadow_compared_total", .counter, labels: ["route", "shadow"],
        help: "Copies whose answer was compared with that of the assigned variant.")
    package static let shadowSameLabel = MetricFamily(
        "weir_shadow_same_label_total", .counter, labels: ["route", "shadow"],
        help: "Compared copies of which both answered the same label; of models that answer a value all of them.")
    package static let shadowDiverged = MetricFamily(
        "weir_shadow_diverged_total", .counter, labels: ["route", "shadow"],
        help: "Compared copies of which both answers mean something else: another label, a value beyond the tolerance, or nothing finite.")
    package static let shadowDropped = MetricFamily(
        "weir_shadow_dropped_total", .counter, labels: ["route", "shadow", "reason"], help: "Copies that were not compared, by reason.")

    package static let shadowUp = MetricFamily(
        "weir_shadow_up", .gauge, labels: ["route", "shadow"], help: "1 while the shadow's process is there and takes rows, else 0.")
    package static let shadowQueue = MetricFamily(
        "weir_shadow_queue_rows", .gauge, labels: ["route", "shadow"], help: "Rows that wait for the shadow.")
    package static let shadowRestarts = MetricFamily(
        "weir_shadow_restarts_total", .counter, labels: ["route", "shadow"], help: "Processes of the shadow started in place of another.")
    package static let shadowBreakerState = MetricFamily(
        "weir_shadow_breaker_state", .gauge, labels: ["route", "shadow", "state"],
        help: "1 for the state that the shadow's breaker is in, else 0.")

    /// What shadows do, in the order in which it is printed.
    package static let shadows = [
        shadowSampled, shadowCompared, shadowSameLabel, shadowDiverged, shadowDropped, shadowUp, shadowQueue, shadowRestarts,
        shadowBreakerState,
    ]
}
