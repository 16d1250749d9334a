import Foundation
import Testing

@testable import Inference

/// What the suites share: one engine for the process, and the fixture models with Python's answers.
enum Rig {
    /// The library as Sources/build leaves it in a folder above this file.
    static let library = Engine.find(near: #filePath) ?? ".onnxruntime/libonnxruntime.so.1.32.0"
    /// Every test's engine. The library keeps the first journal of a process: if it is this one, it hears everything from "info" on.
    static let journal = Journal(threshold: .info, capacity: 1_000_000)
    static let engine = Result { try Engine(library: library, journal: journal) }

    static let models = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/models")

    static func session(_ bytes: [UInt8], file: String = "test.onnx") throws -> Session {
        let engine = try engine.get()
        return try bytes.withUnsafeBytes { try Session(engine: engine, bytes: $0, file: file) }
    }

    static func session(_ model: ModelWriter) throws -> Session { try session(model.bytes) }

    static func fixture(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: models.appending(path: name))) }

    static func numbers(_ names: String...) -> [Column] { names.map { Column(name: $0, isText: false) } }

    /// The error that `body` throws.
    static func error(_ body: () throws -> Void) -> InferenceError? {
        do {
            try body()
            return nil
        } catch {
            return error as? InferenceError
        }
    }
}

/// One value of a fixture's row.
enum Value: Decodable {
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    var name: String {
        switch self {
        case .number(let number): String(Int(number))
        case .text(let text): text
        }
    }
}

/// What Python answers for one fixture model.
struct Expected: Decodable {
    let task: String
    let features: [String]
    let labels: [Value]?
    let rows: [[Value]]
    let label: [Value]?
    let probabilities: [[Float?]]?
    let value: [Float]?

    static let all: [String: Expected] =
        (try? JSONDecoder().decode(
            [String: Expected].self, from: Data(contentsOf: Rig.models.appending(path: "expected.json")))) ?? [:]

    var columns: [Column] {
        zip(features, rows[0]).map { name, value in
            if case .text = value { Column(name: name, isText: true) } else { Column(name: name, isText: false) }
        }
    }
}

extension Lane {
    /// Fills rows from 0 on and runs them: every test's short way.
    mutating func run(_ rows: [[Value]]) -> RunResult {
        for (index, row) in rows.enumerated() {
            var text: [UInt8] = []
            let slots = row.map { value in
                switch value {
                case .number(let number): return number
                case .text(let word):
                    let place = UInt64(text.count) << 32 | UInt64(word.utf8.count)
                    text += Array(word.utf8)
                    return Double(bitPattern: place)
                }
            }
            text.append(0)
            #expect(fill(row: index, slots: slots, text: text) == -1)
        }
        return run(rows: rows.count)
    }

    mutating func run(numbers rows: [[Double]]) -> RunResult { run(rows.map { $0.map(Value.number) }) }

    func labels(_ rows: Int) -> [Int32] { (0..<rows).map { labels[$0] } }

    func scores(_ rows: Int) -> [Float] { (0..<rows * scoreCount).map { scores[$0] } }
}
