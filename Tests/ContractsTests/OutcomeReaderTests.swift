import Foundation
import Testing

@testable import Contracts

/// The least that an outcome is.
private let base = #""prediction":"p","name":"n","value":true"#
private let item = "{\(base)}"

private let bodyCases = [
    BodyCase("", "empty-body"), BodyCase(" \n\r\n\t", "empty-body"), BodyCase("\u{FEFF}", "empty-body"), BodyCase("[]", "no-rows"),
    BodyCase(" [ ] ", "no-rows"), BodyCase("3", "not-an-object"), BodyCase("\"x\"", "not-an-object"), BodyCase("null", "not-an-object"),
    BodyCase("}", "not-an-object"), BodyCase("{", "invalid-json"), BodyCase("[", "invalid-json"), BodyCase("]", "not-an-object"),
    BodyCase("{\(base)", "invalid-json"), BodyCase("{\(base)}}", "invalid-json"), BodyCase("\(item)\(item)", "invalid-json"),
    BodyCase("\(item) \(item)", "invalid-json"), BodyCase("\(item),\(item)", "invalid-json"), BodyCase("\(item) x", "invalid-json"),
    BodyCase("\(item)\nx", "invalid-json"), BodyCase("{\(base),}", "invalid-json"), BodyCase("{,\(base)}", "invalid-json"),
    BodyCase("[\(item)", "invalid-json"), BodyCase("[\(item)]]", "invalid-json"), BodyCase("[\(item)}", "invalid-json"),
    BodyCase("[\(item),]", "invalid-json", row: 1), BodyCase("[\(item)\(item)]", "invalid-json"), BodyCase("[\(item)][]", "invalid-json"),
    BodyCase("[,\(item)]", "invalid-json", row: 0), BodyCase("[\(item)] x", "invalid-json"), BodyCase("[{\(base)]", "invalid-json", row: 0),
    BodyCase("[\(item),{\(base)]", "invalid-json", row: 1), BodyCase("[3]", "not-an-object", row: 0),
    BodyCase("[[\(item)]]", "not-an-object", row: 0),
    BodyCase("[\(item),null]", "not-an-object", row: 1), BodyCase("[\(item),nope]", "invalid-json", row: 1),
    BodyCase("{\"prediction\":\"a\u{1}\"}", "invalid-json"),
    BodyCase("[\(item),{}]", "missing-value", "prediction", row: 1), BodyCase("[\(item),\(item),\(item),\(item)]", "too-many-rows"),
]

private let lineCases = [
    BodyCase("\(item)\n\n{}", "missing-value", "prediction", row: 1), BodyCase("\(item)\n\(item)}\n\(item)", "invalid-json", row: 1),
    BodyCase("\(item)\n\(item)\n[\(item)]", "not-an-object", row: 2), BodyCase("\(item)\n\(item)\nx", "not-an-object", row: 2),
    BodyCase("\(item)\n\(item),\n\(item)", "invalid-json", row: 1), BodyCase("\(item)\n{\(base)\n", "invalid-json", row: 1),
    BodyCase("\(item)\n\(item)\n{\(base)", "invalid-json", row: 2),
    BodyCase("\(item)\n\(item)\n{\"prediction\":\"", "invalid-json", row: 2),
    BodyCase("\(item)\n\(item)\n\(item)\n\(item)", "too-many-rows"), BodyCase("\(item)\n{\"odd\":1}", "unknown-field", "odd", row: 1),
]

