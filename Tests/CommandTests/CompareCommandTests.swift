import Foundation
import TLS
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct CompareCommandTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/models"

    /// A folder with the route trees, whose champion is tensor-string, a new model, and rows with labels.
    private func prepared() throws -> Program {
        let weir = try Program()
        let folder = weir.folder + "/Routes/trees"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.fixtures + "/tensor-string.onnx", toPath: folder + "/champion.onnx")
        try FileManager.default.copyItem(atPath: Self.fixtures + "/forest.onnx", toPath: weir.folder + "/new.onnx")
        let digest = try FileBytes(folder + "/champion.onnx").withBytes { SHA256Digest.hexadecimal(of: $0) }
        let input = ["a", "b", "c", "d"].map { "  - { name: \($0), type: number, min: -10, max: 10 }\n" }.joined()
        let route = "route: trees\ninput:\n\(input)variants:\n  champion: { model: champion.onnx, sha256: \"\(digest)\", weight: 1 }\n"
        try route.write(toFile: folder + "/route.yaml", atomically: true, encoding: .utf8)
        let rows = """
            {"a":1.83,"b":0.0,"c":-0.06,"d":6.44,"kind":"pine"}
            {"a":-0.77,"b":0.31,"c":1.46,"d":4.39,"kind":"pine"}
            {"a":1.03,"b":1.8,"c":0.0,"d":7.82,"kind":"pine"}
            {"a":0.39,"b":2.69,"c":2.49,"d":77.2,"kind":"willow"}

            """
        try rows.write(toFile: weir.folder + "/rows.ndjson", atomically: true, encoding: .utf8)
        let table = "a,b,c,d,label\n1.83,0,-0.06,6.44,pine\n-0.77,0.31,1.46,4.39,oak\n"
        try table.write(toFile: weir.folder + "/rows.csv", atomically: true, encoding: .utf8)
        return weir
    }

    private let routes = ["--routes", "Routes"]

    @Test("a table as of a shadow, with true labels, and what is left out below it")
    func table() throws {
        let weir = try prepared()
        let run = try weir.run(["compare", "trees", "--model", "new.onnx", "--rows", "rows.ndjson", "--label", "kind"] + routes)
        #expect(run.code == 0 && run.errors.isEmpty, "\(run)")
        let lines = run.output.words
        #expect(run.output.hasPrefix("trees: new.onnx (") && lines[0].suffix(3) == ["on", "4", "rows"])
        #expect(lines[1].prefix(2) == ["candidate", "new.onnx,"] && lines[1].suffix(2) == ["beside", "champion"])
        for line in [
            ["compared", "3"], ["same", "label", "100", "%"], ["largest", "difference", "0.178"], ["both", "right", "2"],
            ["both", "wrong", "1"],
            ["accuracy", "66.67", "%", "/", "66.67", "%"], ["pine", "0", "2", "0"],
        ] as [[Substring]] {
            #expect(lines.contains(line), "\(line) in\n\(run.output)")
        }
        #expect(run.output.contains("\n- 1 row left out: the route's contract refuses them\n- the first of them, row 4: \"d\" must be"))
    }

    @Test("tables with commas are read, rows can be limited, and all of it comes as JSON")
    func json() throws {
        let weir = try prepared()
        let words = ["compare", "trees", "--rows", "rows.csv", "--json"] + routes
        let run = try weir.run(words, environment: ["WEIR_MODEL": "new.onnx", "WEIR_AGAINST": "champion"])
        #expect(run.code == 0, "\(run)")
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(answer["rows"] as? Int == 2 && answer["route"] as? String == "trees" && answer["model"] as? String == "new.onnx")
        let comparison = try #require(answer["comparison"] as? [String: Any])
        #expect(comparison["compared"] as? Int == 2 && comparison["agreed"] as? Int == 2)
        #expect(((comparison["outcomes"] as? [String: Any])?["accuracy"] as? [String: Double]) == ["primary": 1, "shadow": 1])
        let one = try weir.run(words + ["--model", "new.onnx", "--limit", "1"])
        #expect(try (JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [String: Any])?["rows"] as? Int == 1)
    }

    @Test(
        "what makes no sense is refused with what to do",
        arguments: [
            (["--rows", "rows.csv"], 64, "missing --model (or WEIR_MODEL)"), (["--model", "new.onnx"], 64, "give one of --rows and --log"),
            (["--model", "new.onnx", "--rows", "rows.csv", "--log"], 64, "give one of --rows and --log"),
            (["--model", "new.onnx", "--rows", "rows.csv", "--limit", "0"], 64, "--limit: 0 is less than 1"),
            (["--model", "none.onnx", "--rows", "rows.csv"], 1, "none.onnx"),
            (["--model", "rows.csv", "--rows", "rows.csv"], 1, "rows.csv is refused: it is no ONNX model"),
            (["--model", "new.onnx", "--rows", "none.csv"], 1, "none.csv: cannot be read"),
            (["--model", "new.onnx", "--log"], 1, "no ledger in"),
            (
                ["--model", "new.onnx", "--rows", "rows.csv", "--against", "nobody"], 1,
                "the route's file names no 'nobody'; it names champion"
            ),
            (["--model", "new.onnx", "--rows", "rows.csv", "--label", "a"], 1, "'a' is a field of the contract and cannot be the label"),
        ] as [([String], Int32, String)])
    func refused(words: [String], code: Int32, reason: String) throws {
        let run = try prepared().run(["compare", "trees"] + words + routes)
        #expect(run.code == code && run.output.isEmpty && run.errors.hasPrefix("weir: ") && run.errors.contains(reason), "\(run)")
    }
}
