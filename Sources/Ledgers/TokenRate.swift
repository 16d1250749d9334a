/// How fast a token may ask: so many requests a second on the long run, so many at once.
package struct TokenRate: Hashable, Sendable, Codable {
    /// What happens beyond the rate.
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        /// 429.
        case enforce
        /// It is counted, and answered all the same.
        case observe
    }

    /// Requests a second, 0.001 to 1 000 000.
    package var perSecond: Double
    /// Requests that may come at once after a pause, 1 to 1 000 000.
    package var burst: Int
    package var mode: Mode

    /// - Parameter burst: nil for what comes in a second, at least 1.
    package init(perSecond: Double, burst: Int? = nil, mode: Mode = .enforce) {
        self.perSecond = perSecond
        self.burst = burst ?? max(1, Int(min(perSecond, 1_000_000).rounded(.up)))
        self.mode = mode
    }
}
