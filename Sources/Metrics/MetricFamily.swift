/// What a family's numbers are.
package enum MetricKind: Sendable {
    case counter, gauge, histogram
    /// Always 1; what it tells is in its labels. OpenMetrics has a type for it, the older format calls it a gauge.
    case info
    /// A counter under a name that another program chose, without `_total`.
    ///
    /// OpenMetrics lets a counter's samples end in `_total` only, and renaming them would break the dashboards that the name is kept
    /// for: there its type is `unknown`. The older format, as Triton itself, calls it a counter.
    case foreignCounter

    /// The word of the `# TYPE` line.
    func word(in format: ExpositionFormat) -> String {
        switch (self, format) {
        case (.counter, _), (.foreignCounter, .prometheus): "counter"
        case (.gauge, _), (.info, .prometheus): "gauge"
        case (.histogram, _): "histogram"
        case (.info, .openMetrics): "info"
        case (.foreignCounter, .openMetrics): "unknown"
        }
    }
}

/// One family of metrics: what the lines above its samples say.
package struct MetricFamily: Equatable, Sendable {
    /// Name of the samples, a histogram's suffixes left off.
    package let name: String
    package let kind: MetricKind
    /// Base unit that the name ends in (before `_total`), empty for plain counts and for names that are not ours.
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

    /// Name on the `# HELP`, `# TYPE` and `# UNIT` lines: OpenMetrics leaves off the suffix that the type puts on its samples.
    package func heading(in format: ExpositionFormat) -> String {
        switch (kind, format) {
        case (.counter, .openMetrics): String(name.dropLast("_total".count))
        case (.info, .openMetrics): String(name.dropLast("_info".count))
        default: name
        }
    }
}
