import Foundation

@testable import RouteFiles

/// A folder of routes in a temporary place, removed at the end.
final class RoutesOnDisk {
    let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("routes-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Writes a file, with the folders above it.
    func write(_ content: Data, to path: String) throws {
        let file = directory + "/" + path
        let folder = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try content.write(to: URL(fileURLWithPath: file))
    }

    func write(_ text: String, to path: String) throws {
        try write(Data(text.utf8), to: path)
    }

    /// A route with two models and a sample; only its text varies.
    func writeRoute(_ yaml: String, name: String = "films") throws {
        try write("model", to: name + "/champion.onnx")
        try write("another", to: name + "/challenger.onnx")
        try write("{\"year\":1994}\n\n{\"year\":1995}", to: name + "/sample.ndjson")
        try write(yaml, to: name + "/route.yaml")
    }

    func read() -> (routes: [RouteFile], complaints: [Complaint]) {
        RouteFolder.read(directory, digest: Self.digest)
    }

    /// Complaints without the temporary place: `films/route.yaml:3: key: message`.
    func complaints() -> [String] {
        read().complaints.map { $0.description.replacingOccurrences(of: directory + "/", with: "") }
    }

    /// Stands for SHA-256: the same for the same content, and easy to write in a table.
    static func digest(_ path: String) throws -> String {
        let content = try String(contentsOfFile: path, encoding: .utf8)
        return String(repeating: content == "model" ? "a" : "b", count: 64)
    }
}

let digestA = String(repeating: "a", count: 64)
let digestB = String(repeating: "b", count: 64)

/// Five lines that make a valid route; tables add line 6 and on.
let validHead = """
    route: films
    input:
      - { name: year, type: number }
    variants:
      champion: { model: champion.onnx, sha256: \(digestA), weight: 1 }

    """
