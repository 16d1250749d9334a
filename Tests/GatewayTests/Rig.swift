import Foundation
import Inference
import Ledgers
import Metrics
import Primitives
import Routing
import TLS
import Testing

@testable import Gateway

/// What the suites share: one engine for the process, and small models with known columns and classes.
enum Rig {
    static let engine = Result { try Engine(library: Engine.find(near: #filePath) ?? ".onnxruntime/libonnxruntime.so.1.32.0") }

    /// A fixture's bytes. Those used here have the columns a, b, c and d; the classifiers answer oak, pine and willow.
    static func model(_ name: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Fixtures/models/\(name).onnx")))
    }

    static func lanes(_ name: String = "flat-regression", reactors: Int = 1, maxRows: Int = 8, labels: [String]? = nil) throws -> LaneSet {
        let (engine, bytes) = (try engine.get(), try model(name))
        let columns = ["a", "b", "c", "d"].map { Column(name: $0, isText: false) }
        return try bytes.withUnsafeBytes {
            try LaneSet(engine: engine, bytes: $0, file: name, columns: columns, labels: labels, reactors: reactors, maxRows: maxRows)
        }
    }

    /// The value of a JSON text; fails the test when it is none.
    static func json(_ bytes: some Sequence<UInt8>) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }
}

/// A folder of its own with routes and a ledger. All are removed when the tests end, since a ledger may outlive the mention of its folder.
struct TestFolder {
    let path: String
    var routes: String { path + "/routes" }

    init() throws {
        path = Self.root + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/routes", withIntermediateDirectories: true)
    }

    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: TestFolder.root) }
        return FileManager.default.temporaryDirectory.path + "/weir-gateway-\(getpid())"
    }()

    func ledger() throws -> Ledger { try Ledger(StateFolder(path: path + "/state"), now: .now) }

    /// Writes a file of a route, with the folder around it.
    func write(_ content: some Sequence<UInt8>, to file: String, of route: String) throws {
        try FileManager.default.createDirectory(atPath: "\(routes)/\(route)", withIntermediateDirectories: true)
        try Data(content).write(to: URL(filePath: "\(routes)/\(route)/\(file)"))
    }

    /// Writes a route's models and its file.
    func write(_ route: RouteText) throws {
        for variant in route.variants + route.shadows { try write(variant.bytes, to: variant.name + ".onnx", of: route.name) }
        if let sample = route.sample { try write(sample.utf8, to: "sample.ndjson", of: route.name) }
        try write(route.text.utf8, to: "route.yaml", of: route.name)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }

    func remove(_ route: String) throws { try FileManager.default.removeItem(atPath: "\(routes)/\(route)") }
}

/// A route as a test states it: everything valid, until the test changes a part.
struct RouteText {
    struct Variant {
        var name: String
        var bytes: [UInt8]
        var weight: Double
        var sha256: String

        init(_ name: String, _ bytes: [UInt8], weight: Double = 1) {
            (self.name, self.bytes, self.weight) = (name, bytes, weight)
            sha256 = bytes.withUnsafeBytes { SHA256Digest.hexadecimal(of: $0) }
        }

        init(_ name: String, model: String, weight: Double = 1) throws { self.init(name, try Rig.model(model), weight: weight) }
    }

    var name = "trees"
    var more: [String] = []
    var sample: String?
    var input = ["a", "b", "c", "d"].map { "{ name: \($0), type: number, min: -10, max: 10 }" }
    var variants: [Variant]
    /// Of their weights nothing is written.
    var shadows: [Variant] = []

    init(_ variants: Variant...) { self.variants = variants }

    /// Two classifiers of the same classes, 90 to 10.
    static func pair() throws -> RouteText {
        RouteText(try Variant("champion", model: "tensor-string", weight: 90), try Variant("challenger", model: "forest", weight: 10))
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    /// The number of the line that begins with `start`, after blanks.
    func line(_ start: String) -> Int { (lines.firstIndex { $0.drop { $0 == " " }.hasPrefix(start) } ?? -1) + 1 }

    private var lines: [String] {
        ["route: \(name)"] + more + (sample == nil ? [] : ["sample: sample.ndjson"]) + ["input:"] + input.map { "  - \($0)" } + ["variants:"]
            + variants.map { "  \($0.name): { model: \($0.name).onnx, sha256: \"\($0.sha256)\", weight: \($0.weight) }" }
            + (shadows.isEmpty ? [] : ["shadows:"])
            + shadows.map { "  - { name: \($0.name), model: \($0.name).onnx, sha256: \"\($0.sha256)\" }" }
    }
}
