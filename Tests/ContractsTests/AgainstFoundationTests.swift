import Foundation
import Testing

@testable import Contracts

/// The same texts read by Foundation, a reader of JSON that shares nothing with ours.
@Suite struct AgainstFoundationTests {
    @Test("random rows, in any order and spelling, are read as Foundation reads them")
    func agreesOnValues() throws {
        var source = SeededSource(state: 4_711)
        for round in 0..<60 {
            let fields = randomFields(&source)
            let rig = try Rig(Contract(fields: fields, extra: round % 2 == 0 ? .refuse : .ignore))
            for _ in 0..<50 {
                let body = randomBody(fields, &source)
                let object = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
                let row = try #require(rig.decode(body).rows.first)
                for (field, ours) in zip(fields, row) {
                    let theirs = value(object, field)
                    #expect(isSame(ours, theirs), "\(field.name) in \(body)")
                }
            }
        }
    }

    @Test("20 000 random numbers are read as the C library reads them")
    func agreesOnNumbers() throws {
        var source = SeededSource(state: 5)
        let rig = try Rig(Contract(fields: [ContractField(name: "n", kind: .number)]))
        for _ in 0..<20_000 {
            let text = randomValue(.number, &source)
            #expect(rig.decode("{\"n\":\(text)}").rows == [[.number(strtod(text, nil))]], "\(text)")
        }
    }

