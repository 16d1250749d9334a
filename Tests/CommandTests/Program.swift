import Foundation
import Ledgers

/// Runs the built `weir`, which lies beside the tests' own executable, with a state folder of its own.
struct Program: Sendable {
    /// What a run left: exit code, standard output, standard error.
    struct Run: Equatable, Sendable {
        var code: Int32
        var output: String
        var errors: String
    }

    let folder: String
    var state: StateFolder { StateFolder(path: folder + "/state") }

    init() throws {
        folder = Self.root + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Runs `weir` with these words, in `folder`. No variable is inherited; `WEIR_STATE` names the state folder unless it is set here.
    func run(_ words: String..., environment: [String: String] = [:]) throws -> Run {
        try run(words, environment: environment)
    }

    /// - Parameters:
    ///   - input: standard input; nil for none.
    ///   - target: takes standard output in place of `Run.output`.
    func run(
        _ words: [String], environment: [String: String] = [:], input: FileHandle? = nil, output target: FileHandle? = nil
    ) throws -> Run {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ["WEIR_STATE": state.path, "USER": "ana"].merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = target ?? output
        process.standardError = errors
        process.standardInput = input ?? FileHandle.nullDevice
        try process.run()
        if target != nil { try output.fileHandleForWriting.close() }
        // The texts fit into a pipe's buffer, so reading one after the other cannot block the program.
        let texts = [output, errors].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
        process.waitUntilExit()
        return Run(code: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    /// Enters a route as a server does when it reads the route's file.
    func enter(_ route: String, _ weights: [NamedWeight]) throws {
        _ = try Ledger(state, now: .now).reconcile(route: route, fileWeights: weights, now: .now)
    }

    private static let executable: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("weir").path
    }()

    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: Program.root) }
        return FileManager.default.temporaryDirectory.path + "/weir-commands-\(getpid())"
    }()
}

extension String {
    /// The lines, each split into its words.
    var words: [[Substring]] {
        split(separator: "\n").map { $0.split(separator: " ") }
    }
}
