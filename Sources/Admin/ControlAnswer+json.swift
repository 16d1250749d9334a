import Foundation
import Gateway

extension ControlAnswer {
    /// An answer in JSON with sorted keys; what is nil is left out.
    static func json(_ status: Int, fields: [Field] = [], _ value: some Encodable) -> ControlAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return ControlAnswer(status: status, fields: fields, body: Array(try encoder.encode(value)))
        } catch {
            // Only a number that JSON cannot write; a ledger lets none in.
            return .fault(500, "answer-unwritable", "The answer cannot be written as JSON.")
        }
    }
}
