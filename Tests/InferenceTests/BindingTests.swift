import Testing

@testable import Inference

/// How contracts meet models: every mismatch names the file, the port, what was expected and what was found.
@Suite struct BindingTests {
    func binding(_ model: ModelWriter, _ columns: [Column], labels: [String]? = nil) throws -> Binding {
        try Binding(session: Rig.session(model), columns: columns, labels: labels)
    }

    func mismatch(_ model: ModelWriter, _ columns: [Column], labels: [String]? = nil) -> (port: String, expected: String, found: String)? {
        guard case .mismatch(let file, let port, let expected, let found)? = Rig.error({ _ = try binding(model, columns, labels: labels) })
        else { return nil }
        #expect(file == "test.onnx")
        return (port, expected, found)
    }

    // MARK: inputs

    @Test("a wrong width names both widths and the contract's columns")
    func width() throws {
        let error = try #require(mismatch(.classifier(), Rig.numbers("a", "b", "c")))
        #expect(error.port == "input 'x'")
        #expect(error.expected == "2 columns")
        #expect(error.found == "the contract's 3 columns (a, b, c)")
    }

    @Test("an undeclared width is found wrong by the trial, in the runtime's words")
    func openWidth() throws {
        var model = ModelWriter.classifier()
        model.inputs = [ModelWriter.tensor("x", 1, [.open, .open])]
        model.nodes = [ModelWriter.node("MatMul", ["x", "w"], ["y"])]
        model.tables = [ModelWriter.table("w", [2, 1], floats: [1, 1])]
        model.outputs = [ModelWriter.tensor("y", 1, [.open, .open])]
        #expect(try binding(model, Rig.numbers("a", "b")).task == .regression)
        let error = try #require(mismatch(model, Rig.numbers("a", "b", "c")))
        #expect(error.found.contains("3 columns"))
        #expect(error.found.contains("MatMul"))
    }

    @Test("columns are matched with named inputs by name, whatever their order")
    func namedInputs() throws {
        var model = ModelWriter()
        model.inputs = [ModelWriter.tensor("width", 1, [.open, .fixed(1)]), ModelWriter.tensor("height", 1, [.open, .fixed(1)])]
        model.outputs = [ModelWriter.tensor("y", 1, [.open, .fixed(1)])]
        model.nodes = [ModelWriter.node("Sub", ["width", "height"], ["y"])]
        let session = try Rig.session(model)
        let binding = try Binding(session: session, columns: Rig.numbers("height", "width"), labels: nil)
        var lane = try Lane(session: session, binding: binding, maxRows: 2)
        #expect(lane.run(numbers: [[1, 10], [2, 30]]) == .ok)
        #expect(lane.scores(2) == [9, 28])

        #expect(try #require(mismatch(model, Rig.numbers("height"))).port == "input 'width'")
        #expect(try #require(mismatch(model, Rig.numbers("height", "width", "depth"))).expected == "one named 'depth'")
        let text = [Column(name: "height", isText: false), Column(name: "width", isText: true)]
        #expect(try #require(mismatch(model, text)).found == "the contract's string of that name")
    }

    @Test("a string column does not fit a matrix of numbers")
    func textInMatrix() throws {
        let error = try #require(mismatch(.classifier(), [Column(name: "a", isText: false), Column(name: "b", isText: true)]))
        #expect(error.expected == "only numbers")
        #expect(error.found == "the string 'b'")
    }

    @Test("metadata that name the columns in another order are a mismatch")
    func features() throws {
        var model = ModelWriter.classifier()
        model.metadata = [("features", "[\"a\", \"b\"]")]
        _ = try binding(model, Rig.numbers("a", "b"))
        let error = try #require(mismatch(model, Rig.numbers("b", "a")))
        #expect(error.expected.contains("a, b"))
        #expect(error.found.contains("b, a"))
    }

    @Test(
        "inputs that rows cannot fill are named",
        arguments: [
            ModelWriter.tensor("x", 1, [.open, .fixed(2), .fixed(2)]), ModelWriter.tensor("x", 10, [.open, .fixed(2)]),
            ModelWriter.tensor("x", 1, []), ModelWriter.tensor("x", 1, [.fixed(7), .fixed(2)]),
        ])
    func oddInputs(input: [UInt8]) throws {
        var model = ModelWriter()
        model.inputs = [input]
        model.outputs = [ModelWriter.tensor("y", 1, [.open])]
        model.nodes = [
            ModelWriter.node("Cast", ["x"], ["f"], [ModelWriter.attribute("to", integer: 1)]),
            ModelWriter.node("Reshape", ["f", "flat"], ["y"]),
        ]
        model.tables = [ModelWriter.table("flat", [1], integers: [-1])]
        let error = try #require(mismatch(model, Rig.numbers("a", "b")))
        #expect(error.port.contains("input"))
        #expect(error.found.contains("["))
    }

    // MARK: classes

    @Test("class names come from the route file, else the metadata, else the graph")
    func sources() throws {
        var model = ModelWriter.classifier()
        #expect(try binding(model, Rig.numbers("a", "b")).task == .classification(labels: ["oak", "pine", "willow"]))
        model.metadata = [("classes", "[\"x\", \"y\", \"z\"]")]
        #expect(try binding(model, Rig.numbers("a", "b")).task == .classification(labels: ["x", "y", "z"]))
        model.metadata.append(("labels", "[\"u\", \"v\", \"w\"]"))
        #expect(try binding(model, Rig.numbers("a", "b")).task == .classification(labels: ["u", "v", "w"]))
        let chosen = try binding(model, Rig.numbers("a", "b"), labels: ["1", "2", "3"])
        #expect(chosen.task == .classification(labels: ["1", "2", "3"]))
    }

