import Testing

@testable import Contracts

@Suite struct ContractTests {
    @Test("refuses fields that contradict themselves, naming the key", arguments: [
        (ContractField(name: "", kind: .number), "name"), (ContractField(name: "a\nb", kind: .number), "name"),
        (ContractField(name: String(repeating: "a", count: 257), kind: .number), "name"),
        (ContractField(name: "x", kind: .number, minimum: 2, maximum: 1), "max"), (ContractField(name: "x", kind: .number, minimum: .nan), "min"),
        (ContractField(name: "x", kind: .number, maximum: .infinity), "max"), (ContractField(name: "x", kind: .integer, minimum: 0.5), "min"),
        (ContractField(name: "x", kind: .integer, maximum: 0x1p54), "max"), (ContractField(name: "x", kind: .boolean, minimum: 0), "min"),
        (ContractField(name: "x", kind: .string, maximum: 0), "max"), (ContractField(name: "x", kind: .number, values: ["a"]), "values"),
        (ContractField(name: "x", kind: .string, values: ["a", "a"]), "values"),
        (ContractField(name: "x", kind: .string, values: ["abc"], maximumLength: 2), "values"),
        (ContractField(name: "x", kind: .string, maximumLength: 0), "max_length"),
        (ContractField(name: "x", kind: .string, maximumLength: 65_537), "max_length"),
        (ContractField(name: "x", kind: .number, minimum: 1, fallback: .number(0)), "default"),
        (ContractField(name: "x", kind: .number, fallback: .number(.nan)), "default"),
        (ContractField(name: "x", kind: .number, fallback: .boolean(true)), "default"),
        (ContractField(name: "x", kind: .integer, fallback: .number(0.5)), "default"),
        (ContractField(name: "x", kind: .boolean, fallback: .text("true")), "default"),
        (ContractField(name: "x", kind: .string, fallback: .text("c"), values: ["a"]), "default"),
        (ContractField(name: "x", kind: .string, fallback: .text("abc"), maximumLength: 2), "default"),
    ])
    func refusesField(_ field: ContractField, _ key: String) {
        let error = #expect(throws: ContractError.self) { try Contract(fields: [field]) }
        guard case .field(index: 0, name: field.name, key: key, reason: _)? = error else {
            Issue.record("\(String(describing: error)) is not about \(key)")
            return
        }
    }

    @Test("refuses contracts that cannot be met")
    func refusesContract() {
        let x = ContractField(name: "x", kind: .number)
        #expect(throws: ContractError.self) { try Contract(fields: []) }
        #expect(throws: ContractError.self) { try Contract(fields: [x, x]) }
        #expect(throws: ContractError.self) { try Contract(fields: [x], maxRows: 0) }
        #expect(throws: ContractError.self) { try Contract(fields: [x], maxRows: 1_025) }
        #expect(throws: ContractError.self) { try Contract(fields: [x], unitField: "x") }
        #expect(throws: ContractError.self) { try Contract(fields: [x], unitField: "instances") }
        #expect(throws: ContractError.self) { try Contract(fields: [x], unitField: "") }
        let many = (0...4_096).map { ContractField(name: "f\($0)", kind: .number) }
        #expect(throws: ContractError.self) { try Contract(fields: many) }
        #expect(Contract.problems(fields: [x, x], unitField: "", maxRows: 0).count == 3)
    }

    @Test("reads every field of the largest contract")
    func readsLargest() throws {
        let fields = (0..<4_096).map { ContractField(name: "f\($0)", kind: .integer) }
        let rig = try Rig(Contract(fields: fields, unitField: "unit", maxRows: 2))
        let row = fields.indices.reversed().map { "\"f\($0)\":\($0)" }.joined(separator: ",")
        let answer = rig.decode("{\"instances\":[{\(row)},{\(row),\"unit\":1}],\"unit\":2}")
        #expect(answer.rows == Array(repeating: fields.indices.map { .number(Double($0)) }, count: 2) && answer.unit == "2")
    }

    @Test("drawn rows are accepted, and the same for the same seed")
    func draws() throws {
        let unbounded = [
            ContractField(name: "low", kind: .number, minimum: 1e300), ContractField(name: "high", kind: .integer, maximum: -5),
            ContractField(name: "wide", kind: .number, minimum: -1e308, maximum: 1e308), ContractField(name: "free", kind: .integer),
            ContractField(name: "one", kind: .integer, minimum: 3, maximum: 3), ContractField(name: "text", kind: .string, maximumLength: 3),
            ContractField(name: "edge", kind: .integer, minimum: 0x1p53),
        ]
        for contract in [try Contract.varied(), try Contract.films(), try Contract(fields: unbounded)] {
            let rig = try Rig(contract)
            var bodies: Set<[UInt8]> = []
            for seed in 0..<200 as Range<UInt64> {
                let body = contract.draw(seed: seed)
                #expect(rig.decode(body).rows.count == 1 && body == contract.draw(seed: seed))
                bodies.insert(body)
            }
            #expect(bodies.count == 200)
        }
    }
}

@Suite struct ContractFaultTests {
    @Test("says what was expected and what came", arguments: [
        (#"{"year":"x"}"#, #""year" must be a number from 1890 to 2030, but a string came"#),
        (#"{"year":1800}"#, #""year" must be a number from 1890 to 2030, but 1800 came"#),
        (#"{"count":-10.5}"#, #""count" must be an integer of at least -10, but -10.5 came"#),
        (#"{"secret":7}"#, #""secret" must be a number of at most 5, but another number came"#),
        (#"{"genre":"x"}"#, #""genre" must be one of "Drama", "Comedy", but another string came"#),
        (#"{"note":"123456789"}"#, #""note" must be a string of at most 8 bytes, but it has 9 bytes"#),
        (#"{"year":null}"#, #""year" is required (a number from 1890 to 2030), but null came"#),
        (#"{"instances":[{}]}"#, #"row 0: "year" is required (a number from 1890 to 2030), but it is not there"#),
        (#"{"year":1994,"odd":1}"#, #""odd" is no field of this route"#),
        (#"{"year":nope}"#, "the body is not valid JSON; the trouble is near byte 8"),
        (#"{"user":false}"#, #""user" must be a string of at most 256 bytes or an integer, but true or false came"#),
        (#"{"instances":3}"#, #""instances" must be an array of objects, but a number came"#),
        ("{\"user\":\"\(String(repeating: "u", count: 300))\"}", #""user" must be a string of at most 256 bytes or an integer, but it has 300 bytes"#),
    ])
    func describes(_ body: String, _ message: String) throws {
        let fields = [
            ContractField(name: "year", kind: .number, minimum: 1890, maximum: 2030), ContractField(name: "count", kind: .integer, minimum: -10),
            ContractField(name: "secret", kind: .number, maximum: 5, isPrivate: true),
            ContractField(name: "genre", kind: .string, values: ["Drama", "Comedy"]), ContractField(name: "note", kind: .string, maximumLength: 8),
        ]
        let rig = try Rig(Contract(fields: fields, unitField: "user"))
        #expect(rig.decode(body).report?.message == message)
    }

    @Test("codes are words in lower case, each its own")
    func namesCodes() {
        let names = ContractFault.Code.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.utf8.allSatisfy { byte in (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x38 } })
    }
}
