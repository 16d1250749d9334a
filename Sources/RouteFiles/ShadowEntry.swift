/// One model that gets a copy of a share of the predictions, and whose answers nobody receives.
package struct ShadowEntry: Sendable, Equatable {
    package var name: String
    package var line: Int
    /// The model file, relative to the route's folder.
    package var model: String
    package var modelLine: Int
    /// The model's digest, as 64 lower-case hexadecimal digits; it was compared with the file.
    package var sha256: String
    /// Percent of the predictions that are copied, 0 to 100.
    package var percent = Defaults.shadowPercent
    /// Only predictions that are assigned to these are copied; empty: to every variant.
    package var follow: [String] = []
    /// Percent of the compared predictions that may diverge before it goes live, 0 to 100.
    package var limit = Defaults.shadowLimit
    /// Of models that answer a value: the relative difference beyond which an answer diverges, above 0.
    package var tolerance = Defaults.shadowTolerance
}
