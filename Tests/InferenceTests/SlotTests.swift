import COnnxRuntime
import Testing

@testable import Inference

/// Each slot by what it does with the real library: a wrong number calls another function and fails here.
@Suite struct SlotTests {
    let engine: Engine
    let table: OpaquePointer

    init() throws {
        engine = try Rig.engine.get()
        table = engine.runtime.table
    }

    /// Fails the test with the status's message; nothing for success.
    func expectOK(_ status: OpaquePointer?, _ place: SourceLocation = #_sourceLocation) {
        if let status { Issue.record("\(engine.runtime.takeMessage(of: status))", sourceLocation: place) }
    }

    /// Code (slot 1) and message (slot 2) of a status that must be there; released (slot 93).
    func failure(_ status: OpaquePointer?) throws -> (code: Int32, message: String) {
        let status = try #require(status)
        return (weir_ort_error_code(table, status), engine.runtime.takeMessage(of: status))
    }

    /// The object that `create` makes.
    func make(_ kind: WeirOrtKind, _ create: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?) throws -> Owned {
        try engine.runtime.make(kind, or: { .fileRefused(file: "slot", reason: $0) }, create)
    }

    func tensor(_ memory: UnsafeMutableRawPointer, _ count: Int, _ dimensions: [Int64], _ element: ElementType) throws -> Owned {
        try make(WEIR_ORT_VALUE) {
            weir_ort_new_borrowing_tensor(table, engine.memory, memory, count, dimensions, dimensions.count, element.rawValue, $0)
        }
    }

    @Test("1, 2, 93: a failure has a code and a message")
    func statuses() throws {
        let options = try make(WEIR_ORT_SESSION_OPTIONS) { weir_ort_new_session_options(table, $0) }
        let text = Array("no model".utf8)
        var session: OpaquePointer?
        let (code, message) = try failure(weir_ort_new_session(table, engine.environment, text, text.count, options.pointer, &session))
        #expect(code == 7)  // the file is no protobuf
        #expect(message.contains("protobuf"))
        #expect(session == nil)
    }

    @Test("13, 23: the option setters refuse values that they do not know, each by its name")
    func optionValues() throws {
        let options = try make(WEIR_ORT_SESSION_OPTIONS) { weir_ort_new_session_options(table, $0) }
        #expect(try failure(weir_ort_set_execution_mode(table, options.pointer, 77)).message.contains("execution_mode"))
        #expect(try failure(weir_ort_set_optimization(table, options.pointer, 77)).message.contains("graph_optimization_level"))
        #expect(try failure(weir_ort_set_option(table, options.pointer, "", "1")).message.lowercased().contains("key"))
    }

    /// The lines in which the library tells the options of each session made so far. It writes to the first journal of a process, which is
    /// another suite's where those run together: what reads these lines runs in a process of its own.
    private var optionLines: [String] { Rig.journal.lines.filter { $0.hasPrefix("Session Options") } }

    /// Thread counts in such a line: within operators, then between them.
    private func pools(_ line: String) -> [Substring] {
        line.split(separator: "thread_pool_size: ").dropFirst().map { $0.prefix { $0 != " " } }
    }

    @Test("4, 8, 10, 13, 17, 19, 23, 24, 25, 130: a session is made with our options, and the library says so to our journal")
    func options() async {
        await #expect(processExitsWith: .success) { try SlotTests().expectOptions() }
    }

    private func expectOptions() throws {
        _ = try Rig.session(.identity())
        let wanted = ["execution_mode:0 ", "enable_mem_pattern:0 ", "enable_cpu_mem_arena:0 ", "session.intra_op.allow_spinning: 0"]
        let lines = optionLines.filter { line in wanted.allSatisfy(line.contains) }
        #expect(lines.contains { pools($0) == ["1", "1"] }, "\(optionLines.suffix(3))")
    }

    @Test("13, 23, 24, 25 set what they are named after; 17 and 19 left out leave the library's defaults")
    func otherOptions() async {
        await #expect(processExitsWith: .success) { try SlotTests().expectOtherOptions() }
    }

    private func expectOtherOptions() throws {
        let options = try make(WEIR_ORT_SESSION_OPTIONS) { weir_ort_new_session_options(table, $0) }
        expectOK(weir_ort_set_execution_mode(table, options.pointer, 1))
        expectOK(weir_ort_set_optimization(table, options.pointer, 1))
        expectOK(weir_ort_set_intra_threads(table, options.pointer, 2))
        expectOK(weir_ort_set_inter_threads(table, options.pointer, 3))
        let bytes = ModelWriter.identity().bytes
        _ = try make(WEIR_ORT_SESSION) { weir_ort_new_session(table, engine.environment, bytes, bytes.count, options.pointer, $0) }
        let wanted = ["execution_mode:1 ", "graph_optimization_level:1 ", "enable_mem_pattern:1 ", "enable_cpu_mem_arena:1 "]
        let lines = optionLines.filter { line in wanted.allSatisfy(line.contains) }
        #expect(lines.contains { pools($0) == ["2", "3"] }, "\(optionLines.suffix(3))")
    }

