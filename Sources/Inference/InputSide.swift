/// The inputs of a model, matched with a contract: one matrix in the contract's order, or one input per column by name.
struct InputSide {
    let plans: [InputPlan]
    let targets: [ColumnTarget]
    let isSingleRow: Bool
    /// A declared width is missing, so only a trial can tell whether the contract's number of columns fits.
    let isWidthOpen: Bool

    init(session: Session, columns: [Column]) throws(InferenceError) {
        for port in session.inputs { try Self.checkForm(of: port, in: session.file) }
        let batches = Set(session.inputs.map { $0.dimensions.first ?? nil })
        guard batches.isSubset(of: [nil, 1]) else {
            throw .mismatch(
                file: session.file, port: "the inputs", expected: "any number of rows, or one",
                found: session.inputs.map { "\($0.name): \($0)" }.joined(separator: ", "))
        }
        isSingleRow = batches.contains(1)
        if session.inputs.count == 1, let port = session.inputs.first, columns.count != 1 || port.dimensions.count == 2 {
            targets = try Self.matrix(port, columns, session)
            plans = [InputPlan(element: port.element ?? .float32, width: columns.count, rank: port.dimensions.count)]
            isWidthOpen = port.dimensions.last == .some(nil)
        } else {
            targets = try Self.namedInputs(columns, session)
            plans = session.inputs.map { InputPlan(element: $0.element ?? .float32, width: 1, rank: $0.dimensions.count) }
            isWidthOpen = session.inputs.contains { $0.dimensions.count == 2 && $0.dimensions[1] == nil }
        }
    }

    /// Only tensors [N] and [N, width] of numbers or texts can be filled from rows.
    private static func checkForm(of port: Port, in file: String) throws(InferenceError) {
        guard let element = port.element, element != .float16, 1...2 ~= port.dimensions.count else {
            throw .mismatch(
                file: file, port: "input '\(port.name)'", expected: "numbers or strings of shape [rows] or [rows, columns]",
                found: "\(port)")
        }
    }

    /// One input for all columns.
    private static func matrix(_ port: Port, _ columns: [Column], _ session: Session) throws(InferenceError) -> [ColumnTarget] {
        func mismatch(_ expected: String, _ found: String) -> InferenceError {
            .mismatch(file: session.file, port: "input '\(port.name)'", expected: expected, found: found)
        }
        let found = "the contract's \(columns.count) columns (\(list(columns.map(\.name))))"
        guard port.dimensions.count == 2 else { throw mismatch("one column for \(port)", found) }
        if let width = port.dimensions[1], width != Int64(columns.count) { throw mismatch("\(width) columns", found) }
        let takesText = port.element == .text
        if let wrong = columns.first(where: { $0.isText != takesText }) {
            throw mismatch(takesText ? "only strings" : "only numbers", "the \(wrong.isText ? "string" : "number") '\(wrong.name)'")
        }
        if let features = session.card.metadata["features"].flatMap(NameList.parse), features != columns.map(\.name) {
            throw mismatch("the columns that the file's metadata name (\(list(features)))", found)
        }
        return columns.indices.map { ColumnTarget(input: 0, offset: $0) }
    }

    /// One input per column, by name, in any order.
    private static func namedInputs(_ columns: [Column], _ session: Session) throws(InferenceError) -> [ColumnTarget] {
        let file = session.file
        let names = session.inputs.map(\.name)
        if let extra = names.first(where: { name in !columns.contains { $0.name == name } }) {
            throw .mismatch(file: file, port: "input '\(extra)'", expected: "a column of that name", found: list(columns.map(\.name)))
        }
        var targets: [ColumnTarget] = []
        for column in columns {
            guard let index = names.firstIndex(of: column.name) else {
                throw .mismatch(file: file, port: "the inputs", expected: "one named '\(column.name)'", found: list(names))
            }
            let port = session.inputs[index]
            guard port.dimensions.count == 1 || (port.dimensions[1] ?? 1) == 1 else {
                throw .mismatch(file: file, port: "input '\(port.name)'", expected: "one column of shape [rows, 1]", found: "\(port)")
            }
            guard column.isText == (port.element == .text) else {
                throw .mismatch(
                    file: file, port: "input '\(port.name)'", expected: "\(port)",
                    found: "the contract's \(column.isText ? "string" : "number") of that name")
            }
            targets.append(ColumnTarget(input: index, offset: 0))
        }
        return targets
    }

    /// Names for a message, the first twenty.
    private static func list(_ names: [String]) -> String {
        names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }
}
