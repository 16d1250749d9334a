import ArgumentParser
import Testing

@testable import weir

@Suite struct FlagsTests {
    @Test(
        "a flag's variable is WEIR_ and its name in capitals",
        arguments: [
            ("state", "WEIR_STATE"), ("dry-run", "WEIR_DRY_RUN"), ("a-b-c", "WEIR_A_B_C"),
        ])
    func names(flag: String, variable: String) {
        #expect(Flags.variable(flag) == variable)
    }

    @Test("the command line wins over the variable, an empty variable is none")
    func values() throws {
        #expect(try Flags.value(7, "limit", in: ["WEIR_LIMIT": "3"]) == 7)
        #expect(try Flags.value(Int?.none, "limit", in: ["WEIR_LIMIT": "3"]) == 3)
        #expect(try Flags.value(Int?.none, "limit", in: ["WEIR_LIMIT": ""]) == nil)
        #expect(try Flags.value(Int?.none, "limit", in: ["LIMIT": "3"]) == nil)
    }

    @Test("a list in a variable is separated by blanks or commas")
    func lists() throws {
        #expect(try Flags.values([String](), "x", in: ["WEIR_X": "a,b  c"]) == ["a", "b", "c"])
        #expect(try Flags.values(["z"], "x", in: ["WEIR_X": "a,b"]) == ["z"])
        #expect(try Flags.values([String](), "x", in: [:]).isEmpty)
    }

    @Test(
        "a switch reads 1, true, yes and on, and their opposites",
        arguments: [
            ("1", true), ("TRUE", true), ("yes", true), ("on", true), ("0", false), ("False", false), ("no", false), ("off", false),
            ("", false),
        ])
    func switches(text: String, expected: Bool) throws {
        #expect(try Flags.isSet(false, "json", in: ["WEIR_JSON": text]) == expected)
        #expect(try Flags.isSet(true, "json", in: ["WEIR_JSON": text]))
    }

    @Test("a variable that does not read as a value is a usage error that names it")
    func mistakes() {
        let number = #expect(throws: ValidationError.self) { try Flags.value(Int?.none, "limit", in: ["WEIR_LIMIT": "many"]) }
        #expect(number?.message == "WEIR_LIMIT: 'many' is not a value for --limit")
        let flag = #expect(throws: ValidationError.self) { try Flags.isSet(false, "json", in: ["WEIR_JSON": "maybe"]) }
        #expect(flag?.message == "WEIR_JSON: 'maybe' is neither 1 nor 0")
        let missing = #expect(throws: ValidationError.self) { try Flags.required(String?.none, "why", "say why") }
        #expect(missing?.message == "missing --why (or WEIR_WHY): say why")
    }
}
