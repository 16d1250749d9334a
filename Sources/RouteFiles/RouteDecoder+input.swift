/// The key `input`: the contract.
extension RouteDecoder {
    mutating func input(_ entry: Entry) -> [InputField]? {
        guard let items = remarks.list(entry, of: "fields, such as `- { name: year, type: number }`", atMost: Limits.fields) else {
            return nil
        }
        if items.isEmpty { remarks.add(entry, "has no fields; write one for each column of the model") }
        var lines: [String: Int] = [:]
        return items.compactMap { item in
            guard let field = self.field(item) else { return nil }
            if let first = lines[field.name] {
                remarks.add(item.line, item.key + ".name", "`\(field.name)` is the name of the field on line \(first) already")
            } else if !field.name.isEmpty {
                lines[field.name] = item.line
            }
            return field
        }
    }

    private mutating func field(_ entry: Entry) -> InputField? {
        guard let keys = mapping(entry, known: RouteKeys.field) else { return nil }
        let name = keys["name"].flatMap { remarks.text($0, "a field's name") }
        if keys["name"] == nil { remarks.add(entry, "has no `name`") }
        let type: FieldType? = keys["type"].flatMap { remarks.choice($0) }
        if keys["type"] == nil {
            remarks.add(entry, "has no `type`; it is one of \(Spelling.choices(FieldType.allCases.map(\.rawValue)))")
        }
        let isPrivate = keys["private"].flatMap { remarks.flag($0) } ?? false
        let required = keys["required"].flatMap { remarks.flag($0) }
        guard let type else { return nil }
        refuseMisplaced(keys, for: type)
        let (minimum, maximum) = range(keys, type)
        let values = type == .string ? keys["values"].flatMap { remarks.texts($0, of: "strings", atMost: Limits.values) } ?? [] : []
        let length = type == .string ? keys["max_length"].flatMap { remarks.count($0, in: Limits.textLength) } : nil
        var field = InputField(
            name: name ?? "", line: entry.line, type: type, minimum: minimum, maximum: maximum, absent: .refused,
            isPrivate: isPrivate, values: values, maximumLength: length ?? Defaults.textLength)
        field.absent = absent(field, keys, required)
        return field
    }

    /// Keys that mean nothing for the field's type.
    private mutating func refuseMisplaced(_ keys: [String: Entry], for type: FieldType) {
        let misplaced: [String] =
            switch type {
            case .number, .integer: ["values", "max_length"]
            case .boolean: ["min", "max", "values", "max_length"]
            case .string: ["min", "max"]
            }
        for key in misplaced {
            guard let entry = keys[key] else { continue }
            let types = ["min", "max"].contains(key) ? "`number` and `integer`" : "`string`"
            remarks.add(entry, "is for \(types); this field is `\(type.rawValue)`")
        }
    }

    private mutating func range(_ keys: [String: Entry], _ type: FieldType) -> (Double?, Double?) {
        guard type == .number || type == .integer else { return (nil, nil) }
        let minimum = keys["min"].flatMap { remarks.number($0, whole: type == .integer) }
        let maximum = keys["max"].flatMap { remarks.number($0, whole: type == .integer) }
        if let minimum, let maximum, minimum > maximum, let entry = keys["min"] {
            remarks.add(entry, "is \(Spelling.shown(minimum)), above `max`, which is \(Spelling.shown(maximum))")
            return (nil, nil)
        }
        return (minimum, maximum)
    }

    private mutating func absent(_ field: InputField, _ keys: [String: Entry], _ required: Bool?) -> AbsentField {
        if let entry = keys["default"] {
            if let required = keys["required"] {
                remarks.add(required, "says nothing beside `default`, which stands in when the field is missing; remove one of them")
            }
            return value(entry, for: field).map(AbsentField.value) ?? .refused
        }
        guard required == false else { return .refused }
        if field.type == .string, let entry = keys["required"] {
            remarks.add(entry, "a missing value reaches the model as NaN, which a `string` cannot be; give a `default` instead")
        }
        return .notANumber
    }

    /// A default, which must pass the contract itself.
    private mutating func value(_ entry: Entry, for field: InputField) -> FieldValue? {
        switch field.type {
        case .boolean:
            return remarks.flag(entry).map(FieldValue.boolean)
        case .number, .integer:
            guard let number = remarks.number(entry, whole: field.type == .integer) else { return nil }
            if let minimum = field.minimum, number < minimum {
                remarks.add(entry, "is \(Spelling.shown(number)), below `min`, which is \(Spelling.shown(minimum))")
            } else if let maximum = field.maximum, number > maximum {
                remarks.add(entry, "is \(Spelling.shown(number)), above `max`, which is \(Spelling.shown(maximum))")
            }
            return .number(number)
        case .string:
            return string(entry, for: field)
        }
    }

    private mutating func string(_ entry: Entry, for field: InputField) -> FieldValue? {
        guard let text = entry.text else {
            remarks.add(entry, "expected text, found \(entry.found); an empty string is written \"\"")
            return nil
        }
        if !field.values.isEmpty, !field.values.contains(text) {
            remarks.add(entry, "`\(Spelling.shown(text))` is not one of `values`\(Spelling.hint(for: text, in: field.values))")
        }
        if text.utf8.count > field.maximumLength {
            remarks.add(entry, "has \(text.utf8.count) bytes; `max_length` is \(field.maximumLength)")
        }
        return .string(text)
    }
}
