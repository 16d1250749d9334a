import Foundation

/// Entries of the root that are neither one of the six nor a dotfile.
func strayRootEntries(_ paths: [String]) -> [String] {
    let allowed: Set<Substring> = ["Package.swift", "Sources", "Tests", "Routes", "Certs", "README.md"]
    let entries = Set(paths.compactMap { $0.split(separator: "/").first })
    return entries.filter { !allowed.contains($0) && !$0.hasPrefix(".") }.map(String.init).sorted()
}

/// For each C module, the targets whose files import it.
func shimOwners(_ files: [SourceFile]) -> [String: Set<String>] {
    var owners: [String: Set<String>] = [:]
    for file in files {
        for (_, module) in file.imports() where stations[module]?.layer == .shim {
            if let target = file.target { owners[module, default: []].insert(target) }
        }
    }
    return owners
}

/// What is wrong with a script, or nil.
func scriptComplaint(_ script: URL) throws -> String? {
    guard FileManager.default.isExecutableFile(atPath: script.path) else { return "not executable" }
    guard try String(contentsOf: script, encoding: .utf8).prefix(while: { $0 != "\n" }).contains("bash") else { return nil }
    let result = try SourceTree.run("/usr/bin/env", ["bash", "-n", script.path])
    return result.status == 0 ? nil : "Bash cannot read it: \(result.text)"
}
