/// A shadow as its route's file lists it now.
package struct ShadowDeclaration: Sendable, Hashable {
    package var name: String
    /// Digest of its model, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// Percent of the predictions that it gets a copy of, 0 to 100.
    package var percent: Double
    /// The variants whose predictions are copied; empty for every one.
    package var follow: [String]
    /// Percent of the compared predictions that may diverge in a shadow that goes live, 0 to 100.
    package var limit: Double
    /// For models that answer a value: the relative difference beyond which two answers diverge, above 0.
    package var tolerance: Double

    package init(name: String, sha256: String, percent: Double, follow: [String] = [], limit: Double, tolerance: Double) {
        self.name = name
        self.sha256 = sha256
        self.percent = percent
        self.follow = follow
        self.limit = limit
        self.tolerance = tolerance
    }
}
