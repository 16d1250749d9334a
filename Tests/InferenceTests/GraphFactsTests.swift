import Testing

@testable import Inference

@Suite struct GraphFactsTests {
    func lists(_ model: ModelWriter) -> [ClassList] { model.bytes.withUnsafeBytes { GraphFacts(model: $0).classLists } }

    /// A model of one node with the given attributes; it need not run.
    func model(_ attributes: [UInt8]...) -> ModelWriter {
        var model = ModelWriter.identity()
        model.nodes = [ModelWriter.node("LinearClassifier", ["x"], ["y"], domain: "ai.onnx.ml", attributes)]
        return model
    }

    @Test("attributes of classifiers name the classes", arguments: ["classlabels_ints", "classlabels_int64s"])
    func attributes(name: String) {
        #expect(lists(model(ModelWriter.attribute(name, integers: [-1, 0, 7]))) == [.codes([-1, 0, 7])])
        #expect(lists(model(ModelWriter.attribute("classlabels_strings", texts: ["ü", ""]))) == [.texts(["ü", ""])])
        #expect(lists(model(ModelWriter.attribute("class_ids", integers: [1, 2]))) == [])
        #expect(lists(.identity()) == [])
    }

    @Test("packed integers are read like repeated ones")
    func packed() {
        let packed = ModelWriter.field(1, Array("classlabels_ints".utf8)) + ModelWriter.field(8, [5, 0x96, 0x01, 0])
        #expect(lists(model(packed)) == [.codes([5, 150, 0])])
    }

    @Test("the table of an ArrayFeatureExtractor names the classes, wherever it stands")
    func extractor() {
        var model = ModelWriter.identity()
        model.nodes = [ModelWriter.node("ArrayFeatureExtractor", ["classes", "x"], ["y"], domain: "ai.onnx.ml")]
        model.tables = [
            ModelWriter.table("other", [2], integers: [8, 9]), ModelWriter.table("classes", [3], integers: [3, -1, 1 << 40]),
        ]
        #expect(lists(model) == [.codes([3, -1, 1 << 40])])
    }

    @Test("the same list twice is one; lists that differ are both there")
    func distinct() {
        let (first, second) = (
            ModelWriter.attribute("classlabels_strings", texts: ["a", "b"]),
            ModelWriter.attribute("classlabels_strings", texts: ["b", "a"])
        )
        #expect(lists(model(first, first)) == [.texts(["a", "b"])])
        #expect(lists(model(first, second)) == [.texts(["a", "b"]), .texts(["b", "a"])])
    }

    @Test("more names than a model may have classes are no list")
    func tooMany() {
        let many = Array(repeating: "x", count: Limits.classes + 1)
        #expect(lists(model(ModelWriter.attribute("classlabels_strings", texts: many))) == [])
        #expect(lists(model(ModelWriter.attribute("classlabels_ints", integers: many.map { _ in 1 }))) == [])
    }

    @Test("every truncation and a thousand random changes are read without a crash")
    func malformed() {
        var model = model(ModelWriter.attribute("classlabels_strings", texts: ["oak", "pine"]))
        model.tables = [ModelWriter.table("classes", [3], integers: [3, -1, 4])]
        let bytes = model.bytes
        for count in 0..<bytes.count { _ = bytes[..<count].withUnsafeBytes { GraphFacts(model: $0) } }
        var random = SplitMix(seed: 7)
        for _ in 0..<1000 {
            var changed = bytes
            for _ in 0...3 { changed[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            _ = changed.withUnsafeBytes { GraphFacts(model: $0) }
        }
        #expect(lists(model) == [.texts(["oak", "pine"])])
    }
}

@Suite struct NameListTests {
    @Test(
        "lists of names",
        arguments: [
            ("[]", []), (" [ \"a\" ,\n\"b\"] ", ["a", "b"]), ("[0, -1, 12]", ["0", "-1", "12"]), ("[\"\"]", [""]),
            (#"["\"\\\/\b\f\n\r\t"]"#, ["\"\\/\u{8}\u{C}\n\r\t"]), (#"["\u00fc\ud83c\udf33"]"#, ["ü🌳"]), ("[\"ü🌳\"]", ["ü🌳"]),
            ("[\"e\u{301}\"]", ["e\u{301}"]),
        ])
    func names(text: String, expected: [String]) {
        #expect(NameList.parse(text) == expected)
    }

    @Test(
        "anything else is no list",
        arguments: [
            "", "a", "[", "]", "[\"a\"", "[\"a\",]", "[,\"a\"]", "[\"a\" \"b\"]", "[\"a\"] x", "[1.5]", "[--1]", "[1-]", "{\"a\": 1}",
            "[null]",
            #"["\x"]"#, #"["\u12"]"#, #"["\ud83c"]"#, #"["\udf33"]"#, "[\"a\nb\"]", "[\"a", "[99999999999999999999]", #"["\u+123"]"#,
        ])
    func refused(text: String) {
        #expect(NameList.parse(text) == nil)
    }
}
