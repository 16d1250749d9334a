import Foundation
import Testing

@testable import RouteFiles

/// A route file's text, and exactly the complaints that it gets, as `line: key: message`.
struct BadFile: Sendable, CustomTestStringConvertible {
    let name: String
    let yaml: String
    let complaints: [String]

    init(_ name: String, _ yaml: String, _ complaints: [String]) {
        self.name = name
        self.yaml = yaml
        self.complaints = complaints
    }

    /// A valid file with lines added from line 6 on.
    static func plus(_ name: String, _ lines: String, _ complaints: [String]) -> BadFile {
        BadFile(name, validHead + lines + "\n", complaints)
    }

    /// A valid file with the field on line 3 replaced.
    static func field(_ field: String, _ complaints: String...) -> BadFile {
        let yaml = validHead.replacingOccurrences(of: "{ name: year, type: number }", with: field)
        return BadFile("field " + field, yaml, complaints)
    }

    /// A valid file with the variant on line 5 replaced.
    static func variant(_ variant: String, _ complaints: String...) -> BadFile {
        let valid = "champion: { model: champion.onnx, sha256: \(digestA), weight: 1 }"
        return BadFile("variant " + variant, validHead.replacingOccurrences(of: valid, with: variant), complaints)
    }

    var testDescription: String { name }
}

