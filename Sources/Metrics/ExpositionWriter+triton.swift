/// Triton's names for what is counted anyway (docs.nvidia.com, Triton Inference Server, user guide, *Metrics*).
///
/// A variant costs nine series. The label `version` holds the variant's name: dashboards that group by model and version then show each
/// variant, and the values are bounded by the plan, where a revision's number would make new series with every change.
///
/// Not there: `nv_inference_exec_count`, because model calls are counted for the process (``MetricNames/batches``) and not for a variant.
extension ExpositionWriter {
    mutating func triton(_ variants: [VariantTotals]) {
        each(MetricNames.tritonSuccess, variants) { $0.answers(.ok) }
        head(MetricNames.tritonFailure)
        for totals in variants {
            for reason in TritonFailure.allCases {
                sample(MetricNames.tritonFailure, Self.names(totals) + [reason.rawValue], "\(reason.count(totals))")
            }
        }
        each(MetricNames.tritonCount, variants) { $0.rows }
        each(MetricNames.tritonRequestDuration, variants) { $0.latency.sum / 1_000 }
        each(MetricNames.tritonQueueDuration, variants) { $0.queue.sum / 1_000 }
        each(MetricNames.tritonComputeDuration, variants) { $0.model.sum / 1_000 }
    }

    private mutating func each(_ family: MetricFamily, _ variants: [VariantTotals], _ value: (VariantTotals) -> UInt64) {
        head(family)
        for totals in variants { sample(family, Self.names(totals), "\(value(totals))") }
    }

    /// The values of `model`, `version` and `variant`.
    private static func names(_ totals: VariantTotals) -> [String] {
        [totals.route, totals.variant, totals.variant]
    }
}

/// Triton's reasons for a request without a prediction.
private enum TritonFailure: String, CaseIterable {
    case rejected = "REJECTED"
    case canceled = "CANCELED"
    case backend = "BACKEND"
    case other = "OTHER"

    /// How many of a variant's answers this reason stands for.
    func count(_ totals: VariantTotals) -> UInt64 {
        switch self {
        case .rejected: totals.answers(.refused) + totals.answers(.timeout)
        case .canceled: totals.answers(.cancelled)
        case .backend: totals.answers(.modelFailure)
        case .other: totals.answers(.callerFault)
        }
    }
}
