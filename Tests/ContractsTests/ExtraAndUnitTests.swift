import Testing

@testable import Contracts

private let one = [ContractField(name: "x", kind: .number)]

@Suite struct ExtraTests {
    @Test("skips what the contract does not name, if it says so", arguments: [
        "1", "-0.5e+10", "\"a\\u00e9\\n\"", "true", "null", "NaN", "-Infinity", "{}", "[]", "[[],{}]", #"{"x":1,"x":2,"instances":[]}"#,
        #"[1,"]}",{"a":[null,true,{"b":"\\"}]}]"#, String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
    ])
    func skips(_ value: String) throws {
        let rig = try Rig(Contract(fields: one, extra: .ignore))
        for body in ["{\"odd\":\(value),\"x\":5}", "{\"x\":5,\"odd\":\(value)}", "{\"x\":5,\"odd\" : \(value) ,\"odd\":\(value)}"] {
            #expect(rig.decode(body).rows == [[.number(5)]])
        }
        #expect(rig.decode("{\"odd\":\(value),\"instances\":[{\"x\":5,\"odd\":\(value)}]}").rows == [[.number(5)]])
    }

    @Test("checks what it skips as strictly as the rest", arguments: [
        "", "nope", "01", "1.", "+1", "--1", "tru", "nulll", "'a'", #""\x""#, #""\ud800""#, #""\u12""#, "[1,]", "[1 2]", "[1}", "{\"a\":1]",
        "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[", "{", "[[]", #"{"\x":1}"#, "]", "}", "[\"a\" \"b\"]", "{\"a\":1 \"b\":2}", "[,1]",
        "{\"a\":[1,{\"b\":01}]}", "1,", ":", "\u{1}", "[1:2]", "{\"a\",1}", "\"a\"b", "1\"a\"",
    ])
    func checks(_ value: String) throws {
        for padding in Array("\0}],\":{1 \\".utf8) {
            let rig = try Rig(Contract(fields: one, extra: .ignore), padding: padding)
            #expect(rig.decode("{\"odd\":\(value),\"x\":5}").code == "invalid-json")
            #expect(rig.decode("{\"x\":5,\"odd\":\(value)}").code == "invalid-json")
        }
    }

