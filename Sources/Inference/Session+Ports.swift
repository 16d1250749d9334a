import COnnxRuntime

/// How a session's description is read: off the data path.
extension Session {
    enum Side { case inputs, outputs }

    /// All ports of one side, in the model's order.
    static func ports(
        of session: OpaquePointer, _ side: Side, _ engine: Engine, _ error: (String) -> InferenceError
    ) throws(InferenceError) -> [Port] {
        let table = engine.runtime.table
        var count = 0
        try engine.runtime.check(
            side == .inputs ? weir_ort_input_count(table, session, &count) : weir_ort_output_count(table, session, &count), error)
        var ports: [Port] = []
        for index in 0..<count {
            let name = try engine.runtime.text(of: engine.allocator, or: error) {
                side == .inputs
                    ? weir_ort_input_name(table, session, index, engine.allocator, $0)
                    : weir_ort_output_name(table, session, index, engine.allocator, $0)
            }
            let type = try engine.runtime.make(WEIR_ORT_TYPE_INFO, or: error) {
                side == .inputs
                    ? weir_ort_new_input_type(table, session, index, $0) : weir_ort_new_output_type(table, session, index, $0)
            }
            ports.append(try engine.runtime.port(named: name ?? "", type, error))
        }
        return ports
    }
}

extension Runtime {
    /// The kinds of a value as the library numbers them.
    enum ValueKind { static let tensor: Int32 = 1, sequence: Int32 = 2, map: Int32 = 3 }

    /// A port of the given type.
    func port(named name: String, _ type: borrowing Owned, _ error: (String) -> InferenceError) throws(InferenceError) -> Port {
        var kind: Int32 = 0
        try check(weir_ort_type_kind(table, type.pointer, &kind), error)
        switch kind {
        case ValueKind.tensor:
            var info: OpaquePointer?
            try check(weir_ort_tensor_info(table, type.pointer, &info), error)
            guard let info else { throw error("'\(name)' is a tensor without a description") }
            let (element, dimensions) = try shape(info, error)
            guard let element = ElementType(rawValue: element) else {
                return Port(name: name, kind: .other("a tensor of elements of type \(element)"), dimensions: [])
            }
            return Port(name: name, kind: .tensor(element), dimensions: dimensions.map { $0 > 0 ? $0 : nil })
        case ValueKind.sequence:
            return Port(name: name, kind: try sequenceKind(type, error), dimensions: [])
        default:
            return Port(
                name: name, kind: .other(kind == ValueKind.map ? "one map for all rows" : "a value of kind \(kind)"), dimensions: [])
        }
    }

    /// Element type and dimensions; a dimension without a number is -1, or 0 where the file says nothing at all.
    func shape(_ info: OpaquePointer, _ error: (String) -> InferenceError) throws(InferenceError) -> (element: Int32, [Int64]) {
        var element: Int32 = 0
        var rank = 0
        try check(weir_ort_element_type(table, info, &element), error)
        try check(weir_ort_rank(table, info, &rank), error)
        var dimensions = [Int64](repeating: 0, count: rank)
        try check(weir_ort_dimensions(table, info, &dimensions, rank), error)
        return (element, dimensions)
    }

    private func sequenceKind(_ type: borrowing Owned, _ error: (String) -> InferenceError) throws(InferenceError) -> Port.Kind {
        var sequence: OpaquePointer?
        try check(weir_ort_sequence_info(table, type.pointer, &sequence), error)
        guard let sequence else { return .other("a sequence") }
        let item = try make(WEIR_ORT_TYPE_INFO, or: error) { weir_ort_new_sequence_element(table, sequence, $0) }
        var map: OpaquePointer?
        var kind: Int32 = 0
        try check(weir_ort_type_kind(table, item.pointer, &kind), error)
        guard kind == ValueKind.map else { return .other("a sequence of values of kind \(kind)") }
        try check(weir_ort_map_info(table, item.pointer, &map), error)
        guard let map else { return .other("a sequence of maps") }
        var key: Int32 = 0
        try check(weir_ort_map_key(table, map, &key), error)
        let value = try port(named: "", make(WEIR_ORT_TYPE_INFO, or: error) { weir_ort_new_map_value(table, map, $0) }, error)
        guard let key = ElementType(rawValue: key), let value = value.element else { return .other("a sequence of unusual maps") }
        return .mapPerRow(key: key, value: value)
    }
}

extension ModelCard {
    /// Reads the card of a loaded model.
    init(of session: OpaquePointer, _ engine: Engine, _ error: (String) -> InferenceError) throws(InferenceError) {
        let (runtime, table, allocator) = (engine.runtime, engine.runtime.table, engine.allocator)
        let handle = try runtime.make(WEIR_ORT_METADATA, or: error) { weir_ort_new_metadata(table, session, $0) }
        let pointer = handle.pointer
        producer = try runtime.text(of: allocator, or: error) { weir_ort_producer(table, pointer, allocator, $0) } ?? ""
        description = try runtime.text(of: allocator, or: error) { weir_ort_description(table, pointer, allocator, $0) } ?? ""
        var number: Int64 = 0
        try runtime.check(weir_ort_model_version(table, pointer, &number), error)
        version = number == .max ? nil : number

        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        var count: Int64 = 0
        try runtime.check(weir_ort_metadata_keys(table, pointer, allocator, &list, &count), error)
        defer { _ = list.map { weir_ort_free(table, allocator, $0) } }
        var metadata: [String: String] = [:]
        for index in 0..<Int(count) {
            guard let list, let key = list[index] else { continue }
            defer { _ = weir_ort_free(table, allocator, key) }
            let value = try runtime.text(of: allocator, or: error) { weir_ort_metadata_value(table, pointer, allocator, key, $0) }
            metadata[String(cString: key)] = value
        }
        self.metadata = metadata
    }
}
