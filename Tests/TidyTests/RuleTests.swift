import Foundation
import Testing

/// An example, how many complaints a rule must have about it, and why.
struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rule: Rule
    let text: String
    let complaints: Int

    init(_ description: String, _ rule: @escaping Rule, _ text: String, complaints: Int) {
        (testDescription, self.rule, self.text, self.complaints) = (description, rule, text, complaints)
    }
}

/// The rules against what breaks them, and against what only looks like it.
@Suite("each rule can fail")
struct RuleTests {
    static let body = String(repeating: "    let x = 1\n", count: 69)

    static let examples: [Example] = [
        Example("a long file", Rules.fileLength, String(repeating: "\n", count: 401), complaints: 1),
        Example("a file at the bound", Rules.fileLength, String(repeating: "\n", count: 400), complaints: 0),
        Example("a long function", Rules.functionLength, "func f() {\n\(body)}\n", complaints: 1),
        Example("a function at the bound", Rules.functionLength, "func f() {\n\(body.dropLast(14))}\n", complaints: 0),
        Example("a long function whose head takes three lines", Rules.functionLength, "func f(\n  a: [Int]\n)\nwhere T: P {\n\(body)}\n", complaints: 1),
        Example("a long initialiser", Rules.functionLength, "init?(_ a: Int = { 1 }()) throws {\n\(body)}\n", complaints: 1),
        Example("braces in strings and comments", Rules.functionLength, "func f() {\n let a = \"{\" // {\n /* { */ }\n\(body)", complaints: 0),
        Example("a requirement before a long type", Rules.functionLength, "protocol P {\n func f()\n}\nstruct S {\n\(body)}\n", complaints: 0),

        Example("try!", Rules.calm, "let a = try! f()", complaints: 1),
        Example("as!", Rules.calm, "let a = b as! C", complaints: 1),
        Example("a forced value", Rules.calm, "let a = b!.c\nlet d = f()!\ng(h!, i[0]!)", complaints: 3),
        Example("not and unequal", Rules.calm, "if !a, b != c, f(!d) { }", complaints: 0),
        Example("an exclamation mark in words", Rules.calm, "// stop!\nlet a = \"go! \\\"now!\\\" \" + #\"a\"!\"# + \"\"\"\nb! \"c\"! \n\"\"\"", complaints: 0),
        Example("fatalError", Rules.calm, "fatalError(\"no\")", complaints: 1),
        Example("sleeping", Rules.calm, "usleep(3); \nTask.sleep(for: .seconds(1))", complaints: 2),
        Example("a name with sleep in it", Rules.calm, "loop.fallAsleep()", complaints: 0),

        Example("a bare package declaration", Rules.documented, "package func f() {}", complaints: 1),
        Example("a comment that is no doc comment", Rules.documented, "// what f does\n@inlinable public func f() {}", complaints: 1),
        Example("an empty line between", Rules.documented, "/// What f does.\n\npackage func f() {}", complaints: 1),
        Example("documented, with attributes", Rules.documented, "/// What f does.\n@inlinable\n@inline(__always)\npublic func f() {}", complaints: 0),
        Example(
            "imports, values, initializers and operators", Rules.documented,
            "package import A\npackage let name: String\npackage init(_ a: A) {}\npublic static func == (a: A, b: A) -> Bool { true }", complaints: 0),

        Example("unfinished", Rules.finished, "// TO" + "DO: more\n# FIX" + "ME", complaints: 2),
        Example("finished", Rules.finished, "let todos = [\"todo\"]", complaints: 0),
        Example("a path of one machine", Rules.portable, "cd /ho" + "me/ann/weir\n\"/wo" + "rk/x\"", complaints: 2),
        Example("a path of any machine", Rules.portable, "/tmp/x ./work/x example.org/home/x /usr/lib", complaints: 0),
    ]

    @Test("finds what breaks it and nothing else", arguments: examples)
    func example(_ example: Example) {
        let found = example.rule(SourceFile(path: "Sources/Routing/Example.swift", text: example.text))
        #expect(found.count == example.complaints, "\(found)")
    }

    @Test(
        "refuses what a target may not see",
        arguments: [
            ("Primitives", "Routing"), ("Primitives", "Foundation"), ("Routing", "TLS"), ("Routing", "Metrics"), ("Routing", "Foundation"),
            ("TLS", "CNghttp2"), ("TLS", "HTTPWire"), ("HTTPWire", "Routing"), ("Reactor", "Foundation"), ("Gateway", "Admin"),
            ("Gateway", "COpenSSL"), ("Admin", "weir"), ("Admin", "GRDB"), ("Nowhere", "Primitives"),
        ])
    func upward(target: String, module: String) {
        #expect(complaint(target: target, sees: module) != nil)
    }

    @Test(
        "lets a target see what lies below it",
        arguments: [
            ("Routing", "Primitives"), ("Routing", "Glibc"), ("TLS", "COpenSSL"), ("TLS", "Primitives"), ("Ledgers", "GRDB"), ("Gateway", "TLS"),
            ("Gateway", "Routing"), ("Admin", "Gateway"), ("weir", "ArgumentParser"), ("weir", "Ledgers"),
        ])
    func downward(target: String, module: String) {
        #expect(complaint(target: target, sees: module) == nil)
    }

    @Test("reads every form of import")
    func imports() {
        let text = "import A\npackage import B\n@testable import C\n  public import struct D.E\n// import F\nlet s = \"\"\"\nimport G\n\"\"\"\n@_exported import H"
        let found = SourceFile(path: "Sources/X/Y.swift", text: text).imports()
        #expect(found.map(\.module) == ["A", "B", "C", "D", "H"])
        #expect(found.map(\.line) == [1, 2, 3, 4, 9])
    }

    @Test("reads the manifest's targets")
    func manifest() {
        let text = """
            dependencies: [.package(url: "u", exact: "1.0.0")], targets: [
            .target(name: "TLS"), .executableTarget(name: "weir", dependencies: ["Ledgers",
                .product(name: "ArgumentParser", package: "swift-argument-parser")], swiftSettings: house),
            .testTarget(name: "TLSTests", dependencies: ["TLS"])]
            """
        let found = dependencies(inManifest: text)
        #expect(found.map(\.target) == ["TLS", "weir"])
        #expect(found.map(\.dependencies) == [[], ["Ledgers", "ArgumentParser"]])
    }

    @Test("sees two owners of one C module")
    func owners() {
        let files = ["TLS", "Reactor"].map { SourceFile(path: "Sources/\($0)/A.swift", text: "import COpenSSL") }
        #expect(shimOwners(files)["COpenSSL"] == ["TLS", "Reactor"])
    }

    @Test("sees a stray root entry")
    func strayEntries() {
        #expect(strayRootEntries(["Package.swift", "Sources/A/B.swift", ".ci/run", "LICENSE.txt", "scripts/x"]) == ["LICENSE.txt", "scripts"])
    }

    @Test("sees a script that Bash cannot read, and one that cannot be run", arguments: [("if true; then", 0o755), ("true", 0o644)])
    func script(line: String, mode: Int) throws {
        let script = FileManager.default.temporaryDirectory.appending(path: "tidy-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: script) }
        try Data("#!/usr/bin/env bash\n\(line)\n".utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: script.path)
        #expect(try scriptComplaint(script) != nil)
    }
}
