import Primitives
import Testing

@testable import Gateway

@Suite("Faults that a caller asks for")
struct PracticeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let practice: Practice?
        var testDescription: String { "\(text)" }
    }

    @Test(
        "a value of x-weir-fault is read as a whole, or not at all",
        arguments: [
            Case(text: "abort", practice: Practice(kind: .abort)),
            Case(text: "ABORT", practice: Practice(kind: .abort)),
            Case(text: "non-finite", practice: Practice(kind: .nonFinite)),
            Case(text: "crash", practice: Practice(kind: .crash)),
            Case(text: "delay=30", practice: Practice(kind: .delay, delay: .milliseconds(30))),
            Case(text: "delay=60000", practice: Practice(kind: .delay, delay: .seconds(60))),
            Case(text: "delay=60001", practice: nil), Case(text: "delay=", practice: nil), Case(text: "delay=-1", practice: nil),
            Case(text: "delay=1s", practice: nil), Case(text: "delay", practice: nil), Case(text: "abort ", practice: nil),
            Case(text: "", practice: nil), Case(text: "delay=99999999999999999999999", practice: nil),
        ])
    func practice(_ example: Case) {
        let bytes = Array(example.text.utf8) + [0]
        #expect(bytes.withUnsafeBufferPointer { Practice($0.baseAddress!, example.text.utf8.count) } == example.practice)
    }

    @Test(
        "whole numbers are digits and nothing else",
        arguments: zip(
            ["0", "7", "007", "999999999999999999", "9999999999999999999", "", "+1", "1.0", "1 "],
            [0, 7, 7, 999_999_999_999_999_999, UInt64.max, nil, nil, nil, nil] as [UInt64?]))
    func number(_ text: String, _ expected: UInt64?) {
        let bytes = Array(text.utf8) + [0]
        #expect(bytes.withUnsafeBufferPointer { wholeNumber($0.baseAddress!, text.utf8.count) } == expected)
    }
}
