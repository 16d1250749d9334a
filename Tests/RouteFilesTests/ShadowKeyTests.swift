import Testing

@testable import RouteFiles

private let example = "`- { name: candidate, model: …, sha256: … }`"

@Suite struct ShadowKeyTests {
    /// The shadows of a valid file with two variants, from line 8 on.
    private func shadows(_ lines: String) throws -> [ShadowEntry] {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(Self.file(lines))
        #expect(disk.complaints() == [])
        return try #require(disk.read().routes.first).shadows
    }

    private static func file(_ lines: String) -> String {
        validHead + "  challenger: { model: challenger.onnx, sha256: \(digestB), weight: 0 }\nshadows:\n" + lines + "\n"
    }

    @Test("a route has no shadows unless it lists some")
    func none() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead)
        #expect(try #require(disk.read().routes.first).shadows == [])
    }

    @Test("a shadow that says only what it must gets everything, and may diverge in a tenth")
    func defaults() throws {
        let shadow = try #require(try shadows("  - { name: candidate, model: champion.onnx, sha256: \(digestA) }").first)
        #expect((shadow.name, shadow.line, shadow.model, shadow.modelLine, shadow.sha256) == ("candidate", 8, "champion.onnx", 8, digestA))
        #expect((shadow.percent, shadow.follow, shadow.limit, shadow.tolerance) == (100, [], 10, 0.1))
    }

    @Test("shadows keep their order, and say whom they follow by one name or several")
    func full() throws {
        let found = try shadows(
            """
              - name: second
                model: challenger.onnx
                sha256: \(digestB)
                percent: 12.5
                follow: [champion, first]
                limit: 0
                tolerance: 1e-3
              - { name: first, model: champion.onnx, sha256: \(digestA), percent: 0, follow: challenger, limit: 100 }
            """)
        #expect(
            found == [
                ShadowEntry(
                    name: "second", line: 8, model: "challenger.onnx", modelLine: 9, sha256: digestB, percent: 12.5,
                    follow: ["champion", "first"], limit: 0, tolerance: 0.001),
                ShadowEntry(
                    name: "first", line: 15, model: "champion.onnx", modelLine: 15, sha256: digestA, percent: 0, follow: ["challenger"],
                    limit: 100, tolerance: 0.1),
            ])
    }

    @Test("bad shadows get exactly these complaints", arguments: bad)
    func complaints(bad: BadFile) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(bad.yaml)
        #expect(disk.complaints() == bad.complaints.map { "films/route.yaml:" + $0 })
        #expect(disk.read().routes.isEmpty)
    }

    /// What a shadow called candidate says beside its model.
    private static func shadow(_ more: String, _ complaint: String) -> BadFile {
        let lines = "  - { name: candidate, model: champion.onnx, sha256: \(digestA), \(more) }"
        return BadFile(more, file(lines), ["8: shadows.candidate.\(complaint)"])
    }

    static let bad: [BadFile] = [
        .plus("empty", "shadows: []", ["6: shadows: names no shadow; write one, such as \(example), or leave the key out"]),
        .plus("a mapping", "shadows: { candidate: {} }", ["6: shadows: expected a list of shadows, such as \(example), found a mapping"]),
        .plus(
            "too many", "shadows:\n" + Array(repeating: "  - {}\n", count: 9).joined(), ["6: shadows: has 9 items; at most 8 are allowed"]),
        BadFile(
            "no name", file("  - { model: champion.onnx, sha256: \(digestA) }"),
            ["8: shadows[0]: has no `name`; a shadow is told from others by it"]),
        BadFile(
            "no model and no digest", file("  - { name: candidate }\n  - { name: other, model: champion.onnx }"),
            [
                "8: shadows.candidate: has no `model`; name its file, such as `model: candidate.onnx`",
                "9: shadows.other.sha256: is missing; a model is pinned by its digest; `champion.onnx` has `sha256: \(digestA)`",
            ]),
        BadFile(
            "another digest", file("  - { name: candidate, model: challenger.onnx, sha256: \(digestA) }"),
            [
                "8: shadows.candidate.sha256: is not the digest of the file; `challenger.onnx` has `sha256: \(digestB)`; "
                    + "pin that if the change is meant"
            ]),
        BadFile(
            "a file that is not there", file("  - { name: candidate, model: champoin.onnx, sha256: \(digestA) }"),
            ["8: shadows.candidate.model: there is no file `champoin.onnx` in the route's folder; did you mean `champion.onnx`?"]),
        BadFile(
            "a variant's name", file("  - { name: champion, model: champion.onnx, sha256: \(digestA) }"),
            ["8: shadows.champion.name: `champion` is the name of the variant on line 5 already"]),
        BadFile(
            "a name twice",
            file(
                "  - { name: candidate, model: champion.onnx, sha256: \(digestA) }\n  - { name: candidate, model: challenger.onnx, sha256: \(digestB) }"
            ),
            ["9: shadows.candidate.name: `candidate` is the name of the shadow on line 8 already"]),
        BadFile(
            "a name that is none", file("  - { name: a b, model: champion.onnx, sha256: \(digestA) }"),
            ["8: shadows.a b.name: `a b` is not a name; a name is 1 to 64 of the characters A-Z a-z 0-9 . _ -"]),
        shadow(
            "weight: 1", "weight: unknown key `weight`; known are `name`, `model`, `sha256`, `percent`, `follow`, `limit` and `tolerance`"),
        shadow("percent: 100.5", "percent: is 100.5; allowed are 0 to 100"),
        shadow("percent: half", "percent: expected a number, found `half`"),
        shadow("limit: -1", "limit: is -1; allowed are 0 to 100"),
        shadow("tolerance: 0", "tolerance: is 0; a relative difference above 0 is allowed, such as 0.1"),
        shadow("follow: []", "follow: is an empty list; write at least one, or leave the key out"),
        shadow("follow: [champion, champion]", "follow[1]: `champion` stands in the list already"),
        shadow(
            "follow: chalenger",
            "follow: `chalenger` is neither a variant nor another shadow of this route; did you mean `challenger`?"),
        shadow("follow: [champion, candidate]", "follow: `candidate` is the shadow itself"),
        shadow("follow: { champion: 1 }", "follow: expected a variant's name, or a list of them, found a mapping"),
    ]
}
