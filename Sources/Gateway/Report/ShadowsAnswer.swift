package import Ledgers

/// A route's shadows in JSON: what its file says of each, what it found with its present model, and where it stands.
package struct ShadowsAnswer: Encodable, Sendable {
    package var route: String
    /// When the counters were read, ISO 8601 in UTC.
    package var asOf: String
    /// In the order of the file, those that are live by now included.
    package var shadows: [Entry]

    enum CodingKeys: String, CodingKey {
        case route, shadows
        case asOf = "as_of"
    }

    /// One shadow.
    package struct Entry: Encodable, Sendable {
        package var name: String
        package var sha256: String
        /// Percent of the predictions that it gets a copy of.
        package var percent: Double
        /// The variants whose predictions are copied; empty for every one.
        package var follow: [String]
        /// Percent of the pairs that may diverge in a shadow that goes live.
        package var limit: Double
        package var tolerance: Double
        /// Whether the split in force names it: it is a variant, and gets no copies.
        package var isLive: Bool
        /// What stands against making it live, as in ``PromotionAnswer``.
        package var obstacle: String?
        /// Of its present model; left out when it has got no copy.
        package var figures: ShadowFigures?
        /// Left out where it does not run.
        package var standing: ShadowServing?
        /// Those that diverge most, the largest divergence first.
        let examples: [ExampleAnswer]

        enum CodingKeys: String, CodingKey {
            case name, sha256, percent, follow, tolerance, obstacle, figures, standing, examples
            case limit = "limit_percent"
            case isLive = "live"
        }
    }

    /// - Parameters:
    ///   - ledger: has the examples.
    ///   - serving: what the running server says of the route; nil when none does.
    ///   - now: when the source was read.
    package init(_ source: ReportSource, _ ledger: Ledger, serving: RouteServing?, now: Timestamp) throws(LedgerError) {
        let newest = source.records.revisions[0]
        var figures = RouteReport(source, serving: serving, now: now).shadows
        // They stand beside them, and more of them.
        for index in figures.indices { figures[index].examples = [] }
        var entries: [Entry] = []
        for shadow in source.records.shadows {
            let examples = try ledger.examples(
                route: newest.route, shadow: shadow.name, sha256: shadow.sha256, limit: ShadowLimits.examples)
            entries.append(
                Entry(
                    name: shadow.name, sha256: shadow.sha256, percent: shadow.percent, follow: shadow.follow, limit: shadow.limit,
                    tolerance: shadow.tolerance, isLive: newest.weights.contains { $0.name == shadow.name },
                    obstacle: Promotion(of: shadow, source.shadows).obstacle?.rawValue,
                    figures: figures.first { $0.name == shadow.name && shadow.sha256.hasPrefix($0.model) },
                    standing: serving?.shadows?.first { $0.name == shadow.name }, examples: examples.map(ExampleAnswer.init)))
        }
        (route, asOf, shadows) = (newest.route, now.description, entries)
    }
}
