import Testing

@testable import Contracts

/// The least that the varied contract accepts.
private let base = #""year":1994,"count":3,"color":true,"genre":"Drama""#
private let baseRow: [Rig.Value] = [
    .number(1994), .number(3), .number(1), .text("Drama"), .missing, .text(""), .number(7), .text("en"),
]

/// A body and what is to come of it.
struct BodyCase: Sendable, CustomTestStringConvertible {
    let body: String
    let code: String
    var field: String?
    var row: Int?

    init(_ body: String, _ code: String, _ field: String? = nil, row: Int? = nil) {
        self.body = body
        self.code = code
        self.field = field
        self.row = row
    }

    var testDescription: String { "\(String(reflecting: body.prefix(60))) → \(code)" }
}

private let wholeBodyCases = [
    BodyCase("", "empty-body"), BodyCase("  \n", "empty-body"), BodyCase("[]", "not-an-object"), BodyCase("3", "not-an-object"),
    BodyCase("\"x\"", "not-an-object"), BodyCase("{", "invalid-json"), BodyCase("}", "not-an-object"), BodyCase("{\(base)", "invalid-json"),
    BodyCase("{\(base)}}", "invalid-json"), BodyCase("{\(base)}{}", "invalid-json"), BodyCase("{\(base)} x", "invalid-json"),
    BodyCase("{\(base)},", "invalid-json"), BodyCase("{\(base),}", "invalid-json"), BodyCase("{,\(base)}", "invalid-json"),
    BodyCase("{\"year\" 1994}", "invalid-json"), BodyCase("{\"year\":}", "invalid-json"), BodyCase("{year:1994}", "invalid-json"),
    BodyCase("{'year':1994}", "invalid-json"), BodyCase("{\"year\":1994 \"count\":3}", "invalid-json"),
    BodyCase("{\"year\":1994", "invalid-json"), BodyCase("{\"year\":\"", "invalid-json"), BodyCase("{\"year", "invalid-json"),
    BodyCase("{\"ye\tar\":1}", "invalid-json"), BodyCase("{\"instances\":[{\(base)}}]", "invalid-json"),
    BodyCase("{\"instances\":[{\(base)}]]}", "invalid-json"), BodyCase("{\"instances\":[{\(base)}", "invalid-json"),
    BodyCase("{\"instances\":[{\(base)},]}", "invalid-json"), BodyCase("{\"instances\":[{\(base)} {\(base)}]}", "invalid-json"),
    BodyCase("{\"instances\":[{\(base)}}", "invalid-json"), BodyCase("{\"instances\":[}", "invalid-json"),
    BodyCase("{\"instances\":[{\(base)]]}", "invalid-json"),
]

