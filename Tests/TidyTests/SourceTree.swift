import Foundation

/// The checkout under test: what Git tracks in it, and its text.
enum SourceTree {
    /// The folder that holds Package.swift.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Paths, relative to the root, of files that Git tracks.
    static func trackedFiles() throws -> [String] { try listed(["ls-files", "-z"]) }

    /// Paths of files that Git tracks or would add: what a change is about to bring.
    static func files() throws -> [String] {
        try listed(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).filter {
            FileManager.default.fileExists(atPath: root.appending(path: $0).path)
        }
    }

    /// Swift files below the folders named.
    static func swiftFiles(in folders: String...) throws -> [SourceFile] {
        try files().filter { path in path.hasSuffix(".swift") && folders.contains { path.hasPrefix($0 + "/") } }.map(read)
    }

    static func read(_ path: String) throws -> SourceFile {
        SourceFile(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    private static func listed(_ arguments: [String]) throws -> [String] {
        let result = try run("/usr/bin/env", ["git", "-C", root.path] + arguments)
        guard result.status == 0 else { throw ToolFailure(tool: "git", text: result.text) }
        return result.text.split(separator: "\0").map(String.init)
    }

    /// Runs a program to its end; its standard error is part of the text.
    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// One file: where it stands and what it says.
struct SourceFile {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The target that a path below Sources belongs to, or nil elsewhere.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}

/// A tool that the rules need did not do its work.
struct ToolFailure: Error {
    let tool: String
    let text: String
}
