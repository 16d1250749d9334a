import Foundation
import Ledgers
import Primitives

/// A prediction on which a shadow and its primary differed, in JSON.
package struct ExampleAnswer: Encodable, Equatable, Sendable {
    /// Its key: the first 18 characters are the 49th to the 66th of its id.
    let prediction: String
    /// When it was predicted, ISO 8601 in UTC.
    let at: String
    /// The primary.
    let variant: String
    let revision: UInt32
    /// How far the answers are apart, the larger the further: above 1 are other labels, 3 is no number. Left out when it is none itself.
    let divergence: Double?
    let answer: StoredValue
    let shadowAnswer: StoredValue
    /// The contract's fields without private ones; left out for none.
    let input: StoredValue?
    /// For a terminal: the row, and below it what each answered, as they are stored.
    package let lines: [String]

    enum CodingKeys: String, CodingKey {
        case prediction, at, variant, revision, divergence, answer, input
        case shadowAnswer = "shadow_answer"
    }

    init(_ example: ShadowExample) {
        prediction = Base64URL.text(of: example.key.span.bytes)
        at = example.at.description
        variant = example.variant
        revision = example.revision
        divergence = example.divergence.isFinite ? example.divergence : nil
        answer = StoredValue(json: example.answer)
        shadowAnswer = StoredValue(json: example.shadowAnswer)
        input = example.input.map { StoredValue(json: $0) }
        lines = [
            "\(String(format: "%.4g", example.divergence))  \(example.input ?? "(too long to be kept)")", "  \(example.variant): \(example.answer)",
            "  shadow: \(example.shadowAnswer)",
        ]
    }
}