    @Test("refuses depth beyond its limit without walking there", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func refusesDepth(_ opening: String) throws {
        let rig = try Rig(Contract(fields: one, extra: .ignore))
        for depth in [65, 1_000, 100_000] {
            #expect(rig.decode("{\"odd\":" + String(repeating: opening, count: depth) + "}").code == "too-deep")
        }
    }

    @Test("echoes at most 64 bytes of an unknown name, cut between characters")
    func cutsNames() throws {
        let rig = try Rig(Contract(fields: one))
        #expect(rig.decode("{\"\(String(repeating: "a", count: 5_000))\":1}").report?.field == String(repeating: "a", count: 64))
        #expect(rig.decode("{\"\(String(repeating: "日", count: 500))\":1}").report?.field == String(repeating: "日", count: 21))
        #expect(rig.decode("{\"\(String(repeating: "😀", count: 16))\":1}").report?.field == String(repeating: "😀", count: 16))
    }
}

@Suite struct UnitTests {
    @Test("reads the unit beside the features", arguments: [
        (#"{"user":"u-17","x":1}"#, "u-17"), (#"{"x":1,"user":17}"#, "17"), (#"{"x":1,"user":17.0}"#, "17"), (#"{"x":1,"user":-0}"#, "0"),
        (#"{"x":1,"user":1.7e1}"#, "17"), (#"{"x":1,"user":12345678901234567890123}"#, "12345678901234567890123"),
        (#"{"x":1,"us\u0065r":"\u00e9\n"}"#, "é\n"), (#"{"x":1,"user":null}"#, nil), (#"{"x":1,"user":NaN}"#, nil), (#"{"x":1,"user":""}"#, nil),
        (#"{"x":1}"#, nil), (#"{"instances":[{"x":1,"user":"first"},{"x":1,"user":"second"}]}"#, "first"),
        (#"{"instances":[{"x":1},{"x":1,"user":"second"}]}"#, nil), (#"{"user":"top","instances":[{"x":1,"user":"row"}]}"#, "top"),
        (#"{"instances":[{"x":1,"user":"row"}],"user":7.0}"#, "7"), (#"{"instances":[{"x":1,"user":8.0}],"user":null}"#, "8"),
    ] as [(String, String?)])
    func readsUnit(_ body: String, _ unit: String?) throws {
        for extra in [Contract.Extra.refuse, .ignore] {
            let answer = try Rig(Contract(fields: one, extra: extra, unitField: "user")).decode(body)
            #expect(answer.report == nil && answer.unit == unit)
        }
    }

    @Test("refuses units that are neither text nor integer", arguments: [
        BodyCase(#"{"x":1,"user":1.5}"#, "not-an-integer", "user"), BodyCase(#"{"x":1,"user":1e300}"#, "not-an-integer", "user"),
        BodyCase(#"{"x":1,"user":true}"#, "wrong-type", "user"), BodyCase(#"{"x":1,"user":["a"]}"#, "wrong-type", "user"),
        BodyCase(#"{"x":1,"user":{}}"#, "wrong-type", "user"), BodyCase(#"{"x":1,"user":017}"#, "invalid-json"),
        BodyCase(#"{"x":1,"user":"\q"}"#, "invalid-json"), BodyCase(#"{"user":1,"x":1,"user":1}"#, "duplicate-field", "user"),
        BodyCase("{\"x\":1,\"user\":\"\(String(repeating: "u", count: 257))\"}", "text-too-long", "user"),
        BodyCase(#"{"instances":[{"x":1},{"x":1,"user":false}]}"#, "wrong-type", "user", row: 1),
        BodyCase(#"{"user":1,"instances":[{"x":1}],"user":1}"#, "duplicate-field", "user"),
    ])
    func refusesUnit(_ test: BodyCase) throws {
        let answer = try Rig(Contract(fields: one, unitField: "user")).decode(test.body)
        #expect(answer.code == test.code && answer.report?.field == test.field && answer.report?.row == test.row, "\(answer)")
    }

    @Test("a unit may be a feature as well", arguments: [
        (#"{"id":17.0,"name":"a"}"#, "17", "a"), (#"{"instances":[{"id":17,"name":"a"}]}"#, "17", "a"), (#"{"name":"none"}"#, nil, "none"),
        (#"{"id":99,"instances":[{"id":17,"name":"a"}]}"#, "99", "99"), (#"{"instances":[{"id":17,"name":"a"}],"id":99}"#, "99", "99"),
        (#"{"name":"top","instances":[{"id":17,"name":"a"}]}"#, "17", "top"), (#"{"instances":[{"id":17,"name":"a"}],"name":"top"}"#, "17", "top"),
    ] as [(String, String?, String)])
    func readsFeatureUnit(_ body: String, _ identifier: String?, _ name: String) throws {
        let fields = [ContractField(name: "id", kind: .integer, fallback: .number(3)), ContractField(name: "name", kind: .string)]
        if !body.contains("\"top\"") {
            let answer = try Rig(Contract(fields: fields, unitField: "id")).decode(body)
            #expect(answer.report == nil && answer.unit == identifier)
            #expect(answer.rows.first?.first == .number(identifier == nil ? 3 : 17))
        }
        if !body.contains("99") {
            let answer = try Rig(Contract(fields: fields, unitField: "name")).decode(body)
            #expect(answer.report == nil && answer.unit == name)
            #expect(answer.rows.first?.last == .text(name == "none" ? "none" : "a"))
        }
    }

    @Test("the unit as a feature beside instances is held to its rules")
    func checksFeatureUnit() throws {
        let rig = try Rig(Contract(fields: [ContractField(name: "id", kind: .integer, minimum: 0)], unitField: "id"))
        #expect(rig.decode(#"{"id":-1,"instances":[{"id":1}]}"#).code == "out-of-range")
        #expect(rig.decode(#"{"instances":[{"id":1}],"id":-1}"#).code == "out-of-range")
    }
}