    @Test("other names for the classes leave the model's label at its place")
    func renamed() throws {
        let session = try Rig.session(.classifier())
        let binding = try Binding(session: session, columns: Rig.numbers("a", "b"), labels: ["Eiche", "Kiefer", "Weide"])
        var lane = try Lane(session: session, binding: binding, maxRows: 3)
        #expect(lane.run(numbers: [[5, 1], [1, 5], [-1, -1]]) == .ok)
        #expect(lane.labels(3) == [0, 1, 2])
    }

    @Test(
        "the model's own names in another order are a mistake",
        arguments: [
            ["pine", "oak", "willow"], ["oak", "pine"], ["oak", "oak", "pine"], [],
        ])
    func wrongLabels(labels: [String]) throws {
        #expect(mismatch(.classifier(), Rig.numbers("a", "b"), labels: labels) != nil)
    }

    @Test("scores without a label output are named by their number, and the highest is the label")
    func scoresOnly() throws {
        let session = try Rig.session(.identity(width: 3))
        let binding = try Binding(session: session, columns: Rig.numbers("a", "b", "c"), labels: nil)
        #expect(binding.task == .classification(labels: ["0", "1", "2"]))
        var lane = try Lane(session: session, binding: binding, maxRows: 2)
        #expect(lane.run(numbers: [[1, 3, 2], [-3, -2, -1]]) == .ok)
        #expect(lane.labels(2) == [1, 2])
        #expect(lane.scores(2) == [1, 3, 2, -3, -2, -1])
    }

    @Test("a label without scores", arguments: [nil, ["low", "high"]])
    func labelOnly(labels: [String]?) throws {
        var model = ModelWriter()
        model.inputs = [ModelWriter.tensor("x", 1, [.open, .fixed(2)])]
        model.outputs = [ModelWriter.tensor("label", 7, [.open])]
        model.nodes = [
            ModelWriter.node(
                "LinearClassifier", ["x"], ["label", "scores"], domain: "ai.onnx.ml",
                [
                    ModelWriter.attribute("coefficients", floats: [1, 0, 0, 1]), ModelWriter.attribute("intercepts", floats: [0, 0]),
                    ModelWriter.attribute("classlabels_ints", integers: [40, 30]),
                ])
        ]
        let session = try Rig.session(model)
        let binding = try Binding(session: session, columns: Rig.numbers("a", "b"), labels: labels)
        #expect(binding.task == .classification(labels: labels ?? ["40", "30"]))
        #expect(binding.scoreCount == 0)
        var lane = try Lane(session: session, binding: binding, maxRows: 2)
        #expect(lane.run(numbers: [[2, 1], [1, 2]]) == .ok)
        #expect(lane.labels(2) == [0, 1])
    }

    @Test("a map's keys come in their own order and go to the model's", arguments: [7, 8] as [UInt64])
    func mapOrder(key: UInt64) throws {
        let session = try Rig.session(ZipMap.model(key: key))
        let binding = try Binding(session: session, columns: Rig.numbers("a", "b", "c"), labels: nil)
        #expect(binding.task == .classification(labels: key == 7 ? ["20", "30", "10"] : ["pine", "willow", "oak"]))
        var lane = try Lane(session: session, binding: binding, maxRows: 2)
        #expect(lane.run(numbers: [[1, 2, 3], [6, 5, 4]]) == .ok)
        #expect(lane.scores(2) == [1, 2, 3, 6, 5, 4])
        #expect(lane.labels(2) == [2, 0])
    }

    @Test("labels in a route file for a model that answers one value")
    func labelsForRegression() throws {
        var model = ModelWriter.identity(width: 1)
        model.outputs = [ModelWriter.tensor("y", 1, [.open, .fixed(1)])]
        #expect(try binding(model, Rig.numbers("a")).task == .regression)
        #expect(try #require(mismatch(model, Rig.numbers("a"), labels: ["no", "yes"])).found == "one value per row")
    }

    @Test("several float outputs need one that is named after probabilities")
    func severalScores() throws {
        var model = ModelWriter.identity()
        model.outputs = [ModelWriter.tensor("y", 1, [.open, .fixed(2)]), ModelWriter.tensor("z", 1, [.open, .fixed(2)])]
        model.nodes = [ModelWriter.node("Identity", ["x"], ["y"]), ModelWriter.node("Neg", ["x"], ["z"])]
        #expect(try #require(mismatch(model, Rig.numbers("a", "b"))).found.contains("y: float32 [?, 2], z: float32"))

        model.outputs[1] = ModelWriter.tensor("probabilities", 1, [.open, .fixed(2)])
        model.nodes[1] = ModelWriter.node("Neg", ["x"], ["probabilities"])
        let session = try Rig.session(model)
        var lane = try Lane(session: session, binding: Binding(session: session, columns: Rig.numbers("a", "b"), labels: nil), maxRows: 1)
        #expect(lane.run(numbers: [[1, 2]]) == .ok)
        #expect(lane.scores(1) == [-1, -2])
    }

    @Test("an answer that is not one per row is found by the trial")
    func notPerRow() throws {
        var model = ModelWriter.identity()
        model.outputs = [ModelWriter.tensor("y", 1, [.open])]
        model.nodes = [ModelWriter.node("ReduceSum", ["x"], ["y"], [ModelWriter.attribute("keepdims", integer: 0)])]
        #expect(mismatch(model, Rig.numbers("a", "b")) != nil)
    }
}
