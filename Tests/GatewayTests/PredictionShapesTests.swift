import Contracts
import Foundation
import Testing

@testable import Gateway

@Suite("notes in words") struct PredictionShapesTests {
    private func shape(_ fields: [ContractField] = [], labels: [String] = [], variant: String = "champion") -> PredictionShape {
        PredictionShape(route: "trees", variant: variant, fields: fields, labels: labels)
    }

    /// The slot of a text of so many bytes.
    private func slot(_ count: Int) -> Double { Double(bitPattern: UInt64(count)) }

    /// The input of a row: numbers, and texts in the order of their fields.
    private func input(_ shape: PredictionShape, _ slots: [Double], _ texts: String = "") -> String {
        slots.withUnsafeBufferPointer { slots in Array(texts.utf8).withUnsafeBytes { shape.input(slots: slots, texts: $0) } }
    }

    @Test("numbers, booleans and texts are written as the client may have sent them")
    func kinds() {
        let shape = shape([
            ContractField(name: "year", kind: .integer), ContractField(name: "title", kind: .string),
            ContractField(name: "rate", kind: .number),
            ContractField(name: "new", kind: .boolean), ContractField(name: "note\"", kind: .string),
            ContractField(name: "old", kind: .boolean),
        ])
        let text = input(shape, [1994, slot(6), 0.1, 1, slot(4), 0], "Wei\"\u{DF}\n e ")
        #expect(text == #"{"year":1994,"title":"Wei\"ß","rate":0.1,"new":true,"note\"":"\u000a e ","old":false}"#)
    }

    @Test("private fields are left out, and the texts behind them are still the right ones")
    func privateFields() throws {
        let shape = shape([
            ContractField(name: "a", kind: .string), ContractField(name: "secret", kind: .string, isPrivate: true),
            ContractField(name: "b", kind: .string), ContractField(name: "age", kind: .number, isPrivate: true),
            ContractField(name: "c", kind: .string),
        ])
        let text = input(shape, [slot(2), slot(6), slot(0), 77, slot(3)], "aaSECRETccc")
        #expect(text == #"{"a":"aa","b":"","c":"ccc"}"#)
    }

    @Test("what has no value is left out", arguments: [Double.nan, -.nan, .infinity, -.infinity])
    func missing(value: Double) {
        let shape = shape([
            ContractField(name: "a", kind: .number), ContractField(name: "b", kind: .boolean), ContractField(name: "c", kind: .number),
        ])
        #expect(input(shape, [value, value, 3]) == #"{"c":3}"#)
        #expect(input(shape, [value, value, value]) == "{}")
    }

    @Test("answers are those of the client")
    func answers() throws {
        let three = shape(labels: ["oak", "pi\"ne", "willow"])
        #expect(
            three.answer(label: 2, scores: [0.25, 0.5, 0.125])
                == #"{"label":"willow","probabilities":{"oak":0.25,"pi\"ne":0.5,"willow":0.125}}"#)
        #expect(three.answer(label: 1, scores: []) == #"{"label":"pi\"ne"}"#)
        #expect(three.answer(label: 3, scores: []) == #"{"label":null}"#)
        #expect(shape().answer(label: 0xFFFF, scores: [12.5]) == #"{"value":12.5}"#)
        #expect(shape().answer(label: 0xFFFF, scores: [.nan]) == #"{"value":null}"#)
        #expect(shape().answer(label: 0xFFFF, scores: []) == #"{"value":null}"#)
        // Shortest digits of a Float, not of the Double that it becomes.
        #expect(shape().answer(label: 0xFFFF, scores: [0.1]) == #"{"value":0.1}"#)
    }

    @Test("a shape has one number for ever; any difference makes another")
    func numbers() {
        let shapes = PredictionShapes()
        let all = [
            shape(), shape(variant: "challenger"), shape(labels: ["x"]), shape([ContractField(name: "a", kind: .number)]),
            shape([ContractField(name: "a", kind: .number, isPrivate: true)]),
        ]
        #expect(all.map { shapes.number(of: $0) } == [0, 1, 2, 3, 4])
        #expect(all.reversed().map { shapes.number(of: $0) } == [4, 3, 2, 1, 0])
        #expect((0..<5).map { shapes.shape($0) } == all)
    }
}
