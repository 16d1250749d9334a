import Foundation
import Inference
import RouteFiles
import Testing

@testable import Gateway

/// What the suites about quarantine share: candidates, and programs that behave as badly as a hostile file could make one.
struct QuarantineRig {
    let folder: TestFolder
    var state: String { folder.path + "/state" }

    init() throws { folder = try TestFolder() }

    /// The built program, which lies beside the tests' own.
    static let program: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("weir").path
    }()

    /// A candidate of the four columns, its file written, and the route's reading that names it.
    func candidate(_ bytes: [UInt8], name: String = "only") throws -> Candidate {
        try folder.write(RouteText(.init(name, bytes)))
        let reading = RouteReader(quarantine: nil).read(folder.routes)
        #expect(reading.complaints.isEmpty)
        return try #require(reading.routes.first?.models.first?.candidate)
    }

    static func hostile(_ name: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Fixtures/hostile/\(name).onnx")))
    }

    /// A report of this version about a pass, as its process would write it.
    static func report(isClassification: Bool = false, labels: Int = 0, scoreCount: Int = 1) -> String {
        let names = (0..<labels).map { "\"\($0)\"" }.joined(separator: ",")
        let pass = #"{"rowCost":1,"isClassification":\#(isClassification),"labels":[\#(names)],"scoreCount":\#(scoreCount)}"#
        return #"{"version":\#(QuarantineJob.version),"verdict":"passed","pass":\#(pass)}"#
    }

    /// - Parameter milliseconds: CPU time of a candidate.
    func quarantine(
        _ program: String = QuarantineRig.program, milliseconds: UInt64 = 5_000, bytes: Int = 1 << 30, remembers: Bool = true
    ) throws -> Quarantine {
        var limits = GatewayLimits()
        limits.quarantineTime = milliseconds * 1_000_000
        limits.quarantineBytes = bytes
        let engine = try Rig.engine.get()
        let library = try #require(Engine.find(near: #filePath))
        return Quarantine(program: program, library: library, runtime: engine.version, limits: limits, folder: remembers ? state : nil)
    }

    /// A program of these shell lines.
    func script(_ lines: String) throws -> String {
        let path = folder.path + "/program-\(UUID().uuidString)"
        try Data("#!/bin/sh\n\(lines)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// The passes that are remembered.
    var passes: [String] { (try? FileManager.default.contentsOfDirectory(atPath: state + "/quarantine")) ?? [] }
}
