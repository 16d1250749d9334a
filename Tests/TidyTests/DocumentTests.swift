import Foundation
import Testing

/// Names that users meet, as the code has them, and the page of Gateway.docc that must hold each one.
struct NameList: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let source: String
    /// Finds the names; its first group is what must stand on the page, in backticks.
    let pattern: String
    /// The part of the source that is looked at begins behind the first and ends before the second of these.
    var section = ("", "\u{0}")
    let page: String
    /// Names at least; fewer mean that the pattern went blind.
    let atLeast: Int

    func names() throws -> [String] {
        var text = try SourceTree.read(source).text
        if !section.0.isEmpty { text = text.components(separatedBy: section.0).dropFirst().first ?? "" }
        text = text.components(separatedBy: section.1).first ?? ""
        return try text.matches(of: Regex<(Substring, Substring)>(pattern)).map { String($0.1) }
    }
}

/// What the pages say is checked by people; that they leave nothing out, here.
@Suite("the pages name everything")
struct DocumentTests {
    static let pages = "Sources/Gateway/Gateway.docc/"

    static let lists: [NameList] = [
        NameList(
            testDescription: "limits that can be set", source: "Sources/Gateway/Limits.swift", pattern: #""([a-z-]+)""#,
            section: ("settable", "private static let"), page: "Limits.md", atLeast: 13),
        NameList(
            testDescription: "codes of requests", source: "Sources/Gateway/RequestFault.swift", pattern: #"\([45]\d\d, "([a-z-]+)""#,
            page: "Errors.md", atLeast: 20),
        NameList(
            testDescription: "codes of the wire", source: "Sources/HTTPWire/WireFault.swift", pattern: #"Answer\(\d{3}, "([a-z-]+)""#,
            page: "Errors.md", atLeast: 30),
        NameList(
            testDescription: "codes of bodies", source: "Sources/Contracts/ContractFault.swift", pattern: #"case \.\w+: "([a-z0-9-]+)""#,
            page: "Errors.md", atLeast: 19),
        NameList(
            testDescription: "codes of the control plane", source: "Sources/Admin/AdminFault.swift", pattern: #"\d{3}, "([a-z-]+)""#,
            page: "Errors.md", atLeast: 17),
        NameList(
            testDescription: "metrics", source: "Sources/Metrics/MetricNames.swift", pattern: #"[\s(]"((?:weir|process|nv)_[a-z_]+)""#,
            page: "Operation.md", atLeast: 44),
        NameList(
            testDescription: "metrics of failing variants", source: "Sources/Metrics/MetricNames+failing.swift",
            pattern: #"[\s(]"((?:weir|process|nv)_[a-z_]+)""#, page: "Operation.md", atLeast: 10),
        NameList(
            testDescription: "metrics of shadows", source: "Sources/Metrics/MetricNames+shadows.swift",
            pattern: #"[\s(]"((?:weir|process|nv)_[a-z_]+)""#, page: "Operation.md", atLeast: 9),
        NameList(
            testDescription: "reasons for a dropped copy", source: "Sources/Primitives/ShadowDrop.swift", pattern: #"case \.\w+: "([a-z-]+)""#,
            page: "Operation.md", atLeast: 9),
        NameList(
            testDescription: "variables of serve", source: "Sources/weir/ServeOptions.swift", pattern: #"\[(WEIR_[A-Z_]+)\]"#,
            page: "Operation.md", atLeast: 8),
        NameList(
            testDescription: "keys of a route", source: "Sources/RouteFiles/RouteKeys.swift", pattern: #""([a-z0-9_]+)""#,
            section: ("static let route", "]"), page: "RouteFile.md", atLeast: 16),
        NameList(
            testDescription: "keys below those of a route", source: "Sources/RouteFiles/RouteKeys.swift", pattern: #""([a-z0-9_]+)""#,
            section: ("static let unit", "///"), page: "RouteFile.md", atLeast: 21),
    ]

    @Test("nothing is left out", arguments: lists)
    func everyNameStandsOnItsPage(_ list: NameList) throws {
        let names = try list.names()
        #expect(names.count >= list.atLeast, "only \(names.count) names found in \(list.source)")
        let page = try SourceTree.read(Self.pages + list.page).text
        for name in names where !page.contains("`\(name)`") {
            Issue.record("\(Self.pages)\(list.page) does not name `\(name)` of \(list.source)")
        }
    }

    @Test("errors stand beside their status")
    func everyCodeHasItsStatus() throws {
        let page = try SourceTree.read(Self.pages + "Errors.md").text
        for source in ["Sources/Gateway/RequestFault.swift", "Sources/HTTPWire/WireFault.swift", "Sources/Admin/AdminFault.swift"] {
            let codes = try SourceTree.read(source).text.matches(of: #/\(\s*([45]\d\d), "([a-z-]+)"/#)
            for code in codes where !page.contains("| \(code.1) | `\(code.2)` |") {
                Issue.record("\(Self.pages)Errors.md does not say \(code.1) `\(code.2)`, as \(source) does")
            }
        }
    }

    @Test("links between the pages, and from the README, lead somewhere")
    func linksLeadSomewhere() throws {
        for path in try SourceTree.files() where path.hasPrefix(Self.pages) {
            for link in try SourceTree.read(path).text.matches(of: #/<doc:(\w+)>/#) {
                #expect(Self.exists("\(Self.pages)\(link.1).md"), "\(path): \(link.0)")
            }
        }
        for link in try SourceTree.read("README.md").text.matches(of: #/\]\(([^):]+)\)/#) {
            #expect(Self.exists(String(link.1)), "README.md: \(link.1)")
        }
    }

    @Test("the README's map names every folder under Sources")
    func mapIsWhole() throws {
        let map = try SourceTree.read("README.md").text
        let targets = Set(try SourceTree.swiftFiles(in: "Sources").compactMap(\.target))
        #expect(!targets.isEmpty)
        for target in targets where !map.contains("`\(target)`") { Issue.record("README.md does not name Sources/\(target)") }
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: SourceTree.root.appending(path: path).path)
    }
}
