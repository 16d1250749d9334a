internal import CSimdJSON

/// Why a body of outcomes was refused. Trivially copyable and without text; `describe` makes the sentence.
package struct OutcomeFault {
    /// A key of an outcome. The order is that of CSimdJSON.h.
    package enum Key: Int32, Sendable {
        case prediction, name, value, at, replace

        var text: String {
            switch self {
            case .prediction: "prediction"
            case .name: "name"
            case .value: "value"
            case .at: "at"
            case .replace: "replace"
            }
        }
    }

    /// The kind of fault; the caller's mistake in every case.
    package let code: ContractFault.Code
    package let found: ContractFault.Found
    /// The key that is to blame; nil when none of ours is.
    package let key: Key?
    /// The outcome in a list, from 0.
    package let row: Int?
    /// Where the text stops being JSON, in bytes from the start, if that is known.
    let position: Int?
    /// Bytes of a text that is too long.
    let length: Int
    /// An unknown key, at most 64 bytes of valid UTF-8; valid until the reader's next body.
    let name: UnsafeBufferPointer<UInt8>?
    private let maxItems: Int

    init(_ outcomes: csimdjson_outcomes, maxItems: Int) {
        code = ContractFault.Code(rawValue: outcomes.fault) ?? .invalidJSON
        found = ContractFault.Found(rawValue: outcomes.found) ?? .nothing
        key = Key(rawValue: outcomes.key)
        row = outcomes.row < 0 ? nil : Int(outcomes.row)
        position = outcomes.position < 0 ? nil : Int(outcomes.position)
        length = Int(outcomes.length)
        name = outcomes.name.bytes == nil ? nil : UnsafeBufferPointer(outcomes.name)
        self.maxItems = maxItems
    }

    /// Says what is wrong, what was expected and what came. Call it before the reader reads another body.
    package func describe() -> FaultReport {
        let field = name.map(ContractFault.printable) ?? key?.text
        let message = sentence(field.map { "\"\($0)\"" } ?? "the body")
        return FaultReport(code: code.name, message: row.map { "row \($0): \(message)" } ?? message, field: field, row: row)
    }

    private func sentence(_ subject: String) -> String {
        switch code {
        case .emptyBody: "the body is empty; send an outcome, a list of them, or one a line"
        case .bodyTooLarge: "the body is larger than this server reads"
        case .invalidUTF8: "the body is not valid UTF-8"
        case .notAnObject:
            row == nil ? "the body must be a JSON object, a list of them, or one a line" : "every outcome must be a JSON object"
        case .noRows: "the list holds no outcomes"
        case .tooManyRows: "the body holds more than \(maxItems) outcomes"
        case .duplicateField: "\(subject) comes twice"
        case .unknownField: "\(subject) is no key of an outcome; known are prediction, name, value, at and replace"
        case .missingValue: "\(subject) is required (\(expected)), but \(found.words)"
        case .textTooLong: "\(subject) must be \(expected), but it has \(length) bytes"
        case .outOfRange, .notAnInteger: "\(subject) must be \(expected), but another number came"
        case .valueNotAllowed: "\(subject) must be \(expected), but another string came"
        case .wrongType: "\(subject) must be \(expected), but \(found.words)"
        case .invalidJSON, .tooDeep, .mixedForms, .nonFinite, .textFull:
            "the body is not valid JSON" + (position.map { "; the trouble is near byte \($0)" } ?? "")
        }
    }

    private var expected: String {
        switch key {
        case .prediction: "a prediction's id, a string of at most \(Limits.predictionBytes) bytes"
        case .name: "the outcome's name, a string of at most \(Limits.outcomeNameBytes) bytes"
        case .value: "a number, true or false, or a string"
        case .at: "a time such as \"2026-11-22T20:00:00Z\" or whole milliseconds since 1970"
        case .replace: "true or false"
        case nil: "valid"
        }
    }
}
