import COnnxRuntime

/// One call with zeros and empty texts, to see the shapes that the outputs really have: files declare them wrongly (a label of shape {1}
/// that answers N) or not at all.
struct Trial {
    /// The dimensions of each output by its role; nil when the model refused or the output is no tensor.
    private(set) var label: [Int64]?
    private(set) var scores: [Int64]?
    /// Pairs in the first row's map.
    private(set) var mapCount: Int?
    /// Why the model refused zeros: a category that it does not know, for one.
    private(set) var refusal: String?
    /// Rows of the trial: two, so that a dimension of rows differs from one that is always 1.
    let rows: Int

    init(session: Session, inputs: InputSide, roles: OutputRoles) throws(InferenceError) {
        let runtime = session.engine.runtime
        rows = inputs.isSingleRow ? 1 : 2
        let file = session.file
        func failed(_ reason: String) -> InferenceError { .runtimeFailed(file: file, operation: "a trial", reason: reason) }

        let filled = try InputValues(session: session, plans: inputs.plans, targets: [], maxRows: rows, isSingleRow: inputs.isSingleRow)
        let ports = [roles.label, roles.scores].compactMap { $0 }
        let names = PortNames(inputs: session.inputs, outputs: ports.map { session.outputs[$0] })
        var values = [OpaquePointer?](repeating: nil, count: ports.count)
        defer { for case let value? in values { weir_ort_release(runtime.table, WEIR_ORT_VALUE, UnsafeMutableRawPointer(value)) } }

        let status = weir_ort_run(
            runtime.table, session.pointer, nil, names.inputs, filled.values.row(filled.values.indexForRows(rows)), session.inputs.count,
            names.outputs, ports.count, &values)
        if let status {
            let reason = runtime.takeMessage(of: status)
            guard !inputs.isWidthOpen else {
                throw .mismatch(
                    file: session.file, port: "the inputs", expected: "a shape that the file does not declare",
                    found: "the contract's \(inputs.targets.count) columns, refused: \(reason)")
            }
            refusal = reason
            return
        }
        for (port, value) in zip(ports, values) {
            guard let value else { throw failed("output '\(session.outputs[port].name)' has no value") }
            if case .mapPerRow = session.outputs[port].kind {
                mapCount = try Self.mapCount(value, session.engine, failed)
            } else {
                let info = try runtime.make(WEIR_ORT_TENSOR_INFO, or: failed) { weir_ort_new_value_info(runtime.table, value, $0) }
                let dimensions = try runtime.shape(info.pointer, failed).1
                if port == roles.label { label = dimensions } else { scores = dimensions }
            }
        }
    }

    /// Pairs in the map of the first row.
    private static func mapCount(
        _ sequence: OpaquePointer, _ engine: Engine, _ error: (String) -> InferenceError
    ) throws(InferenceError) -> Int {
        let (runtime, table) = (engine.runtime, engine.runtime.table)
        let map = try runtime.make(WEIR_ORT_VALUE, or: error) { weir_ort_new_item(table, sequence, 0, engine.allocator, $0) }
        let keys = try runtime.make(WEIR_ORT_VALUE, or: error) { weir_ort_new_item(table, map.pointer, 0, engine.allocator, $0) }
        let info = try runtime.make(WEIR_ORT_TENSOR_INFO, or: error) { weir_ort_new_value_info(table, keys.pointer, $0) }
        return try runtime.shape(info.pointer, error).1.reduce(1) { $0 * Int(clamping: $1) }
    }
}
