extension ContractField {
    /// What is wrong with the field by itself, as the key of the route file and the reason.
    func problems() -> [(key: String, reason: String)] {
        var problems: [(String, String)] = []
        if let reason = ContractField.nameProblem(name) { problems.append(("name", reason)) }
        switch kind {
        case .number, .integer: problems += boundProblems()
        case .boolean, .string:
            if minimum != nil { problems.append(("min", "only numbers have one, this is a \(kind.rawValue)")) }
            if maximum != nil { problems.append(("max", "only numbers have one, this is a \(kind.rawValue)")) }
        }
        if kind == .string {
            problems += textProblems()
        } else if !values.isEmpty {
            problems.append(("values", "only strings have a list of values, this is a \(kind.rawValue)"))
        }
        if problems.isEmpty, let reason = fallback.flatMap(fallbackProblem) { problems.append(("default", reason)) }
        return problems
    }

    static func nameProblem(_ name: String) -> String? {
        if name.isEmpty { return "a name cannot be empty" }
        if name.utf8.count > Limits.nameBytes { return "a name has at most \(Limits.nameBytes) bytes" }
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "a name cannot hold control characters" }
        return nil
    }

    private func boundProblems() -> [(String, String)] {
        var problems: [(String, String)] = []
        for (key, bound) in [("min", minimum), ("max", maximum)] {
            guard let bound else { continue }
            if !bound.isFinite {
                problems.append((key, "must be a finite number; leave it out for no bound"))
            } else if kind == .integer, bound != bound.rounded(.towardZero) || bound.magnitude > 0x1p53 {
                problems.append((key, "must be an integer within ±2^53 like the field"))
            }
        }
        if let minimum, let maximum, minimum > maximum { problems.append(("max", "is below min")) }
        return problems
    }

    private func textProblems() -> [(String, String)] {
        var problems: [(String, String)] = []
        if !(1...Limits.textBytes).contains(maximumLength) {
            problems.append(("max_length", "\(maximumLength) is not within 1...\(Limits.textBytes) bytes"))
        }
        if values.count > Limits.allowedValues { problems.append(("values", "at most \(Limits.allowedValues) are possible")) }
        if Set(values.map { Array($0.utf8) }).count != values.count { problems.append(("values", "a value is listed twice")) }
        if let long = values.first(where: { $0.utf8.count > maximumLength }) {
            problems.append(("values", "\"\(long)\" is longer than max_length"))
        }
        return problems
    }

    private func fallbackProblem(_ value: Value) -> String? {
        switch (kind, value) {
        case (.number, .number(let number)), (.integer, .number(let number)):
            if !number.isFinite { return "must be a finite number" }
            if kind == .integer, number != number.rounded(.towardZero) || number.magnitude > 0x1p53 { return "must be an integer" }
            return number < minimum ?? -.infinity || number > maximum ?? .infinity ? "is not within min and max" : nil
        case (.boolean, .boolean): return nil
        case (.string, .text(let text)):
            if text.utf8.count > maximumLength { return "is longer than max_length" }
            return values.isEmpty || values.contains { $0.utf8.elementsEqual(text.utf8) } ? nil : "is not one of the values"
        default: return "is no \(kind.rawValue) like the field"
        }
    }
}
