/// Writes families and samples, line by line, in one of the two formats.
///
/// Samples read the same in both; they differ in the lines above them and in the end.
struct ExpositionWriter {
    private let format: ExpositionFormat
    private var text = ""

    init(format: ExpositionFormat) {
        self.format = format
    }

    /// The whole text; OpenMetrics wants an end, by which a reader sees that nothing was cut off.
    consuming func finished() -> String {
        format == .openMetrics ? text + "# EOF\n" : text
    }

    /// The lines above a family's samples.
    mutating func head(_ family: MetricFamily) {
        let name = family.heading(in: format)
        text += "# HELP \(name) \(Self.escaped(family.help, quotes: format == .openMetrics))\n"
        text += "# TYPE \(name) \(family.kind.word(in: format))\n"
        if format == .openMetrics, !family.unit.isEmpty { text += "# UNIT \(name) \(family.unit)\n" }
    }

    /// A family of one sample without labels; without a value, the lines above it alone.
    mutating func single(_ family: MetricFamily, _ value: String?) {
        head(family)
        if let value { sample(family, [], value) }
    }

    /// One sample; `values` belong to the family's labels in order.
    mutating func sample(_ family: MetricFamily, _ values: [String], _ value: String, suffix: String = "", bound: String? = nil) {
        precondition(values.count == family.labels.count)
        var labels = zip(family.labels, values).map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
        if let bound { labels.append("le=\"\(bound)\"") }
        text += family.name + suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(value)\n"
    }

    /// The samples of one histogram, at ``MetricNames/durationBounds``.
    mutating func histogram(_ family: MetricFamily, _ values: [String], _ histogram: LatencyHistogram) {
        let counts = histogram.cumulative(at: MetricNames.durationBounds)
        for (bound, count) in zip(Self.bounds, counts) {
            sample(family, values, "\(count)", suffix: "_bucket", bound: bound)
        }
        sample(family, values, Self.seconds(histogram.sum), suffix: "_sum")
        sample(family, values, "\(counts.last ?? 0)", suffix: "_count")
    }

    /// Values of the label `le`.
    private static let bounds = MetricNames.durationBounds.map { seconds($0) } + ["+Inf"]

    /// Nanoseconds as seconds, in the shortest form that reads back equal.
    static func seconds(_ nanoseconds: UInt64) -> String {
        number(Double(nanoseconds) / 1e9)
    }

    /// A number as both formats spell it: Swift's shortest form, with `NaN`, `+Inf` and `-Inf` as they want them.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : "\(value)"
    }

    /// Backslash and line feed are escaped; the quote in label values and, by OpenMetrics, in help texts.
    static func escaped(_ value: String, quotes: Bool) -> String {
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
