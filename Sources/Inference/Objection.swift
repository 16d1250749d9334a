/// Why a model file must not even be opened, as its bytes show: it would have the runtime read other files, or keep it busy for seconds.
///
/// The runtime refuses other files for weights of the main graph of a model that was loaded from bytes, but not inside branches and loops: there
/// it reads whatever relative path the file names (seen with 1.32: a file of the working folder came out as weights). So every tensor of
/// the file is looked at, and every node counted, once, in time linear in its bytes. Field numbers: onnx.proto.
struct Objection {
    /// A message of onnx.proto that may hold tensors.
    private enum Message {
        case model, function, graph, node, attribute, sparse, tensor

        /// What the field of this number holds, when tensors may be inside.
        func child(_ number: UInt64) -> Message? {
            switch (self, number) {
            case (.model, 7): .graph
            case (.model, 25): .function
            case (.function, 7), (.graph, 1): .node
            case (.function, 11), (.node, 5): .attribute
            case (.graph, 5), (.attribute, 5), (.attribute, 10), (.sparse, 1), (.sparse, 2): .tensor
            case (.graph, 15), (.attribute, 22), (.attribute, 23): .sparse
            case (.attribute, 6), (.attribute, 11): .graph
            default: nil
            }
        }
    }

    private var nodes = 0

    /// What speaks against the model; nil when nothing does.
    static func to(model: UnsafeRawBufferPointer) -> String? {
        var walk = Objection()
        return walk.objection(to: model, .model, depth: 0)
    }

    private mutating func objection(to bytes: UnsafeRawBufferPointer, _ message: Message, depth: Int) -> String? {
        guard depth <= Limits.messageDepth else { return "its graphs are nested more than \(Limits.messageDepth) messages deep" }
        if message == .node { nodes += 1 }
        guard nodes <= Limits.nodes else { return "it has more than \(Limits.nodes) nodes; each costs time to open and to run" }
        var reader = FieldReader(bytes)
        while let field = reader.next() {
            switch field.content {
            case .bytes(let content):
                if let child = message.child(field.number), let found = objection(to: content, child, depth: depth + 1) { return found }
            case .number(let place):
                // data_location: 1 is EXTERNAL; the runtime looks at 32 bits only.
                if message == .tensor, field.number == 14, UInt32(truncatingIfNeeded: place) == 1 {
                    return "it keeps weights in another file; save the model with its weights inside"
                }
            case .fixed: break
            }
        }
        // What this walk cannot read, the runtime might.
        return reader.isMalformed ? "it is no ONNX model: its bytes are no protobuf message (truncated or damaged?)" : nil
    }
}