private let valueCases = [
    BodyCase(#"{"year":01994}"#, "invalid-json"), BodyCase(#"{"year":+1994}"#, "invalid-json"), BodyCase(#"{"year":1994.}"#, "invalid-json"),
    BodyCase(#"{"year":.5}"#, "invalid-json"), BodyCase(#"{"year":1e}"#, "invalid-json"), BodyCase(#"{"year":-}"#, "invalid-json"),
    BodyCase(#"{"year":0x7}"#, "invalid-json"), BodyCase(#"{"year":1994"x"}"#, "invalid-json"), BodyCase(#"{"year":nul}"#, "invalid-json"),
    BodyCase(#"{"year":truex}"#, "invalid-json"), BodyCase(#"{"year":NaNs}"#, "invalid-json"), BodyCase(#"{"year":-infinity}"#, "invalid-json"),
    BodyCase(#"{"color":tru}"#, "invalid-json"), BodyCase(#"{"genre":"\x"}"#, "invalid-json"), BodyCase(#"{"genre":"\ud800"}"#, "invalid-json"),
    BodyCase("{\"genre\":\"a\u{1}b\"}", "invalid-json"),
    BodyCase(#"{"year":"1994"}"#, "wrong-type", "year"), BodyCase(#"{"year":true}"#, "wrong-type", "year"),
    BodyCase(#"{"year":{}}"#, "wrong-type", "year"), BodyCase(#"{"year":[1]}"#, "wrong-type", "year"),
    BodyCase(#"{"color":1}"#, "wrong-type", "color"), BodyCase(#"{"color":"true"}"#, "wrong-type", "color"),
    BodyCase(#"{"genre":7}"#, "wrong-type", "genre"), BodyCase(#"{"genre":false}"#, "wrong-type", "genre"),
    BodyCase(#"{"count":"3"}"#, "wrong-type", "count"), BodyCase(#"{"count":3.5}"#, "not-an-integer", "count"),
    BodyCase(#"{"count":9007199254740993}"#, "out-of-range", "count"), BodyCase(#"{"count":99999999999999999999}"#, "out-of-range", "count"),
    BodyCase(#"{"count":-11}"#, "out-of-range", "count"), BodyCase(#"{"count":1e300}"#, "out-of-range", "count"),
    BodyCase(#"{"year":1889.9}"#, "out-of-range", "year"), BodyCase(#"{"year":2030.0000001}"#, "out-of-range", "year"),
    BodyCase(#"{"year":1e400}"#, "non-finite", "year"), BodyCase(#"{"score":-1e400}"#, "non-finite", "score"),
    BodyCase(#"{"count":1e400}"#, "non-finite", "count"),
    BodyCase(#"{"year":null}"#, "missing-value", "year"), BodyCase(#"{"year":NaN}"#, "missing-value", "year"),
    BodyCase(#"{"count":Infinity}"#, "missing-value", "count"), BodyCase(#"{"color":nan}"#, "missing-value", "color"),
    BodyCase(#"{"genre":-Infinity}"#, "missing-value", "genre"), BodyCase(#"{"genre":null}"#, "missing-value", "genre"),
    BodyCase("{}", "missing-value", "year"), BodyCase(#"{"year":1994,"color":true,"genre":"Drama"}"#, "missing-value", "count"),
    BodyCase(#"{"genre":"drama"}"#, "value-not-allowed", "genre"), BodyCase(#"{"genre":""}"#, "value-not-allowed", "genre"),
    BodyCase(#"{"note":"123456789"}"#, "text-too-long", "note"), BodyCase(#"{"note":"ääääé"}"#, "text-too-long", "note"),
    BodyCase(#"{"year":1994,"year":1994}"#, "duplicate-field", "year"), BodyCase(#"{"year":1994,"ye\u0061r":1}"#, "duplicate-field", "year"),
    BodyCase(#"{"score":null,"score":1}"#, "duplicate-field", "score"),
    BodyCase(#"{"yaer":1994}"#, "unknown-field", "yaer"), BodyCase(#"{"":1}"#, "unknown-field", ""),
    BodyCase(#"{"Year":1}"#, "unknown-field", "Year"), BodyCase(#"{"yea":1}"#, "unknown-field", "yea"),
    BodyCase(#"{"years":1}"#, "unknown-field", "years"), BodyCase(#"{"a\u0000b":1}"#, "unknown-field", "a\u{FFFD}b"),
]

private let rowCases = [
    BodyCase(#"{"instances":[]}"#, "no-rows", "instances"), BodyCase(#"{"instances":{}}"#, "wrong-type", "instances"),
    BodyCase(#"{"instances":null}"#, "wrong-type", "instances"), BodyCase(#"{"instances":[1]}"#, "not-an-object", row: 0),
    BodyCase("{\"instances\":[{\(base)},null]}", "not-an-object", row: 1),
    BodyCase("{\"instances\":[{\(base)},{\(base)},{\(base)},{\(base)}]}", "too-many-rows"),
    BodyCase("{\"instances\":[{\(base)},{}]}", "missing-value", "year", row: 1),
    BodyCase("{\"instances\":[{\(base)},{\"year\":3}]}", "out-of-range", "year", row: 1),
    BodyCase("{\"instances\":[{\(base),\"odd\":1}]}", "unknown-field", "odd", row: 0),
    BodyCase("{\"instances\":[{\(base),\"instances\":[]}]}", "unknown-field", "instances", row: 0),
    BodyCase("{\"year\":1994,\"instances\":[{\(base)}]}", "mixed-forms", "instances"),
    BodyCase("{\"instances\":[{\(base)}],\"year\":1994}", "mixed-forms", "year"),
    BodyCase("{\"instances\":[{\(base)}],\"instances\":[]}", "duplicate-field", "instances"),
    BodyCase("{\"instances\":[{\(base)}],\"odd\":1}", "unknown-field", "odd"),
    BodyCase(#"{"instances":nope}"#, "invalid-json"), BodyCase(#"{"instances":[nope]}"#, "invalid-json"),
]

@Suite struct BodyDecoderTests {
    @Test("refuses what is not one JSON object", arguments: wholeBodyCases)
    func refusesBodies(_ test: BodyCase) throws { try expect(test, .varied()) }

    @Test("refuses values against the contract", arguments: valueCases)
    func refusesValues(_ test: BodyCase) throws { try expect(test, .varied()) }

    @Test("refuses rows against the contract", arguments: rowCases)
    func refusesRows(_ test: BodyCase) throws { try expect(test, .varied()) }

    /// Whatever the bytes after the body are, the answer is the same.
    private func expect(_ test: BodyCase, _ contract: Contract) throws {
        for padding in Array("\0}],\":{1 \\".utf8) + [0xFF] {
            let answer = try Rig(contract, padding: padding).decode(test.body)
            #expect(answer.code == test.code && answer.report?.field == test.field && answer.report?.row == test.row, "\(answer)")
        }
    }

    @Test("refuses invalid UTF-8 wherever it stands", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) throws {
        let rig = try Rig(.varied(extra: .ignore))
        #expect(rig.decode(Array("{\"note\":\"".utf8) + bytes + Array("\"}".utf8)).code == "invalid-utf8")
        #expect(rig.decode(Array("{\"".utf8) + bytes + Array("\":1}".utf8)).code == "invalid-utf8")
    }

    @Test("gives the film example's numbers in order")
    func readsFilm() throws {
        let numbers = [1994, 142, 9.1, 149494, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 14.5, 24.5, 45.5]
        #expect(try Rig(.films()).decode(filmBody).rows == [numbers.map { .number($0) }])
    }

    @Test("fills in rules for missing values, wherever and however they are missing", arguments: [
        "{\(base)}", " {\(base)} \r\n\t", "\u{FEFF}{\(base)}", "{\(base),\"score\":null,\"note\":null,\"votes\":null,\"lang\":null}",
        "{\"score\" : NaN ,\"votes\":Infinity,\"lang\":nan,\"note\":-Infinity,\(base)}",
        "{\"genre\":\"Dr\\u0061ma\",\"color\":true,\"co\\u0075nt\":3,\"year\":1994}", "{\"year\":1.994e3,\"count\":3.0,\"color\":true,\"genre\":\"Drama\"}",
        "{\"instances\":[{\(base)}]}", "{\"in\\u0073tances\" : [ { \(base) } ] }",
    ])
    func fillsMissing(_ body: String) throws {
        #expect(try Rig(.varied()).decode(body) == Rig.Answer(rows: [baseRow], isList: body.contains("[")))
    }

    @Test("keeps texts with escapes and any language")
    func readsTexts() throws {
        let rig = try Rig(.varied())
        let answer = rig.decode(#"{"year":1994,"count":0,"color":false,"genre":"\u00c4\"x\"","note":"\ud83d\ude00\n\/","lang":"日本"}"#)
        #expect(answer.rows.first?[3...] == [.text("Ä\"x\""), .missing, .text("😀\n/"), .number(7), .text("日本")])
    }

    @Test("reads up to the contract's number of rows, in their order")
    func readsRows() throws {
        let rig = try Rig(.varied())
        let answer = rig.decode(#"{"instances":[{\#(base)},{"lang":"fr",\#(base)},{\#(base),"votes":1e2}]}"#)
        #expect(answer.rows.map { $0[7] } == [.text("en"), .text("fr"), .text("en")])
        #expect(answer.rows.map { $0[6] } == [.number(7), .number(7), .number(100)])
    }

    @Test("takes integers at the ends of what a double holds exactly")
    func readsLargeIntegers() throws {
        let rig = try Rig(Contract(fields: [ContractField(name: "n", kind: .integer)]))
        for (text, number) in [("9007199254740992", 0x1p53), ("-9007199254740992", -0x1p53), ("-0", 0), ("5e0", 5)] {
            #expect(rig.decode("{\"n\":\(text)}").rows == [[.number(number)]])
        }
        #expect(rig.decode(#"{"n":-9007199254740993}"#).code == "out-of-range")
    }

    @Test("reads long decimals as their nearest double", arguments: [
        "0.1234567890123456789012345", "0.1000000000000000055511151231257827", "-0.99999999999999999999999999", "1e-400",
        "123456789012345678901234567890", "0.000000000000000000000000000000000000012345", "4.9e-324", "1.7976931348623157e308",
        "2.2250738585072011e-308", "179769313486231570000000000000000000000e270", "0.0000000000000000000000000000001e-400",
    ])
    func readsLongNumbers(_ text: String) throws {
        let rig = try Rig(Contract(fields: [ContractField(name: "n", kind: .number)]))
        #expect(rig.decode("{\"n\":\(text)}").rows == [[.number(try #require(Double(text)))]])
        #expect(rig.decode("{\"n\": \(text)   }").rows == [[.number(try #require(Double(text)))]])
    }

    @Test("a feature called instances leaves only the plain form")
    func plainFormWins() throws {
        let rig = try Rig(Contract(fields: [ContractField(name: "instances", kind: .number)]))
        #expect(rig.decode(#"{"instances":4}"#).rows == [[.number(4)]])
        #expect(rig.decode(#"{"instances":[{"instances":4}]}"#).code == "wrong-type")
    }

    @Test("finds names that are longer than a word, escaped, or much alike")
    func findsNames() throws {
        let names = ["a", "ab", "a\"b", "a\\b", "abcdefg", "abcdefgh", "abcdefghi", String(repeating: "x", count: 256), "é", "e\u{301}", "/"]
        let rig = try Rig(Contract(fields: names.map { ContractField(name: $0, kind: .number) }))
        let pairs = names.enumerated().map { String(decoding: JSONText.quoted($1), as: UTF8.self) + ":\($0)" }
        let expected: [Rig.Value] = names.indices.map { .number(Double($0)) }
        #expect(rig.decode("{\(pairs.joined(separator: ","))}").rows == [expected])
        #expect(rig.decode("{\(pairs.reversed().joined(separator: ","))}").rows == [expected])
    }

    @Test("a body over the decoder's size, strings over the arena's, are refused")
    func holdsLimits() throws {
        let small = try Rig(.varied(), maxBody: 80, textBytes: 8)
        #expect(small.decode("{\(base)}" + String(repeating: " ", count: 80)).code == "body-too-large")
        #expect(small.decode("{\(base)}").rows == [baseRow])
        #expect(small.decode("{\(base),\"note\":\"12\"}").code == "text-full")
    }
}