    @Test("20 000 damaged bodies are judged as JSON the way Foundation does")
    func agreesOnValidity() throws {
        var source = SeededSource(state: 99)
        let fields = ["year", "r1", "genre"].map { ContractField(name: $0, kind: $0 == "genre" ? .string : .number, isRequired: false) }
        let rigs = try [UInt8(0), UInt8(ascii: "}"), UInt8(ascii: ",")].map {
            try Rig(Contract(fields: fields, extra: .ignore, unitField: "user"), padding: $0)
        }
        var accepted = 0
        var refused = 0
        for round in 0..<20_000 {
            let body = damaged(seeds[round % seeds.count], &source)
            let answers = rigs.map { $0.decode(body) }
            #expect(answers.allSatisfy { $0 == answers[0] }, "bytes after the body matter: \(String(decoding: body, as: UTF8.self))")
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed)) != nil
            if answers[0].report == nil {
                accepted += 1
                #expect(isJSON || rulesDiffer(body), "accepted: \(String(decoding: body, as: UTF8.self))")
            } else if ["invalid-json", "invalid-utf8"].contains(answers[0].code) {
                refused += 1
                #expect(!isJSON || rulesDiffer(body), "refused: \(answers[0]) \(String(decoding: body, as: UTF8.self))")
            }
        }
        #expect(accepted > 1_000 && refused > 5_000)
    }

    /// Foundation on Linux reads some decimals a few units in the last place off: numbers need only be that near.
    private func isSame(_ ours: Rig.Value, _ theirs: Rig.Value) -> Bool {
        guard case .number(let one) = ours, case .number(let other) = theirs else { return ours == theirs }
        return (one - other).magnitude <= 8 * one.ulp
    }

    private let seeds = [
        #"{"year":1994,"r1":-4.5e-1,"genre":"Dr\u0061ma\n","user":"u-1","more":[1,{"a":[true,null,"x"]},"\ud83d\ude00"]}"#,
        #"{"instances":[{"year":1994,"genre":"é"},{"r1":0.25,"odd":{"a":{},"b":[]}}],"user":17,"note":"\\\"/"}"#,
        #" { "ye\u0061r" : 0.1234567890123456789012 , "odd" : [ [ ] , false , 1E+2 , -0 ] , "r1" : null } "#,
    ]

    /// Foundation guesses UTF-16 from zero bytes, lets a comma end a list, and refuses numbers beyond a double; we read bare words.
    private func rulesDiffer(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body, as: UTF8.self)
        return body.contains(0) || text.contains(/NaN|nan|Infinity|,\s*[\]}]|\d[eE]\+?\d{3}/)
    }

    private func damaged(_ seed: String, _ source: inout SeededSource) -> [UInt8] {
        var body = Array(seed.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &source) where !body.isEmpty {
            let place = Int.random(in: 0..<body.count, using: &source)
            let other = Int.random(in: 0..<body.count, using: &source)
            switch Int.random(in: 0..<8, using: &source) {
            case 0: body.remove(at: place)
            case 1: body.insert(body[other], at: place)
            case 2: body[place] = UInt8.random(in: 0...255, using: &source)
            case 3: body.swapAt(place, other)
            case 4: body.removeSubrange(min(place, other)..<max(place, other))
            case 5: body.insert(contentsOf: body[min(place, other)..<max(place, other)], at: place)
            case 6: body[place] = Array("{}[],:\"\\ 0e.-n".utf8).randomElement(using: &source) ?? 0
            default: body.removeLast(min(body.count, Int.random(in: 0..<4, using: &source)))
            }
        }
        return body
    }

    private func randomFields(_ source: inout SeededSource) -> [ContractField] {
        (0..<Int.random(in: 1...40, using: &source)).map { index in
            let name = ["f", "feature with a long name ", "größe\"", "\\", "日本"].randomElement(using: &source) ?? ""
            let kind = ContractField.Kind.allCases.randomElement(using: &source) ?? .number
            return ContractField(name: name + String(index), kind: kind, isRequired: Bool.random(using: &source))
        }
    }

    private func randomBody(_ fields: [ContractField], _ source: inout SeededSource) -> String {
        let shown = fields.filter { $0.isRequired || Bool.random(using: &source) }
        let ordered = Bool.random(using: &source) ? shown : shown.shuffled(using: &source)
        let space = ["", " ", "\n\t"].randomElement(using: &source) ?? ""
        let pairs = ordered.map { field in
            let value = field.isRequired || Bool.random(using: &source) ? randomValue(field.kind, &source) : "null"
            return space + spelled(field.name, &source) + space + ":" + space + value + space
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private func randomValue(_ kind: ContractField.Kind, _ source: inout SeededSource) -> String {
        switch kind {
        case .boolean: return Bool.random(using: &source) ? "true" : "false"
        case .integer: return String(Int64.random(in: -(1 << 53)...(1 << 53), using: &source) >> Int64.random(in: 0...53, using: &source))
        case .string:
            let characters = (0..<Int.random(in: 0...20, using: &source)).map { _ in
                ["a", "\"", "\\", "\n", "é", "日", "😀", "\u{1F}", "/"].randomElement(using: &source) ?? ""
            }
            return spelled(characters.joined(), &source)
        case .number:
            let digits = (0..<Int.random(in: 1...25, using: &source)).map { _ in String(Int.random(in: 0...9, using: &source)) }.joined()
            let whole = Bool.random(using: &source) ? "0" : String(Int.random(in: 1...99_999, using: &source))
            let exponent = Int.random(in: 0...3, using: &source) == 0 ? "e\(Int.random(in: -40...40, using: &source))" : ""
            return (Bool.random(using: &source) ? "-" : "") + whole + (Bool.random(using: &source) ? "." + digits : "") + exponent
        }
    }

    /// The text in quotes, now and then with escapes where none are needed.
    private func spelled(_ text: String, _ source: inout SeededSource) -> String {
        guard Int.random(in: 0...3, using: &source) == 0 else { return String(decoding: JSONText.quoted(text), as: UTF8.self) }
        return "\"" + text.utf16.map { "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16) }.joined() + "\""
    }

    private func value(_ object: [String: Any], _ field: ContractField) -> Rig.Value {
        switch object[field.name] {
        case let text as String: .text(text)
        case let number as NSNumber: .number(number.doubleValue)
        default: field.kind == .string ? .text("") : .missing
        }
    }
}