private let keyCases = [
    BodyCase("{}", "missing-value", "prediction"), BodyCase(#"{"name":"n","value":1}"#, "missing-value", "prediction"),
    BodyCase(#"{"prediction":"p","value":1}"#, "missing-value", "name"),
    BodyCase(#"{"prediction":"p","name":"n"}"#, "missing-value", "value"),
    BodyCase("{\(base),\"value\":1}", "duplicate-field", "value"), BodyCase("{\(base),\"v\\u0061lue\":1}", "duplicate-field", "value"),
    BodyCase("{\(base),\"at\":null,\"at\":1}", "duplicate-field", "at"), BodyCase("{\(base),\"values\":1}", "unknown-field", "values"),
    BodyCase("{\(base),\"Value\":1}", "unknown-field", "Value"), BodyCase("{\(base),\"valu\":1}", "unknown-field", "valu"),
    BodyCase("{\(base),\"\":1}", "unknown-field", ""), BodyCase("{\(base),\"a\\u0000b\":{}}", "unknown-field", "a\u{FFFD}b"),
    BodyCase("{\(base),\"x\\y\":1}", "invalid-json"), BodyCase("{\(base),value:1}", "invalid-json"),
    BodyCase("{\(base) \"at\":1}", "invalid-json"),
    BodyCase("{\(base),\"at\" 1}", "invalid-json"), BodyCase("{\(base),\"at\":}", "invalid-json"),
    BodyCase("{\(base),\"" + String(repeating: "é", count: 40) + "\":1}", "unknown-field", String(repeating: "é", count: 32)),
    BodyCase(#"{"prediction":3}"#, "wrong-type", "prediction"), BodyCase(#"{"prediction":["p"]}"#, "wrong-type", "prediction"),
    BodyCase(#"{"prediction":null}"#, "missing-value", "prediction"), BodyCase(#"{"prediction":nul}"#, "invalid-json"),
    BodyCase(#"{"prediction":"\ud800"}"#, "invalid-json"),
    BodyCase(#"{"prediction":"\#(String(repeating: "x", count: 129))"}"#, "text-too-long", "prediction"),
    BodyCase(#"{"name":"\#(String(repeating: "x", count: 65))"}"#, "text-too-long", "name"),
    BodyCase(#"{"name":true}"#, "wrong-type", "name"),
    BodyCase(#"{"value":{}}"#, "wrong-type", "value"), BodyCase(#"{"value":[1]}"#, "wrong-type", "value"),
    BodyCase(#"{"value":01}"#, "invalid-json"),
    BodyCase(#"{"value":1.}"#, "invalid-json"), BodyCase(#"{"value":+1}"#, "invalid-json"), BodyCase(#"{"value":truex}"#, "invalid-json"),
    BodyCase(#"{"value":1"x"}"#, "invalid-json"), BodyCase(#"{"value":"\x"}"#, "invalid-json"), BodyCase(#"{"value":-}"#, "invalid-json"),
    BodyCase(#"{"at":true}"#, "wrong-type", "at"), BodyCase(#"{"at":1.5}"#, "not-an-integer", "at"),
    BodyCase(#"{"at":1e300}"#, "out-of-range", "at"),
    BodyCase(#"{"at":NaN}"#, "wrong-type", "at"), BodyCase(#"{"at":"yesterday"}"#, "value-not-allowed", "at"),
    BodyCase(#"{"at":253402300800000}"#, "out-of-range", "at"),
    BodyCase(#"{"replace":1}"#, "wrong-type", "replace"), BodyCase(#"{"replace":"true"}"#, "wrong-type", "replace"),
    BodyCase(#"{"replace":tru}"#, "invalid-json"),
]

@Suite struct OutcomeReaderTests {
    @Test("refuses what is neither an object, a list of them, nor one a line", arguments: bodyCases)
    func refusesBodies(_ test: BodyCase) throws { try expect(test) }

    @Test("refuses all lines when one is wrong, and says which", arguments: lineCases)
    func refusesLines(_ test: BodyCase) throws { try expect(test) }

    @Test("refuses keys and values of another kind, and says which", arguments: keyCases)
    func refusesKeys(_ test: BodyCase) throws {
        try expect(test)
        try expect(BodyCase("[\(item),\(test.body)]", test.code, test.field, row: 1))
        try expect(BodyCase("\(item)\n\(test.body)", test.code, test.field, row: 1))
    }

    /// Whatever the bytes after the body are, the answer is the same.
    private func expect(_ test: BodyCase) throws {
        for padding in Array("\0}],\":{1 \\\n".utf8) + [0xFF] {
            let report = try OutcomeRig(maxItems: 3, padding: padding).read(test.body).report
            #expect(report?.code == test.code && report?.field == test.field && report?.row == test.row, "\(String(describing: report))")
        }
    }

    @Test(
        "takes one object, also over several lines, as one",
        arguments: [
            item, "\u{FEFF}\(item)", "\(item)\n", " \n\(item) \r\n",
            "{\n  \"prediction\": \"p\",\n  \"name\": \"n\",\n  \"value\": true\n}\n",
            #"{"n\u0061me":"\u006e","value":true,"prediction":"p","at":null,"replace":null}"#, "{\(base),\"replace\":false}",
        ])
    func readsOne(_ body: String) throws {
        #expect(try OutcomeRig().read(body) == OutcomeRig.Answer(items: [Outcome()]))
    }

    @Test(
        "takes arrays and lines as lists",
        arguments: [
            "[\(item),\(item)]", " [ \(item) ,\n\(item)]\n", "\(item)\n\(item)", "\n\n\(item)\r\n\r\n \(item)\r\n",
            "\u{FEFF}\(item)\n\t\(item)\n\n",
        ])
    func readsLists(_ body: String) throws {
        #expect(try OutcomeRig().read(body) == OutcomeRig.Answer(items: [Outcome(), Outcome()], isList: true))
    }

    @Test("a single line is a list when the media type says lines, and nothing else than lines is taken then")
    func announcedLines() throws {
        let rig = try OutcomeRig()
        #expect(rig.read(item, isLines: true) == OutcomeRig.Answer(items: [Outcome()], isList: true))
        #expect(rig.read("[\(item)]", isLines: true).code == "not-an-object")
        #expect(rig.read("{\n\(base)}", isLines: true).report?.row == 0)
        #expect(rig.read("\n \n", isLines: true).code == "empty-body")
    }

    @Test("keeps each kind of value, and lets an unfit one leave the others alone")
    func readsValues() throws {
        let long = String(repeating: "é", count: 128)
        let texts = [
            "0", "-1.5", "false", "\"Drama\"", "\"\"", "\"\\u00c4\\n\"", "\"\(long)\"", "\"\(long)x\"", "null", "NaN", "-Infinity", "1e400",
        ]
        let values: [Outcome.Value] = [
            .number(0, fixed: 0), .number(-1.5, fixed: -1_500_000), .boolean(false), .text("Drama"), .text(""), .text("Ä\n"), .text(long),
            .unfit,
            .unfit, .unfit, .unfit, .unfit,
        ]
        let objects = texts.map { #"{"prediction":"p","name":"n","value":\#($0)}"# }
        let expected = OutcomeRig.Answer(items: values.map { Outcome(value: $0) }, isList: true)
        let rig = try OutcomeRig()
        #expect(rig.read("[" + objects.joined(separator: ",") + "]") == expected)
        #expect(rig.read(objects.joined(separator: "\n")) == expected)
    }

    @Test("keeps texts at the ends of their limits")
    func readsLimits() throws {
        let id = String(repeating: "i", count: 128)
        let name = String(repeating: "n", count: 64)
        let answer = try OutcomeRig().read(#"{"prediction":"\#(id)","name":"\#(name)","value":1,"at":7,"replace":true}"#)
        #expect(answer.items == [Outcome(prediction: id, name: name, value: .number(1, fixed: 1_000_000), at: 7, isReplacement: true)])
    }

    @Test("refuses more bytes or items than it was made for, and reads on afterwards")
    func limits() throws {
        let rig = try OutcomeRig(maxBody: 2 * item.utf8.count + 3, maxItems: 2)
        #expect(rig.read("[\(item),\(item)]").items.count == 2)
        #expect(rig.read("[\(item),\(item) ]").code == "body-too-large")
        #expect(try OutcomeRig(maxItems: 2).read("\(item)\n\(item)\n\(item)").report?.message == "the body holds more than 2 outcomes")
        #expect(rig.read(item).items == [Outcome()])
        for (bytes, items) in [(0, 1), (1, 0), (1, Limits.outcomes + 1), (Limits.bodyBytes + 1, 1)] {
            #expect(throws: ContractError.self) { _ = try OutcomeReader(maxBody: bytes, maxItems: items) }
        }
    }

    @Test("refuses invalid UTF-8 wherever it stands", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) throws {
        let rig = try OutcomeRig()
        let bad = Array("{\"prediction\":\"".utf8) + bytes + Array("\",\"name\":\"n\",\"value\":1}".utf8)
        #expect(rig.read(bad).code == "invalid-utf8")
        #expect(rig.read(Array(item.utf8) + [0x0A] + bad).report?.row == 1)
    }

    @Test(
        "says what is wrong in a sentence",
        arguments: [
            (#"{"value":{}}"#, "\"value\" must be a number, true or false, or a string, but an object came"),
            ("[\(item),{}]", "row 1: \"prediction\" is required (a prediction's id, a string of at most 128 bytes), but it is not there"),
            (
                #"{"at":"soon"}"#,
                "\"at\" must be a time such as \"2026-11-22T20:00:00Z\" or whole milliseconds since 1970, but another string came"
            ),
            (#"{"odd":1}"#, "\"odd\" is no key of an outcome; known are prediction, name, value, at and replace"),
            ("\u{FEFF}{\"value\":nope}", "the body is not valid JSON; the trouble is near byte 12"),
        ])
    func sentences(body: String, message: String) throws {
        #expect(try OutcomeRig().read(body).report?.message == message)
    }
}
