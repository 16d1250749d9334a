/// What became of workers before this one, and which variants are kept out of traffic for it; gathered by whoever answers a scrape.
package struct SupervisionFigures: Equatable, Sendable {
    /// Workers started in place of another since the supervisor began, by reason, in the order in which they are to be printed.
    package var restarts: [(reason: String, count: UInt64)]
    /// Variants of the plan in force, and whether they are held.
    package var variants: [HeldMark]

    /// Whether one variant is kept out of traffic.
    package struct HeldMark: Equatable, Sendable {
        package var route: String
        package var variant: String
        package var isHeld: Bool

        package init(route: String, variant: String, isHeld: Bool) {
            self.route = route
            self.variant = variant
            self.isHeld = isHeld
        }
    }

    package init(restarts: [(reason: String, count: UInt64)], variants: [HeldMark]) {
        self.restarts = restarts
        self.variants = variants
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.variants == right.variants && left.restarts.elementsEqual(right.restarts, by: ==)
    }
}

extension ExpositionWriter {
    /// Restarts, and variants that are held.
    mutating func supervision(_ figures: SupervisionFigures) {
        head(MetricNames.workerRestarts)
        for (reason, count) in figures.restarts { sample(MetricNames.workerRestarts, [reason], "\(count)") }
        head(MetricNames.variantHeld)
        for mark in figures.variants { sample(MetricNames.variantHeld, [mark.route, mark.variant], mark.isHeld ? "1" : "0") }
    }
}
