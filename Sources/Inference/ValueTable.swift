import COnnxRuntime

/// The runtime's values for each possible call of a lane, made in advance: one entry per row count, or per row when the model takes one
/// row.
///
/// Making a value costs about as much as running a small model, so none is made in a call. A value is about 200 bytes beside its data.
struct ValueTable: ~Copyable {
    let isSingleRow: Bool
    private let table: OpaquePointer
    private let portCount: Int
    private let values: Memory<OpaquePointer?>

    /// `make(port, rows, firstRow)` makes one value, or nil where the runtime shall make it in each call.
    init(
        runtime: Runtime, portCount: Int, maxRows: Int, isSingleRow: Bool,
        _ make: (_ port: Int, _ rows: Int, _ firstRow: Int) throws(InferenceError) -> OpaquePointer?
    ) throws(InferenceError) {
        table = runtime.table
        self.portCount = portCount
        self.isSingleRow = isSingleRow
        values = Memory(maxRows * portCount)
        for entry in 0..<maxRows {
            for port in 0..<portCount {
                let value = try isSingleRow ? make(port, 1, entry) : make(port, entry + 1, 0)
                values.start[entry * portCount + port] = value
            }
        }
    }

    deinit {
        for index in 0..<values.count {
            if let value = values.start[index] { weir_ort_release(table, WEIR_ORT_VALUE, UnsafeMutableRawPointer(value)) }
        }
    }

    /// The entry for a call of `rows` rows; a model of single rows has one entry per row instead.
    func indexForRows(_ rows: Int) -> Int { isSingleRow ? 0 : rows - 1 }

    /// The values of one entry, in the order of the ports.
    func row(_ entry: Int) -> UnsafeMutablePointer<OpaquePointer?> { values.start + entry * portCount }
}

extension Session {
    /// A tensor over memory of ours that begins at `bytes`.
    func borrowingTensor(
        _ bytes: UnsafeMutableRawPointer, _ element: ElementType, _ dimensions: [Int64]
    ) throws(InferenceError) -> OpaquePointer {
        let count = dimensions.reduce(element.byteCount) { $0 * Int($1) }
        return try tensor { value in
            weir_ort_new_borrowing_tensor(
                engine.runtime.table, engine.memory, bytes, count, dimensions, dimensions.count, element.rawValue, value)
        }
    }

    /// A tensor of empty texts, in memory of the runtime.
    func textTensor(_ dimensions: [Int64]) throws(InferenceError) -> OpaquePointer {
        try tensor { value in
            weir_ort_new_tensor(engine.runtime.table, engine.allocator, dimensions, dimensions.count, ElementType.text.rawValue, value)
        }
    }

    private func tensor(_ create: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?) throws(InferenceError) -> OpaquePointer {
        let file = file
        var value: OpaquePointer?
        try engine.runtime.check(create(&value)) { .runtimeFailed(file: file, operation: "making a tensor", reason: $0) }
        guard let value else { throw .runtimeFailed(file: file, operation: "making a tensor", reason: "there is none") }
        return value
    }
}
