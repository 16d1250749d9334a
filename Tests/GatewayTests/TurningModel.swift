import Inference
import Primitives

/// A model that turns round as often as the largest number among its rows says, some microseconds a turn, and answers each row's largest
/// number, with its sign changed once a turn. So a test decides with its rows how long a run takes: 1e15 is without end.
///
/// Written as protobuf by hand; field numbers: onnx.proto.
enum TurningModel {
    static let endless = [1e15, 0, 0, 0]
    static let columns = ["a", "b", "c", "d"].map { Column(name: $0, isText: false) }

    static let bytes: [UInt8] = {
        let nodes = [
            node("ReduceMax", ["x"], ["most"], [integer("keepdims", 0)]),
            node("Cast", ["most"], ["turns"], [integer("to", 7)]),
            node("ReduceMax", ["x"], ["start"], [integer("keepdims", 1), field(1, text("axes")) + field(8, 1) + field(20, 7)]),
            node("Loop", ["turns", "", "start"], ["y"], [field(1, text("body")) + field(6, body) + field(20, 5)]),
        ]
        let graph =
            nodes.flatMap { field(1, $0) } + field(2, text("turns")) + field(11, tensor("x", 1, [nil, 4]))
            + field(12, tensor("y", 1, [nil, 1]))
        return field(1, 8) + field(7, graph) + field(8, field(1, []) + field(2, 17))
    }()

    /// One turn: goes on, and changes the sign.
    private static let body =
        field(1, node("Identity", ["go"], ["goOn"], [])) + field(1, node("Neg", ["value"], ["turned"], [])) + field(2, text("turn"))
        + field(11, tensor("turn", 7, [])) + field(11, tensor("go", 9, [])) + field(11, tensor("value", 1, [nil, 1]))
        + field(12, tensor("goOn", 9, [])) + field(12, tensor("turned", 1, [nil, 1]))

    private static func node(_ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [[UInt8]]) -> [UInt8] {
        inputs.flatMap { field(1, text($0)) } + outputs.flatMap { field(2, text($0)) } + field(4, text(operation))
            + attributes.flatMap { field(5, $0) }
    }

    private static func integer(_ name: String, _ value: UInt64) -> [UInt8] { field(1, text(name)) + field(3, value) + field(20, 2) }

    /// `element` as ONNX numbers it; a dimension of nil is open.
    private static func tensor(_ name: String, _ element: UInt64, _ dimensions: [UInt64?]) -> [UInt8] {
        let shape = dimensions.flatMap { dimension in field(1, dimension.map { field(1, $0) } ?? []) }
        return field(1, text(name)) + field(2, field(1, field(1, element) + field(2, shape)))
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] { variable(number << 3) + variable(value) }

    private static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
        variable(number << 3 | 2) + variable(UInt64(content.count)) + content
    }

    private static func variable(_ number: UInt64) -> [UInt8] {
        number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7F) | 0x80] + variable(number >> 7)
    }
}