    @Test("6, 76, 78, 92, 94, 69: the engine made and asked them all; a second environment can be made and released")
    func environment() throws {
        expectOK(weir_ort_disable_telemetry(table, engine.environment))
        _ = try make(WEIR_ORT_ENV) { weir_ort_new_env(table, receiveLine, nil, 4, "second", $0) }
        _ = try make(WEIR_ORT_MEMORY_INFO) { weir_ort_new_memory_info(table, $0) }
        var allocator: OpaquePointer?
        expectOK(weir_ort_default_allocator(table, &allocator))
        #expect(allocator == engine.allocator)
        expectOK(weir_ort_free(table, engine.allocator, nil))
    }

    @Test("48, 52, 53, 54: texts go into a tensor and come out")
    func texts() throws {
        let value = try make(WEIR_ORT_VALUE) { weir_ort_new_tensor(table, engine.allocator, [3], 1, ElementType.text.rawValue, $0) }
        let words: [StaticString] = ["oak", "", "weeping willow"]
        let pointers = words.map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer<CChar>? }
        expectOK(weir_ort_fill_texts(table, value.pointer, pointers, 3))
        var count = 0
        expectOK(weir_ort_texts_byte_count(table, value.pointer, &count))
        #expect(count == 17)
        var (bytes, offsets) = ([UInt8](repeating: 0, count: count), [Int](repeating: -1, count: 3))
        expectOK(weir_ort_texts(table, value.pointer, &bytes, count, &offsets, 3))
        #expect(String(decoding: bytes, as: UTF8.self) == "oakweeping willow")
        #expect(offsets == [0, 3, 3])
    }

    @Test("49, 51, 60, 61, 62, 65, 67, 96, 99: a tensor over our memory says its shape and shows the same memory")
    func borrowedTensor() throws {
        var memory: [Double] = [1, 2, 3, 4, 5, 6]
        try memory.withUnsafeMutableBytes { bytes in
            let start = try #require(bytes.baseAddress)
            let value = try tensor(start, bytes.count, [2, 3], .float64)
            var kind: Int32 = 0
            expectOK(weir_ort_value_kind(table, value.pointer, &kind))
            #expect(kind == Runtime.ValueKind.tensor)
            let info = try make(WEIR_ORT_TENSOR_INFO) { weir_ort_new_value_info(table, value.pointer, $0) }
            let (element, dimensions) = try engine.runtime.shape(info.pointer) { .fileRefused(file: "", reason: $0) }
            #expect(element == ElementType.float64.rawValue)
            #expect(dimensions == [2, 3])
            var seen: UnsafeMutableRawPointer?
            expectOK(weir_ort_tensor_bytes(table, value.pointer, &seen))
            #expect(seen == start)
            var none: OpaquePointer?
            let (code, message) = try failure(
                weir_ort_new_borrowing_tensor(table, engine.memory, start, 8, [2, 3], 2, ElementType.float64.rawValue, &none))
            #expect(code == 1 || code == 2)
            #expect(message.contains("48"), "\(message)")  // six float64 need 48 bytes
        }
    }

    @Test("8, 9, 30, 31, 33, 34, 36, 37, 55, 56, 95, 98: a session tells its ports, inputs and outputs apart")
    func ports() throws {
        var model = ModelWriter()
        model.inputs = [
            ModelWriter.tensor("a", 1, [.named("N"), .fixed(2)]), ModelWriter.tensor("b", 8, [.open, .fixed(1)]),
            ModelWriter.tensor("c", 7, [.open]),
        ]
        model.outputs = [ModelWriter.tensor("p", 1, [.named("N"), .fixed(2)]), ModelWriter.tensor("q", 11, [.open])]
        model.nodes = [
            ModelWriter.node("Identity", ["a"], ["p"]),
            ModelWriter.node("Cast", ["c"], ["q"], [ModelWriter.attribute("to", integer: 11)]),
        ]
        let session = try Rig.session(model)
        #expect(session.inputs.map(\.name) == ["a", "b", "c"])
        #expect(session.outputs.map(\.name) == ["p", "q"])
        #expect(session.inputs.map(\.description) == ["float32 [?, 2]", "string [?, 1]", "int64 [?]"])
        #expect(session.outputs.map(\.description) == ["float32 [?, 2]", "float64 [?]"])
    }

    @Test(
        "103 to 107: a sequence of maps tells its key and value",
        arguments: [(7, ElementType.int64), (8, .text)] as [(UInt64, ElementType)])
    func maps(key: UInt64, element: ElementType) throws {
        let session = try Rig.session(ZipMap.model(key: key))
        #expect(session.outputs[0].kind == .mapPerRow(key: element, value: .float32))
    }

    @Test("80, 81: the items of a sequence of maps")
    func items() throws {
        let session = try Rig.session(ZipMap.model(key: 7))
        var memory: [Float] = [0.25, 0.5, 0.75, 1, 2, 3]
        try memory.withUnsafeMutableBytes { bytes in
            let input = try tensor(#require(bytes.baseAddress), bytes.count, [2, 3], .float32)
            let names = PortNames(inputs: session.inputs, outputs: session.outputs)
            let result = try make(WEIR_ORT_VALUE) { result in
                var inputs: OpaquePointer? = input.pointer
                return weir_ort_run(table, session.pointer, nil, names.inputs, &inputs, 1, names.outputs, 1, result)
            }
            var (kind, count): (Int32, Int) = (0, 0)
            expectOK(weir_ort_value_kind(table, result.pointer, &kind))
            expectOK(weir_ort_item_count(table, result.pointer, &count))
            #expect(kind == Runtime.ValueKind.sequence)
            #expect(count == 2)
            let map = try make(WEIR_ORT_VALUE) { weir_ort_new_item(table, result.pointer, 1, engine.allocator, $0) }
            let keys = try make(WEIR_ORT_VALUE) { weir_ort_new_item(table, map.pointer, 0, engine.allocator, $0) }
            let values = try make(WEIR_ORT_VALUE) { weir_ort_new_item(table, map.pointer, 1, engine.allocator, $0) }
            #expect(try numbers(keys, as: Int64.self, 3) == [10, 20, 30])
            #expect(try numbers(values, as: Float.self, 3) == [3, 1, 2])
        }
    }

    private func numbers<Number>(_ value: borrowing Owned, as type: Number.Type, _ count: Int) throws -> [Number] {
        var bytes: UnsafeMutableRawPointer?
        expectOK(weir_ort_tensor_bytes(table, value.pointer, &bytes))
        let start = try #require(bytes).assumingMemoryBound(to: Number.self)
        return (0..<count).map { start[$0] }
    }

    @Test("111, 112, 115, 116, 117, 118, 123: a file's card")
    func card() throws {
        var model = ModelWriter.identity()
        #expect(try Rig.session(model).card == ModelCard(producer: "ModelWriter", version: nil, description: "", metadata: [:]))
        model.producer = "skl2onnx"
        model.description = "films"
        model.version = 12
        model.metadata = [("labels", "[\"a\"]"), ("variant", "champion"), ("empty", "")]
        let metadata = ["labels": "[\"a\"]", "variant": "champion", "empty": ""]
        #expect(try Rig.session(model).card == ModelCard(producer: "skl2onnx", version: 12, description: "films", metadata: metadata))
    }

    @Test("39, 46, 47, 97: the terminate flag stops a run until it is cleared")
    func terminate() throws {
        let session = try Rig.session(.identity())
        var lane = try Lane(session: session, binding: Binding(session: session, columns: Rig.numbers("a", "b"), labels: nil), maxRows: 1)
        lane.terminator.terminate()
        #expect(lane.run(numbers: [[1, 2]]) != .ok)
        #expect(lane.reason.contains("terminate"))
        lane.terminator.clear()
        #expect(lane.run(numbers: [[1, 2]]) == .ok)
        #expect(lane.scores(1) == [1, 2])
    }
}

/// A ZipMap whose keys are not sorted: 20, 30, 10, or their names.
enum ZipMap {
    static func model(key: UInt64) -> ModelWriter {
        var model = ModelWriter()
        model.inputs = [ModelWriter.tensor("x", 1, [.open, .fixed(3)])]
        model.outputs = [ModelWriter.maps("maps", key: key)]
        let labels =
            key == 7
            ? ModelWriter.attribute("classlabels_int64s", integers: [20, 30, 10])
            : ModelWriter.attribute("classlabels_strings", texts: ["pine", "willow", "oak"])
        model.nodes = [ModelWriter.node("ZipMap", ["x"], ["maps"], domain: "ai.onnx.ml", [labels])]
        return model
    }
}
