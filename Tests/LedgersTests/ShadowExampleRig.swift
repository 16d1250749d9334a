@testable import Ledgers

extension ShadowExample {
    /// An example of the prediction with a number, like those that a comparison finds.
    static func sample(
        _ number: Int, route: String = "r", shadow: String = "candidate", digest: Character = "a", unit: UInt64? = nil,
        divergence: Double = 1, input: String? = #"{"year":1977}"#
    ) -> ShadowExample {
        ShadowExample(
            route: route, shadow: shadow, sha256: String(repeating: digest, count: 64), variant: "champion", revision: 3,
            key: PredictionRecord.key(number), unit: unit, at: Timestamp(milliseconds: Timestamp.noon.milliseconds + Int64(number)),
            divergence: divergence, answer: #"{"label":"Drama"}"#, shadowAnswer: #"{"label":"Comedy"}"#, input: input)
    }
}