@Suite struct ComplaintTests {
    @Test("bad route files get exactly these complaints", arguments: structure + scalars + paths + fields + variants + files)
    func complaints(bad: BadFile) throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(bad.yaml)
        try FileManager.default.createSymbolicLink(atPath: disk.directory + "/films/out.onnx", withDestinationPath: "/etc/hostname")
        try disk.write("", to: "films/empty.onnx")
        try disk.write("\n \n", to: "films/blank.ndjson")
        #expect(disk.complaints() == bad.complaints.map { "films/route.yaml:" + $0 })
        #expect(disk.read().routes.isEmpty)
    }

    @Test("a deep or self-repeating file is refused at once")
    func bombs() throws {
        let disk = try RoutesOnDisk()
        let letters = Array("abcdefgh")
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (last, letter) in zip(letters, letters.dropFirst()) {
            bomb += "\(letter): &\(letter) [" + Array(repeating: "*\(last)", count: 9).joined(separator: ", ") + "]\n"
        }
        try disk.writeRoute(bomb + "? *h\n: 1\n", name: "bomb")
        try disk.writeRoute(String(repeating: "[", count: 100_000), name: "deep")
        let complaints = disk.complaints()
        #expect(complaints.count == 2)
        #expect(complaints[0] == "bomb/route.yaml:1: more than 16 aliases (`*name`); write the values out")
        #expect(complaints[1].hasPrefix("deep/route.yaml:1: not valid YAML: "))
    }

    @Test("a few aliases are welcome")
    func aliases() throws {
        let disk = try RoutesOnDisk()
        let two = validHead + "  challenger: { model: challenger.onnx, sha256: \(digestB), weight: *share }\n"
        let remark = String(repeating: "  # *a *b\n", count: 20)
        try disk.writeRoute(remark + two.replacingOccurrences(of: "weight: 1 ", with: "weight: &share 7 "))
        #expect(disk.complaints() == [])
        #expect(disk.read().routes.first?.variants.map(\.weight) == [7, 7])
    }

    @Test("too many variants, and a sample with too many rows, name the limit")
    func limits() throws {
        let disk = try RoutesOnDisk()
        let more = (0..<32).map { "  v\($0): { model: champion.onnx, sha256: \(digestA), weight: 1 }\n" }.joined()
        try disk.writeRoute(validHead + more + "sample: sample.ndjson\n")
        try disk.write(String(repeating: "{}\n", count: 10_001), to: "films/sample.ndjson")
        #expect(
            disk.complaints() == [
                "films/route.yaml:4: variants: names 33 variants; at most 32 are allowed",
                "films/route.yaml:38: sample: `sample.ndjson` has 10001 rows; at most 10000 are allowed",
            ])
    }

    @Test("a route whose own name leads to a reserved path must set another")
    func reservedName() throws {
        let disk = try RoutesOnDisk()
        let outcomes = validHead.replacingOccurrences(of: "route: films", with: "route: outcomes")
        try disk.writeRoute(outcomes, name: "outcomes")
        let reason = "`/v1/outcomes` is answered by the gateway itself; choose another path, such as `/v1/…`"
        let complaint = "route: leads to the path `/v1/outcomes`, which cannot be served; set `path` (\(reason))"
        #expect(disk.complaints() == ["outcomes/route.yaml:1: " + complaint])
        try disk.writeRoute(outcomes + "path: /v1/results\n", name: "outcomes")
        #expect(disk.complaints() == [])
    }

    @Test("a file of nothing but faults is listed in part and counted")
    func manyFaults() throws {
        let disk = try RoutesOnDisk()
        try disk.writeRoute(validHead + (0..<500).map { "unknown\($0): 1\n" }.joined())
        let complaints = disk.complaints()
        #expect(complaints.count == 101)
        #expect(complaints.last == "films/route.yaml:505: and 400 more complaints")
    }

    static let structure: [BadFile] = [
        BadFile("empty", "", ["1: holds no keys; a route needs `route`, `input` and `variants`"]),
        BadFile("a list", "- a\n", ["1: holds no keys; a route needs `route`, `input` and `variants`"]),
        BadFile(
            "broken", "route: films\nvariants: { a: 1\ninput: []\n",
            [
                "3: not valid YAML: did not find expected ',' or '}' (while parsing a flow mapping from line 2)"
            ]),
        BadFile("tab", "route: films\nunit:\n\theader: a\n", ["3: the line begins with a tab; YAML is indented by spaces"]),
        BadFile(
            "two documents", validHead + "---\nroute: b\n",
            [
                "6: not valid YAML: but found another document (expected a single document in the stream from line 1)"
            ]),
        .plus("unknown key", "varients: {}", ["6: varients: unknown key `varients`; did you mean `variants`?"]),
        .plus("swapped letters", "lables: [a]", ["6: lables: unknown key `lables`; did you mean `labels`?"]),
        .plus(
            "later work", "experiment: { name: a }\nramp: {}",
            [
                "6: experiment: not served by this version", "7: ramp: not served by this version",
            ]),
        .plus(
            "nothing near", "colour: red",
            [
                "6: colour: unknown key `colour`; known are `route`, `path`, `unit`, `salt`, `deadline`, `sample`, `rows`, `body`, "
                    + "`extra`, `missing`, `labels`, `input`, `variants`, `shadows`, `outcomes`, `log`, `slow`, `breaker`, `retry`, `fallback` and `concurrency`"
            ]),
        .plus(
            "doubled keys do not hide other complaints", "rows: 1\nsalt: a\nsalt: b\n\"salt\": c\nrows: 0",
            [
                "9: salt: stands more than once (also on line 7, 8); keep one",
                "10: rows: stands more than once (also on line 6); keep one",
                "10: rows: is 0; allowed are 1 to 1024",
            ]),
        .plus(
            "doubled with and without quotes", "unit: { 1: a, \"1\": b, cookie: c }",
            [
                "6: unit.1: stands more than once; keep one",
                "6: unit.1: unknown key `1`; known are `header`, `field` and `cookie`",
            ]),
        .plus("a list as key", "unit: { [header]: a, cookie: b }", ["6: unit: a key must be a word, not a list or mapping"]),
        .field("{ name: year, type: number, name: year }", "3: input[0].name: stands more than once (also on line 3); keep one"),
        BadFile(
            "doubled variant", validHead + "  champion: { model: champion.onnx, sha256: \(digestA), weight: 2 }\n",
            [
                "6: variants.champion: stands more than once (also on line 5); keep one"
            ]),
        BadFile(
            "wrong folder", validHead.replacingOccurrences(of: "route: films", with: "route: movies"),
            [
                "1: route: is `movies` but its folder is `films`; they must be the same"
            ]),
        BadFile(
            "not a name", validHead.replacingOccurrences(of: "route: films", with: "route: my films"),
            [
                "1: route: `my films` is not a name; a name is 1 to 64 of the characters A-Z a-z 0-9 . _ -"
            ]),
    ]

    static let scalars: [BadFile] = [
        .plus("quoted number", "rows: \"32\"", ["6: rows: expected a whole number, found the string \"32\"; remove the quotes"]),
        .plus("fraction", "rows: 1.5", ["6: rows: expected a whole number, found `1.5`"]),
        .plus("too many rows", "rows: 1025", ["6: rows: is 1025; allowed are 1 to 1024"]),
        .plus(
            "no unit", "deadline: 50",
            [
                "6: deadline: expected a whole number with its unit, such as `50ms`, `1s` or `2m`, found `50`"
            ]),
        .plus("long deadline", "deadline: 2h", ["6: deadline: is 2h; allowed are 1ms to 10m"]),
        .plus(
            "size", "body: 1 megabyte",
            [
                "6: body: expected a size in bytes, such as `256KiB`, `1MB` or `4096`, found `1 megabyte`"
            ]),
        .plus("large body", "body: 1GB", ["6: body: is 1GB; allowed are 64 bytes to 16MiB"]),
        .plus("choice", "extra: ignor", ["6: extra: expected `refuse` or `ignore`, found `ignor`; did you mean `ignore`?"]),
        .plus(
            "missing", "missing: nan",
            [
                "6: missing: expected `refuse`, found `nan`; a field allows it by `required: false` or `default: …`"
            ]),
        .plus("salt without a value", "salt:", ["6: salt: expected the salt, a text that never changes, found nothing"]),
        .plus("salt with a line break", "salt: \"a\\nb\"", ["6: salt: contains a control character, such as a line break"]),
        .plus(
            "labels", "labels: [a, b, a, [c]]",
            [
                "6: labels[2]: `a` stands in the list already", "6: labels[3]: expected text, found a list",
            ]),
        .plus("no labels", "labels: []", ["6: labels: is an empty list; write at least one, or leave the key out"]),
        .plus(
            "two units", "unit: { header: a, cookie: b }",
            [
                "6: unit: expected one of `header`, `field` or `cookie`, such as `unit: { header: x-user-id }`; found several"
            ]),
        .plus("unit as text", "unit: x-user-id", ["6: unit: expected keys with values, found `x-user-id`"]),
        .plus(
            "unit with a space", "unit: { header: user id }",
            [
                "6: unit.header: `user id` cannot be the name of a header or cookie (RFC 9110, section 5.6.2)"
            ]),
    ]

    static let paths: [BadFile] = [
        .plus("relative", "path: v1/films", ["6: path: must begin with `/`, such as `/v1/films`"]),
        .plus("query", "path: /v1/films?x=1", ["6: path: must be a path alone, without a query or fragment"]),
        .plus(
            "reserved", "path: /healthz",
            [
                "6: path: `/healthz` is answered by the gateway itself; choose another path, such as `/v1/…`"
            ]),
        .plus(
            "below a reserved one", "path: /api/films",
            [
                "6: path: `/api` is answered by the gateway itself; choose another path, such as `/v1/…`"
            ]),
        .plus("slash at the end", "path: /v1/films/", ["6: path: has an empty segment; write `/` once, and not at the end"]),
        .plus("climbs", "path: /v1/../films", ["6: path: must not contain `.` or `..` as a segment"]),
        .plus(
            "escape", "path: /v1/a%20b",
            [
                "6: path: contains `%`; a path is made of A-Z a-z 0-9 and /-._~!$&'()*+,;=:@"
            ]),
    ]

    static let fields: [BadFile] = [
        BadFile(
            "input as mapping", validHead.replacingOccurrences(of: "  - {", with: "  a: {"),
            [
                "2: input: expected a list of fields, such as `- { name: year, type: number }`, found a mapping"
            ]),
        .field("year", "3: input[0]: expected keys with values, found `year`"),
        .field("{ type: number }", "3: input[0]: has no `name`"),
        .field("{ name: year }", "3: input[0]: has no `type`; it is one of `number`, `integer`, `boolean` or `string`"),
        .field(
            "{ name: year, type: int }", "3: input[0].type: expected `number`, `integer`, `boolean` or `string`, found `int`"),
        .field(
            "{ name: year, type: nubmer }",
            "3: input[0].type: expected `number`, `integer`, `boolean` or `string`, found `nubmer`; did you mean `number`?"),
        .field("{ name: year, type: number, min: 9, max: 1 }", "3: input[0].min: is 9, above `max`, which is 1"),
        .field("{ name: year, type: number, min: .inf }", "3: input[0].min: expected a number, found `.inf`"),
        .field("{ name: year, type: integer, max: 1.5 }", "3: input[0].max: expected a whole number, found `1.5`"),
        .field("{ name: year, type: number, max: 10, default: 11 }", "3: input[0].default: is 11, above `max`, which is 10"),
        .field("{ name: year, type: number, min: 0.5, default: 0 }", "3: input[0].default: is 0, below `min`, which is 0.5"),
        .field("{ name: year, type: boolean, default: yes }", "3: input[0].default: expected true or false, found `yes`"),
        .field(
            "{ name: year, type: number, values: [a], max_length: 3 }", "3: input[0].values: is for `string`; this field is `number`",
            "3: input[0].max_length: is for `string`; this field is `number`"),
        .field("{ name: year, type: string, min: 3 }", "3: input[0].min: is for `number` and `integer`; this field is `string`"),
        .field(
            "{ name: year, type: string, values: [drama, action], default: darma }",
            "3: input[0].default: `darma` is not one of `values`; did you mean `drama`?"),
        .field("{ name: year, type: string, max_length: 2, default: abc }", "3: input[0].default: has 3 bytes; `max_length` is 2"),
        .field(
            "{ name: year, type: string, required: false }",
            "3: input[0].required: a missing value reaches the model as NaN, which a `string` cannot be; give a `default` instead"),
        .field(
            "{ name: year, type: number, required: true, default: 1 }",
            "3: input[0].required: says nothing beside `default`, which stands in when the field is missing; remove one of them"),
        .field(
            "{ name: year, type: number }\n  - { name: year, type: number }",
            "4: input[1].name: `year` is the name of the field on line 3 already"),
    ]

    static let variants: [BadFile] = [
        .variant(
            "champion: { model: champion.onnx, weight: 1 }",
            "5: variants.champion.sha256: is missing; a model is pinned by its digest; `champion.onnx` has `sha256: \(digestA)`"),
        .variant(
            "champion: { model: champion.onnx, sha256: abc, weight: 1 }",
            "5: variants.champion.sha256: is not a digest of 64 hexadecimal digits; `champion.onnx` has `sha256: \(digestA)`"),
        .variant(
            "champion: { model: champion.onnx, sha256: \(digestB), weight: 1 }",
            "5: variants.champion.sha256: is not the digest of the file; `champion.onnx` has `sha256: \(digestA)`; "
                + "pin that if the change is meant"),
        .variant(
            "champion: { wieght: 1 }", "5: variants.champion.wieght: unknown key `wieght`; did you mean `weight`?",
            "5: variants.champion: has no `model`; name its file, such as `model: champion.onnx`",
            "5: variants.champion: has no `weight`; give a number such as 50, or 0 to leave it without traffic"),
        .variant(
            "champion: { model: champion.onnx, sha256: \(digestA), weight: -1 }",
            "5: variants.champion.weight: is -1; a weight is 0, or 0.001 to 1000000000"),
        .variant(
            "champion: { model: champion.onnx, sha256: \(digestA), weight: \"1\" }",
            "5: variants.champion.weight: expected a number, found the string \"1\"; remove the quotes"),
        .variant(
            "champion: { model: champion.onnx, sha256: \(digestA), weight: nan }",
            "5: variants.champion.weight: expected a number, found `nan`"),
        .variant(
            "champion: { model: champion.onnx, sha256: \(digestA), weight: 1e999 }",
            "5: variants.champion.weight: expected a number, found `1e999`"),
        BadFile(
            "no weight above zero", validHead.replacingOccurrences(of: "weight: 1", with: "weight: 0"),
            [
                "4: variants: every weight is 0, so nothing would answer; give one variant a weight above 0"
            ]),
        BadFile(
            "no variants", validHead.replacingOccurrences(of: "variants:\n", with: "variants: {}\nunit:\n"),
            [
                "4: variants: names no variant; write at least one, such as `champion: { model: …, sha256: …, weight: 1 }`",
                "5: unit: expected one of `header`, `field` or `cookie`, such as `unit: { header: x-user-id }`; found none",
                "6: unit.champion: unknown key `champion`; known are `header`, `field` and `cookie`",
            ]),
        .variant(
            "\"a b\": { model: champion.onnx, sha256: \(digestA), weight: 1 }",
            "5: variants.a b: `a b` is not a name; a name is 1 to 64 of the characters A-Z a-z 0-9 . _ -"),
    ]

    static let files: [BadFile] = [
        .variant(
            "champion: { model: champoin.onnx, sha256: \(digestA), weight: 1 }",
            "5: variants.champion.model: there is no file `champoin.onnx` in the route's folder; did you mean `champion.onnx`?"),
        .variant(
            "champion: { model: /etc/hostname, weight: 1 }",
            "5: variants.champion.model: must be relative to the route's folder, not begin with `/`",
            "5: variants.champion.sha256: is missing; a model is pinned by its digest"),
        .variant(
            "champion: { model: ../films/champion.onnx, sha256: \(digestA), weight: 1 }",
            "5: variants.champion.model: must stay in the route's folder, without `..`"),
        .variant(
            "champion: { model: out.onnx, sha256: \(digestA), weight: 1 }",
            "5: variants.champion.model: `out.onnx` is a link that leads out of the route's folder; put the file there"),
        .variant(
            "champion: { model: ., sha256: \(digestA), weight: 1 }", "5: variants.champion.model: `.` is not a file"),
        .variant(
            "champion: { model: empty.onnx, sha256: \(digestA), weight: 1 }", "5: variants.champion.model: `empty.onnx` is empty"),
        .plus(
            "no sample", "sample: samples.ndjson",
            [
                "6: sample: there is no file `samples.ndjson` in the route's folder; did you mean `sample.ndjson`?"
            ]),
        .plus("blank sample", "sample: blank.ndjson", ["6: sample: `blank.ndjson` has no rows; write one JSON object a line"]),
    ]
}
