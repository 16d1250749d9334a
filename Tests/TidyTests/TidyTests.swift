import Foundation
import Testing

/// The house rules that a machine can check. Every rule stands beside an example that breaks it, so that a rule cannot fall asleep.
@Suite("the tree is tidy")
struct TidyTests {
    @Test("imports point down, and each outside library has its owner")
    func importsPointDown() throws {
        for file in try SourceTree.swiftFiles(in: "Sources") {
            guard let target = file.target else { continue }
            for (line, module) in file.imports() where module != target {
                if let complaint = complaint(target: target, sees: module) { Issue.record("\(file.path):\(line): \(complaint)") }
            }
        }
    }

    @Test("the manifest's dependencies point down")
    func dependenciesPointDown() throws {
        let targets = dependencies(inManifest: try SourceTree.read("Package.swift").text)
        #expect(!targets.isEmpty)
        for (target, dependencies) in targets {
            #expect(stations[target] != nil, "\(target) has no place in Tests/TidyTests/Layers.swift")
            for module in dependencies {
                if let complaint = complaint(target: target, sees: module) { Issue.record("Package.swift: \(complaint)") }
            }
        }
    }

    @Test("each C module is imported by exactly one target")
    func oneOwnerPerShim() throws {
        let owners = shimOwners(try SourceTree.swiftFiles(in: "Sources"))
        for target in dependencies(inManifest: try SourceTree.read("Package.swift").text).map(\.target) where stations[target]?.layer == .shim {
            #expect(owners[target]?.count == 1, "\(target) is imported by \(owners[target, default: []].sorted())")
        }
    }

    @Test("the root holds six entries and dotfiles")
    func rootEntries() throws {
        #expect(try strayRootEntries(SourceTree.trackedFiles()) == [])
    }

    @Test("Swift files and functions are short", arguments: [Rules.fileLength, Rules.functionLength])
    func lengths(rule: Rule) throws {
        expectSilence(of: rule, in: try SourceTree.swiftFiles(in: "Sources", "Tests"))
    }

    @Test("sources neither trap on others' faults nor sleep, and say what they offer", arguments: [Rules.calm, Rules.documented])
    func sources(rule: Rule) throws {
        expectSilence(of: rule, in: try SourceTree.swiftFiles(in: "Sources"))
    }

    @Test("no text speaks of unfinished work or of one machine", arguments: [Rules.finished, Rules.portable])
    func texts(rule: Rule) throws {
        let kinds: Set<Substring> = ["swift", "h", "c", "cpp", "py", "md", "yaml", "yml", "txt", "html", "css", "js"]
        let texts = try SourceTree.files().filter { path in
            let name = path.split(separator: "/").last ?? ""
            return !name.contains(".") || name.split(separator: ".").last.map(kinds.contains) == true
        }
        #expect(!texts.isEmpty)
        expectSilence(of: rule, in: try texts.map(SourceTree.read))
    }

    @Test("scripts can be run, and Bash can read them")
    func scripts() throws {
        let scripts = try SourceTree.files().filter { path in path.hasSuffix(".sh") || !(path.split(separator: "/").last ?? "").contains(".") }
            .filter { try SourceTree.read($0).text.hasPrefix("#!") }
        #expect(Set(scripts).isSuperset(of: [".ci/run", "Certs/issue", "Routes/serve", "Sources/build", "Tests/run"]))
        for path in scripts {
            if let complaint = try scriptComplaint(SourceTree.root.appending(path: path)) { Issue.record("\(path): \(complaint)") }
        }
    }

    private func expectSilence(of rule: Rule, in files: [SourceFile]) {
        #expect(!files.isEmpty)
        for complaint in files.flatMap(rule) { Issue.record("\(complaint)") }
    }
}
