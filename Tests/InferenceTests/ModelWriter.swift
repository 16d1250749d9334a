/// Writes small ONNX files for tests, so that each case states what is odd about its model. Field numbers: onnx.proto.
struct ModelWriter {
    enum Dimension {
        case open
        case named(String)
        case fixed(UInt64)
    }

    var inputs: [[UInt8]] = []
    var outputs: [[UInt8]] = []
    var nodes: [[UInt8]] = []
    var tables: [[UInt8]] = []
    var metadata: [(key: String, value: String)] = []
    var producer = "ModelWriter"
    var description = ""
    var version: UInt64?

    /// The whole ModelProto: IR 8, default operators 17, ai.onnx.ml 1.
    var bytes: [UInt8] {
        var graph: [UInt8] = []
        for node in nodes { graph += Self.field(1, node) }
        graph += Self.field(2, Array("graph".utf8))
        for table in tables { graph += Self.field(5, table) }
        for input in inputs { graph += Self.field(11, input) }
        for output in outputs { graph += Self.field(12, output) }

        var model = Self.field(1, 8) + Self.field(2, Array(producer.utf8))
        if let version { model += Self.field(5, version) }
        model += Self.field(6, Array(description.utf8)) + Self.field(7, graph)
        model += Self.field(8, Self.field(1, []) + Self.field(2, 17))
        model += Self.field(8, Self.field(1, Array("ai.onnx.ml".utf8)) + Self.field(2, 1))
        for (key, value) in metadata { model += Self.field(14, Self.field(1, Array(key.utf8)) + Self.field(2, Array(value.utf8))) }
        return model
    }

    /// An input or output that is a tensor; `element` as ONNX numbers it.
    static func tensor(_ name: String, _ element: UInt64, _ dimensions: [Dimension]) -> [UInt8] {
        let shape = dimensions.flatMap { dimension in
            switch dimension {
            case .open: field(1, [])
            case .named(let name): field(1, field(2, Array(name.utf8)))
            case .fixed(let number): field(1, field(1, number))
            }
        }
        return field(1, Array(name.utf8)) + field(2, field(1, field(1, element) + field(2, shape)))
    }

    /// An output that is one map per row, float32 values.
    static func maps(_ name: String, key: UInt64) -> [UInt8] {
        let map = field(5, field(1, key) + field(2, field(1, field(1, 1))))
        return field(1, Array(name.utf8)) + field(2, field(4, field(1, map)))
    }

    static func node(_ operation: String, _ inputs: [String], _ outputs: [String], domain: String = "", _ attributes: [[UInt8]] = [])
        -> [UInt8]
    {
        inputs.flatMap { field(1, Array($0.utf8)) } + outputs.flatMap { field(2, Array($0.utf8)) } + field(4, Array(operation.utf8))
            + attributes.flatMap { field(5, $0) } + field(7, Array(domain.utf8))
    }

    static func attribute(_ name: String, integers: [Int64]) -> [UInt8] {
        field(1, Array(name.utf8)) + integers.flatMap { field(8, UInt64(bitPattern: $0)) } + field(20, 7)
    }

    static func attribute(_ name: String, integer: Int64) -> [UInt8] {
        field(1, Array(name.utf8)) + field(3, UInt64(bitPattern: integer)) + field(20, 2)
    }

    static func attribute(_ name: String, texts: [String]) -> [UInt8] {
        field(1, Array(name.utf8)) + texts.flatMap { field(9, Array($0.utf8)) } + field(20, 8)
    }

    static func attribute(_ name: String, floats: [Float]) -> [UInt8] {
        field(1, Array(name.utf8)) + floats.flatMap { [61] + littleEndian($0.bitPattern) } + field(20, 6)
    }

    /// A float32 table in raw bytes.
    static func table(_ name: String, _ dimensions: [UInt64], floats: [Float]) -> [UInt8] {
        dimensions.flatMap { field(1, $0) } + field(2, 1) + field(8, Array(name.utf8))
            + field(9, floats.flatMap { littleEndian($0.bitPattern) })
    }

    /// An int64 table in raw bytes.
    static func table(_ name: String, _ dimensions: [UInt64], integers: [Int64]) -> [UInt8] {
        let raw = integers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
        return dimensions.flatMap { field(1, $0) } + field(2, 7) + field(8, Array(name.utf8)) + field(9, raw)
    }

    /// A float32 table whose data is said to be in another file.
    static func outsideTable(_ name: String, _ dimensions: [UInt64], file: String) -> [UInt8] {
        let place = field(1, Array("location".utf8)) + field(2, Array(file.utf8))
        return dimensions.flatMap { field(1, $0) } + field(2, 1) + field(8, Array(name.utf8)) + field(13, place) + field(14, 1)
    }

    static func littleEndian(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }

    static func field(_ number: UInt64, _ content: UInt64) -> [UInt8] { variable(number << 3) + variable(content) }

    static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
        variable(number << 3 | 2) + variable(UInt64(content.count)) + content
    }

    private static func variable(_ number: UInt64) -> [UInt8] {
        var (rest, bytes) = (number, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// Models that several suites use.
extension ModelWriter {
    /// `x` [rows, width] of `element` comes back as `y`.
    static func identity(_ element: UInt64 = 1, width: UInt64 = 2) -> ModelWriter {
        var model = ModelWriter()
        model.inputs = [tensor("x", element, [.named("N"), .fixed(width)])]
        model.outputs = [tensor("y", element, [.named("N"), .fixed(width)])]
        model.nodes = [node("Identity", ["x"], ["y"])]
        return model
    }

    /// A linear classifier of two inputs with three text classes: the scores are `x0`, `x1` and 0.
    static func classifier(_ names: [String] = ["oak", "pine", "willow"]) -> ModelWriter {
        var model = ModelWriter()
        model.inputs = [tensor("x", 1, [.open, .fixed(2)])]
        model.outputs = [tensor("label", 8, [.open]), tensor("probabilities", 1, [.open, .fixed(3)])]
        model.nodes = [
            node(
                "LinearClassifier", ["x"], ["label", "probabilities"], domain: "ai.onnx.ml",
                [
                    attribute("coefficients", floats: [1, 0, 0, 1, 0, 0]), attribute("intercepts", floats: [0, 0, 0]),
                    attribute("classlabels_strings", texts: names),
                ])
        ]
        return model
    }

    /// Turns `i` from 0 to 2^62: only the terminate flag ends it.
    static func endlessLoop() -> ModelWriter {
        var body = field(1, node("Identity", ["c"], ["d"])) + field(1, node("Add", ["v", "v"], ["w"])) + field(2, Array("body".utf8))
        body += field(11, tensor("i", 7, [])) + field(11, tensor("c", 9, [])) + field(11, tensor("v", 1, [.open, .fixed(2)]))
        body += field(12, tensor("d", 9, [])) + field(12, tensor("w", 1, [.open, .fixed(2)]))
        let graph = field(1, Array("body".utf8)) + field(6, body) + field(20, 5)
        var model = identity()
        model.tables = [table("turns", [], integers: [1 << 62])]
        model.nodes = [node("Loop", ["turns", "", "x"], ["y"], [graph])]
        return model
    }
}
