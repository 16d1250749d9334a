/// A fault in words, for an error body. `message` and `field` are plain text: escape them as JSON strings.
package struct FaultReport: Sendable, Equatable {
    package let code: String
    package let message: String
    package let field: String?
    package let row: Int?
}

extension ContractFault {
    /// Says what is wrong, what was expected and what came; `contract` is the one that the body was read under. Off the data path;
    /// call it before the decoder reads another body.
    package func describe(_ contract: Contract) -> FaultReport {
        let fieldName = self.fieldName(contract)
        let message = sentence(contract, fieldName.map { "\"\($0)\"" } ?? "the body")
        return FaultReport(code: code.name, message: row.map { "row \($0): \(message)" } ?? message, field: fieldName, row: row)
    }

    private func fieldName(_ contract: Contract) -> String? {
        if let name { return ContractFault.printable(name) }
        guard let field else { return nil }
        if field < contract.fields.count { return contract.fields[field].name }
        return field == contract.fields.count ? contract.unitField : Contract.instances
    }

    /// The name without control characters, which have no place in a sentence.
    static func printable(_ name: UnsafeBufferPointer<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: name, as: UTF8.self).unicodeScalars {
            text.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return text
    }

    private func sentence(_ contract: Contract, _ subject: String) -> String {
        switch code {
        case .emptyBody: "the body is empty; send a JSON object with the features"
        case .bodyTooLarge: "the body is larger than this server reads"
        case .invalidJSON: "the body is not valid JSON" + (position.map { "; the trouble is near byte \($0)" } ?? "")
        case .invalidUTF8: "the body is not valid UTF-8"
        case .tooDeep: "the body has objects or arrays nested more than \(Limits.nesting) deep"
        case .notAnObject: row == nil ? "the body must be a JSON object" : "every instance must be a JSON object"
        case .mixedForms: "features may stand in the rows of \"instances\" or at the top, not in both"
        case .noRows: "\"instances\" holds no rows"
        case .tooManyRows: "\"instances\" holds more than \(contract.maxRows) rows"
        case .duplicateField: "\(subject) comes twice"
        case .unknownField: "\(subject) is no field of this route"
        case .missingValue: "\(subject) is required (\(expected(contract))), but \(came(contract))"
        case .textFull: "the strings of the body are too long together"
        case .wrongType, .outOfRange, .notAnInteger, .nonFinite, .valueNotAllowed, .textTooLong:
            "\(subject) must be \(expected(contract)), but \(came(contract))"
        }
    }

    /// What the field may hold, for people: `a number from 1890 to 2030`.
    private func expected(_ contract: Contract) -> String {
        guard let index = field, index < contract.fields.count else {
            return field == contract.fields.count ? "a string of at most \(Limits.unitBytes) bytes or an integer" : "an array of objects"
        }
        return contract.fields[index].expectation(asUnit: contract.unitField == contract.fields[index].name)
    }

    private func came(_ contract: Contract) -> String {
        switch code {
        case .nonFinite: return "the number is too large"
        case .textTooLong: return "it has \(ContractFault.text(of: value)) bytes"
        case .valueNotAllowed: return "another string came"
        case .outOfRange, .notAnInteger: return isPrivate(contract) ? "another number came" : "\(ContractFault.text(of: value)) came"
        default: break
        }
        return found.words
    }

    /// Whether the value may not be quoted: a private field's, and a unit's.
    private func isPrivate(_ contract: Contract) -> Bool {
        guard let field, field < contract.fields.count else { return true }
        return contract.fields[field].isPrivate || contract.fields[field].name == contract.unitField
    }

    static func text(of number: Double) -> String {
        String(decoding: NumberText.bytes(of: number), as: UTF8.self)
    }
}

extension ContractFault.Found {
    /// What came, as the end of a sentence.
    var words: String {
        switch self {
        case .nothing: "it is not there"
        case .null: "null came"
        case .notANumber: "NaN or Infinity came"
        case .number: "a number came"
        case .boolean: "true or false came"
        case .string: "a string came"
        case .object: "an object came"
        case .array: "an array came"
        case .garbage: "something else came"
        }
    }
}

extension ContractField {
    fileprivate func expectation(asUnit: Bool) -> String {
        switch kind {
        case .boolean: return "true or false"
        case .number: return "a number" + range
        case .integer: return "an integer" + (range.isEmpty ? " within ±2^53" : range)
        case .string:
            if values.isEmpty { return "a string of at most \(asUnit ? min(maximumLength, Limits.unitBytes) : maximumLength) bytes" }
            let listed = values.prefix(Limits.listedValues).map { "\"\($0)\"" }.joined(separator: ", ")
            let more = values.count - Limits.listedValues
            return "one of \(listed)" + (more > 0 ? " and \(more) more" : "")
        }
    }

    private var range: String {
        let low = minimum.map { ContractFault.text(of: $0) }
        let high = maximum.map { ContractFault.text(of: $0) }
        return switch (low, high) {
        case (let low?, let high?): " from \(low) to \(high)"
        case (let low?, nil): " of at least \(low)"
        case (nil, let high?): " of at most \(high)"
        case (nil, nil): ""
        }
    }
}
