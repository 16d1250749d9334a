/// The outputs that are asked for, with the shapes that the trial has shown or else the file declares.
struct OutputSide {
    let label: OutputPlan?
    let scores: OutputPlan?
    /// Scores per row; nil without scores, or when neither the trial nor the file tells.
    let scoreWidth: Int?

    init(session: Session, roles: OutputRoles, trial: Trial) throws(InferenceError) {
        label = try roles.label.flatMap { port throws(InferenceError) -> OutputPlan? in
            guard let form = OutputRoles.labelForm(session.outputs[port]) else { return nil }
            let tail = try Self.tail(of: trial.label, rows: trial.rows, port: session.outputs[port], file: session.file)
            if let tail, tail.reduce(1, *) != 1 {
                throw .mismatch(
                    file: session.file, port: "output '\(session.outputs[port].name)'", expected: "one label per row",
                    found: "\(tail.reduce(1, *)) of them")
            }
            return OutputPlan(port: port, form: form, tail: Self.isHonest(session.outputs[port], trial.label) ? tail : nil)
        }
        guard let port = roles.scores, let form = OutputRoles.scoreForm(session.outputs[port]) else {
            (scores, scoreWidth) = (nil, nil)
            return
        }
        let declared = session.outputs[port]
        let tail = try Self.tail(of: trial.scores, rows: trial.rows, port: declared, file: session.file)
        scores = OutputPlan(port: port, form: form, tail: Self.isHonest(declared, trial.scores) ? tail : nil)
        scoreWidth = trial.mapCount ?? tail.map { Int($0.reduce(1, *)) } ?? Self.declaredWidth(of: declared)
    }

    /// Whether the declared shape allows the one that the trial has shown: the runtime refuses values of other shapes than the declared
    /// one, though it makes them itself.
    private static func isHonest(_ port: Port, _ shown: [Int64]?) -> Bool {
        guard let shown, shown.count == port.dimensions.count else { return false }
        return zip(port.dimensions, shown).allSatisfy { declared, shown in declared == nil || declared == shown }
    }

    /// The dimensions after the rows; nil without a trial.
    private static func tail(of dimensions: [Int64]?, rows: Int, port: Port, file: String) throws(InferenceError) -> [Int64]? {
        guard let dimensions else { return nil }
        guard dimensions.first == Int64(rows) else {
            throw .mismatch(
                file: file, port: "output '\(port.name)'", expected: "one answer for each of \(rows) rows", found: "the shape \(dimensions)"
            )
        }
        return Array(dimensions.dropFirst())
    }

    /// What the file says of a tensor [N] or [N, width], further dimensions multiplied.
    private static func declaredWidth(of port: Port) -> Int? {
        guard port.element != nil else { return nil }
        return port.dimensions.dropFirst().reduce(1 as Int?) { width, dimension in
            guard let width, let dimension else { return nil }
            let (product, overflow) = width.multipliedReportingOverflow(by: Int(clamping: dimension))
            return overflow ? nil : product
        }
    }
}
