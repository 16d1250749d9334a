import Foundation
import Primitives
import Testing

@testable import RouteFiles

@Suite struct RouteFolderTests {
    @Test("a full route file gives every value that it says")
    func fullRoute() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(
            """
            # The route of the example
            route: films
            path: /v1/video/films
            unit: { header: X-User-Id }
            salt: 2024-spring
            deadline: 50ms
            sample: sample.ndjson
            rows: 100
            body: 1MiB
            extra: ignore
            missing: refuse
            labels: [Action, "no", 3]
            input:
              - { name: year, type: integer, min: 1890, max: 2030 }
              - { name: length, type: number, min: 0.5, required: false }
              - name: colour
                type: boolean
                default: true
                private: true
              - { name: studio, type: string, values: [a, b], default: b, max_length: 10 }
            variants:
              champion: { model: champion.onnx, sha256: \(digestA.uppercased()), weight: 90 }
              challenger: { model: ./challenger.onnx, sha256: \(digestB), weight: 1e1 }

            """)
        let (routes, complaints) = disk.read()
        #expect(complaints == [])
        let route = try #require(routes.first)
        #expect(route.file == disk.directory + "/films/route.yaml")
        #expect(route.folder == disk.directory + "/films")
        #expect((route.name, route.path, route.pathLine, route.salt) == ("films", "/v1/video/films", 3, "2024-spring"))
        #expect(route.unit == .header("x-user-id"))
        #expect(route.deadline == .milliseconds(50))
        #expect(route.sample == SampleFile(path: "sample.ndjson", line: 7))
        #expect((route.maximumRows, route.maximumBodyBytes, route.extraFields) == (100, 1 << 20, .ignore))
        #expect((route.labels, route.labelsLine, route.inputLine) == (["Action", "no", "3"], 12, 13))
        #expect(
            route.input == [
                InputField(
                    name: "year", line: 14, type: .integer, minimum: 1890, maximum: 2030, absent: .refused, isPrivate: false,
                    values: [], maximumLength: 256),
                InputField(
                    name: "length", line: 15, type: .number, minimum: 0.5, maximum: nil, absent: .notANumber, isPrivate: false,
                    values: [], maximumLength: 256),
                InputField(
                    name: "colour", line: 16, type: .boolean, minimum: nil, maximum: nil, absent: .value(.boolean(true)),
                    isPrivate: true, values: [], maximumLength: 256),
                InputField(
                    name: "studio", line: 20, type: .string, minimum: nil, maximum: nil, absent: .value(.string("b")),
                    isPrivate: false, values: ["a", "b"], maximumLength: 10),
            ])
        #expect(
            route.variants == [
                VariantEntry(
                    name: "champion", line: 22, model: "champion.onnx", modelLine: 22, sha256: digestA, weight: 90, weightLine: 22),
                VariantEntry(
                    name: "challenger", line: 23, model: "./challenger.onnx", modelLine: 23, sha256: digestB, weight: 10,
                    weightLine: 23),
            ])
    }

    @Test("a short route file gets the defaults")
    func defaults() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead)
        let (routes, complaints) = disk.read()
        #expect(complaints == [])
        let route = try #require(routes.first)
        #expect((route.path, route.pathLine, route.salt, route.unit) == ("/v1/films", 1, "films", .prediction))
        #expect((route.deadline, route.maximumRows, route.maximumBodyBytes) == (.seconds(1), 32, 262_144))
        #expect((route.extraFields, route.labels, route.sample) == (.refuse, [], nil))
        #expect((route.outcomes, route.logPercent, route.slow) == ([], 1, .milliseconds(500)))
    }

    @Test("hidden folders, stray files and folders without a route.yaml are no routes")
    func ignored() throws {
        let disk = try RoutesOnDisk()
        try disk.write("nonsense", to: ".hidden/route.yaml")
        try disk.write("notes", to: "notes/readme.txt")
        try disk.write("stray", to: "serve")
        #expect(disk.read().routes == [])
        #expect(disk.complaints() == [])
    }

    @Test("good routes are read beside bad ones, and complaints come by file and line")
    func goodBesideBad() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead)
        try disk.writeRoute("rout: b\nvariants: 3\n", name: "b")
        #expect(disk.read().routes.map(\.name) == ["films"])
        #expect(
            disk.complaints() == [
                "b/route.yaml:1: rout: unknown key `rout`; did you mean `route`?",
                "b/route.yaml:1: route: is missing; a route needs it",
                "b/route.yaml:1: input: is missing; a route needs it",
                "b/route.yaml:2: variants: expected keys with values, found `3`",
            ])
    }

    @Test("two routes cannot share a path, whether written or by default")
    func sharedPath() throws {
        let disk = try RoutesOnDisk()
        let other = validHead.replacingOccurrences(of: "route: films", with: "route: other")
        try disk.writeRoute(validHead)
        try disk.writeRoute(other + "path: /v1/films\n", name: "other")
        #expect(disk.read().routes.map(\.name) == ["films"])
        let first = disk.directory + "/films/route.yaml:1"
        #expect(disk.read().complaints.map(\.message) == ["`/v1/films` is served by route `films` already (\(first))"])
        #expect(disk.complaints()[0].hasPrefix("other/route.yaml:6: path: "))
    }

    @Test("a folder that is not there is one complaint without a line")
    func noFolder() {
        let complaints = RouteFolder.read("/nowhere/at/all", digest: RoutesOnDisk.digest).complaints
        #expect(complaints.map(\.description) == ["/nowhere/at/all: cannot be read: No such file or directory"])
    }

    @Test("a file that is no text, too large or not a file says so")
    func unreadable() throws {
        let disk = try RoutesOnDisk()
        try disk.write(Data("route: a\nsalt: ".utf8) + [0xFF, 0xFE], to: "a/route.yaml")
        try disk.write(String(repeating: "# long\n", count: 160_000), to: "b/route.yaml")
        try disk.write("x", to: "c/route.yaml/inner")
        #expect(
            disk.complaints() == [
                "a/route.yaml:2: is not UTF-8 text; save the file as UTF-8",
                "b/route.yaml: is larger than 1MiB, the most a route file may have",
                "c/route.yaml: is not a file",
            ])
    }

    @Test("a byte order mark is no part of the first key")
    func byteOrderMark() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute("\u{FEFF}" + validHead)
        #expect(disk.complaints() == [])
        #expect(disk.read().routes.count == 1)
    }
}

