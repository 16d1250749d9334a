import Testing

@testable import Inference

/// Seedable random numbers (splitmix64).
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Files that are no models, or no longer: an error with a reason, never a crash.
@Suite struct RobustnessTests {
    static let random: [UInt8] = {
        var random = SplitMix(seed: 1)
        return (0..<4096).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }()

    @Test(
        "what is no model is refused with the file's name and a reason",
        arguments: [
            [], Array("not a model".utf8), Array("<!DOCTYPE html><html></html>".utf8), [0], Array(repeating: 0, count: 1000), random,
            Array(ModelWriter.classifier().bytes.dropLast()), Array(ModelWriter.classifier().bytes.prefix(100)),
        ])
    func noModel(bytes: [UInt8]) throws {
        let error = Rig.error { _ = try Rig.session(bytes, file: "candidate.onnx") }
        guard case .fileRefused(file: "candidate.onnx", let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
        #expect("\(try #require(error))".hasPrefix("candidate.onnx is refused: "))
    }

    @Test("weights in another file are refused", arguments: ["weights.bin", "/etc/passwd", "../weights.bin"])
    func outside(file: String) {
        var model = ModelWriter.identity()
        model.tables = [ModelWriter.outsideTable("w", [2], file: file)]
        model.nodes = [ModelWriter.node("Add", ["x", "w"], ["y"])]
        guard case .fileRefused(_, let reason) = Rig.error({ _ = try Rig.session(model) }) else {
            Issue.record("the model opens")
            return
        }
        #expect(reason.contains("another file"))
    }

    @Test("weights in another file are refused inside a branch too, where the runtime would read them")
    func outsideInBranch() {
        let place = ModelWriter.outsideTable("v", [2], file: "weights.bin")
        let branch =
            ModelWriter.field(1, ModelWriter.node("Identity", ["v"], ["r"])) + ModelWriter.field(2, Array("b".utf8))
            + ModelWriter.field(5, place) + ModelWriter.field(12, ModelWriter.tensor("r", 1, [.fixed(2)]))
        let attributes = ["then_branch", "else_branch"].map { name in
            ModelWriter.field(1, Array(name.utf8)) + ModelWriter.field(6, branch) + ModelWriter.field(20, 5)
        }
        var model = ModelWriter.identity()
        model.nodes = [ModelWriter.node("If", ["c"], ["w"], attributes), ModelWriter.node("Add", ["x", "w"], ["y"])]
        guard case .fileRefused(_, let reason) = Rig.error({ _ = try Rig.session(model) }) else {
            Issue.record("the model opens")
            return
        }
        #expect(reason.contains("another file"))
    }

    @Test("nesting without end is refused, not followed")
    func nesting() {
        var graph: [UInt8] = []
        for _ in 0..<5000 { graph = ModelWriter.field(1, ModelWriter.field(5, ModelWriter.field(6, graph))) }
        guard case .fileRefused(_, let reason) = Rig.error({ _ = try Rig.session(ModelWriter.field(7, graph)) }) else {
            Issue.record("the model opens")
            return
        }
        #expect(reason.contains("nested"))
    }

    @Test(
        "what the walk cannot read is refused, so that nothing hides behind it",
        arguments: [
            [0x1B, 0x1C], [0x00, 0x00], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00],
        ] as [[UInt8]])
    func hidden(prefix: [UInt8]) {
        guard case .fileRefused(_, let reason) = Rig.error({ _ = try Rig.session(prefix + ModelWriter.identity().bytes) }) else {
            Issue.record("the model opens")
            return
        }
        #expect(reason.contains("protobuf"))
    }

    /// A chain of so many nodes that take the cosine of the one before.
    private func chain(_ nodes: Int) -> ModelWriter {
        var model = ModelWriter.identity()
        model.nodes = (0..<nodes).map { ModelWriter.node("Cos", [$0 == 0 ? "x" : "n\($0)"], [$0 == nodes - 1 ? "y" : "n\($0 + 1)"]) }
        return model
    }

    @Test("more nodes than a model may have are counted before they are opened")
    func crowded() {
        guard case .fileRefused(_, let reason) = Rig.error({ _ = try Rig.session(chain(Limits.nodes + 1)) }) else {
            Issue.record("the model opens")
            return
        }
        #expect(reason.contains("more than \(Limits.nodes) nodes"))
        #expect(Objection.to(model: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
        #expect(chain(Limits.nodes).bytes.withUnsafeBytes { Objection.to(model: $0) } == nil)
    }

    @Test("operators that nobody knows are named")
    func unknownOperator() {
        var model = ModelWriter.identity()
        model.nodes = [ModelWriter.node("Divine", ["x"], ["y"])]
        guard case .fileRefused(_, let reason) = Rig.error({ _ = try Rig.session(model) }) else {
            Issue.record("the model opens")
            return
        }
        #expect(reason.contains("Divine"))
    }

    @Test(
        "mutated copies are refused with a reason, or load, bind and run",
        arguments: ["forest.onnx", "zipmap-string.onnx", "columns.onnx", "network.onnx"])
    func mutated(file: String) throws {
        let original = try Rig.fixture(file)
        let columns = try #require(Expected.all[file]).columns
        var random = SplitMix(seed: 42)
        var refused = 0
        for _ in 0..<150 {
            var bytes = original
            for _ in 0...Int(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() % 4 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
            let error = Rig.error {
                let session = try Rig.session(bytes, file: file)
                var lane = try Lane(session: session, binding: Binding(session: session, columns: columns, labels: nil), maxRows: 3)
                let rows = Expected.all[file]?.rows.prefix(3) ?? []
                if lane.run(Array(rows)) != .ok { #expect(!lane.reason.isEmpty) }
            }
            guard let error else { continue }
            refused += 1
            #expect("\(error)".hasPrefix(file))
            #expect("\(error)".count > file.count + 20, "\(error)")
        }
        #expect(refused > 75)
    }
}
