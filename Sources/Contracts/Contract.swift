/// What a body must hold: the features in the order of the model's columns, and what else it may carry.
///
/// A value that exists is valid. Plain data, off the data path; `ContractTable` is its compiled form.
package struct Contract: Sendable, Equatable {
    /// What happens to fields that the contract does not name.
    package enum Extra: String, Sendable {
        case refuse, ignore
    }

    package let fields: [ContractField]
    package let extra: Extra
    /// The JSON field whose value is the assignment unit; it may be a feature too, and is never "extra".
    package let unitField: String?
    /// Most rows of one body.
    package let maxRows: Int

    /// The key that begins the form with several rows.
    static let instances = "instances"

    /// Checks everything; throws the first thing that is wrong.
    package init(
        fields: [ContractField], extra: Extra = .refuse, unitField: String? = nil, maxRows: Int = 32
    ) throws(ContractError) {
        self.fields = fields
        self.extra = extra
        self.unitField = unitField
        self.maxRows = maxRows
        if let first = Contract.problems(fields: fields, unitField: unitField, maxRows: maxRows).first { throw first }
    }

    /// Everything that is wrong with these parts, for a report that names it all at once.
    package static func problems(fields: [ContractField], unitField: String?, maxRows: Int) -> [ContractError] {
        var problems: [ContractError] = []
        if fields.isEmpty { problems.append(.contract(key: "input", reason: "a contract needs at least one field")) }
        if fields.count > Limits.fields {
            problems.append(.contract(key: "input", reason: "\(fields.count) fields; at most \(Limits.fields) are possible"))
        }
        if !(1...Limits.rows).contains(maxRows) {
            problems.append(.contract(key: "rows", reason: "\(maxRows) is not within 1...\(Limits.rows)"))
        }
        var names: Set<[UInt8]> = []
        for (index, field) in fields.enumerated() {
            for (key, reason) in field.problems() {
                problems.append(.field(index: index, name: field.name, key: key, reason: reason))
            }
            // Bytes, since JSON keys are compared as bytes and String would find "é" equal in its two spellings.
            if !names.insert(Array(field.name.utf8)).inserted {
                problems.append(.field(index: index, name: field.name, key: "name", reason: "two fields have this name"))
            }
        }
        if let reason = unitField.flatMap({ unitProblem($0, fields: fields) }) {
            problems.append(.contract(key: "unit", reason: reason))
        }
        return problems
    }

    private static func unitProblem(_ name: String, fields: [ContractField]) -> String? {
        if let problem = ContractField.nameProblem(name) { return problem }
        if name == instances { return "\"instances\" begins the form with several rows and cannot name the unit" }
        guard let kind = fields.first(where: { $0.name == name })?.kind else { return nil }
        return kind == .string || kind == .integer ? nil : "\"\(name)\" is a \(kind.rawValue); a unit is a string or an integer"
    }
}