@Suite struct FingerprintTests {
    @Test("the fingerprint changes with each change of a route's files, and with nothing else")
    func changes() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead)
        func look() -> Fingerprint { Fingerprint.of(disk.directory) }
        var last = look()
        #expect(look() == last)
        try disk.write("x", to: "unrelated.txt")
        try disk.write("x", to: "notes/readme.txt")
        try disk.write("x", to: "films/.swap")
        try disk.write("x", to: "films/__pycache__/train.pyc")
        #expect(look() == last)

        let changes: [() throws -> Void] = [
            { try disk.write("longer model", to: "films/champion.onnx") },
            { try disk.write("x", to: "films/models/deep.onnx") },
            { try disk.writeRoute(validHead, name: "second") },
            { try FileManager.default.moveItem(atPath: disk.directory + "/second", toPath: disk.directory + "/third") },
            { try FileManager.default.removeItem(atPath: disk.directory + "/films/sample.ndjson") },
            {
                let date = Date(timeIntervalSince1970: 1_000_000_000)
                try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: disk.directory + "/films/route.yaml")
            },
        ]
        for (index, change) in changes.enumerated() {
            try change()
            #expect(look() != last, "change \(index)")
            last = look()
        }
    }

    @Test("a folder that is not there looks like an empty one")
    func nothing() throws {
        #expect(Fingerprint.of("/nowhere/at/all") == Fingerprint.of(try RoutesOnDisk().directory))
    }
}
