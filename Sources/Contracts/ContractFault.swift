internal import CSimdJSON

/// Why a body was refused. Trivially copyable and without text, for the data path; `describe` makes the sentence.
package struct ContractFault {
    /// The kind of fault; the caller's mistake in every case. The order is that of CSimdJSON.h.
    package enum Code: UInt8, Sendable, CaseIterable {
        case emptyBody = 1, bodyTooLarge, invalidJSON, invalidUTF8, tooDeep, notAnObject, mixedForms, noRows, tooManyRows
        case duplicateField, unknownField, missingValue, wrongType, outOfRange, notAnInteger, nonFinite, valueNotAllowed
        case textTooLong, textFull
    }

    /// What stood where a value was expected. The order is that of CSimdJSON.h.
    package enum Found: UInt8, Sendable {
        case nothing, null, notANumber, number, boolean, string, object, array, garbage
    }

    package let code: Code
    package let found: Found
    /// The field's index in the contract; the number of fields for the unit's own field, one more for "instances"; nil when no field
    /// of the contract is meant.
    package let field: Int?
    /// The row, from 0, in the form with several rows.
    package let row: Int?
    /// The number that came (out of range, not an integer) or the bytes of the text that came (too long).
    let value: Double
    /// Where the text stops being JSON, in bytes from the start, if that is known.
    let position: Int?
    /// An unknown field's name, at most 64 bytes of valid UTF-8; valid until the decoder's next body.
    let name: UnsafeBufferPointer<UInt8>?

    init(_ decoded: csimdjson_decoded) {
        code = Code(rawValue: decoded.fault) ?? .invalidJSON
        found = Found(rawValue: decoded.found) ?? .nothing
        field = decoded.field < 0 ? nil : Int(decoded.field)
        row = decoded.row < 0 ? nil : Int(decoded.row)
        value = decoded.value
        position = decoded.position < 0 ? nil : Int(decoded.position)
        name = decoded.name.map { UnsafeBufferPointer(start: $0, count: Int(decoded.name_count)) }
    }
}

extension ContractFault.Code {
    /// The stable name that clients may program against.
    package var name: String {
        switch self {
        case .emptyBody: "empty-body"
        case .bodyTooLarge: "body-too-large"
        case .invalidJSON: "invalid-json"
        case .invalidUTF8: "invalid-utf8"
        case .tooDeep: "too-deep"
        case .notAnObject: "not-an-object"
        case .mixedForms: "mixed-forms"
        case .noRows: "no-rows"
        case .tooManyRows: "too-many-rows"
        case .duplicateField: "duplicate-field"
        case .unknownField: "unknown-field"
        case .missingValue: "missing-value"
        case .wrongType: "wrong-type"
        case .outOfRange: "out-of-range"
        case .notAnInteger: "not-an-integer"
        case .nonFinite: "non-finite"
        case .valueNotAllowed: "value-not-allowed"
        case .textTooLong: "text-too-long"
        case .textFull: "text-full"
        }
    }
}
