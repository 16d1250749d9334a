/// The two text formats of the numbers.
package enum ExpositionFormat: CaseIterable, Sendable {
    /// Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
    case prometheus
    /// OpenMetrics 1.0 (github.com/prometheus/OpenMetrics, specification/OpenMetrics.md), without exemplars and `_created` samples.
    case openMetrics

    /// The format for a request's `Accept` field (RFC 9110, section 12.5.1); an empty text for a request without one.
    ///
    /// OpenMetrics is for those who prefer it, or name it and like both alike. Everybody else gets ``prometheus``, also those who accept
    /// neither: a person with a browser is served better by the wrong format than by a 406. Linear in the text's length, which the limit on
    /// a request's head bounds.
    package init(accept: String) {
        let ranges = MediaRange.list(accept)
        let plain = Self.prometheus.rank(in: ranges)
        let open = Self.openMetrics.rank(in: ranges)
        let isNamed = open.specificity >= .subtype
        self = open.quality > plain.quality || (open.quality > 0 && open.quality == plain.quality && isNamed) ? .openMetrics : .prometheus
    }

    /// The `Content-Type` of the text.
    package var contentType: StaticString {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    private var mediaType: (type: String, subtype: String, version: String) {
        switch self {
        case .prometheus: ("text", "plain", "0.0.4")
        case .openMetrics: ("application", "openmetrics-text", "1.0.0")
        }
    }

    /// The most specific range that takes this format decides; of equally specific ones, the kindest.
    private func rank(in ranges: [MediaRange]) -> (specificity: MediaRange.Specificity, quality: Int) {
        let (type, subtype, version) = mediaType
        var best = (specificity: MediaRange.Specificity.anything, quality: 0)
        for range in ranges {
            guard let specificity = range.specificity(type, subtype, version: version) else { continue }
            if best < (specificity, range.quality) { best = (specificity, range.quality) }
        }
        return best
    }
}
