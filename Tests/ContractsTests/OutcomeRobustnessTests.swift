import Foundation
import Testing

@testable import Contracts

/// Random bodies: both forms of a list say the same, and no bytes lead astray. The rig checks that the body is left as it was.
@Suite struct OutcomeRobustnessTests {
    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\n", " ", "\"", "\\", "\"prediction\":\"p\"", "\"name\":\"n\"", "\"value\":1", "\"at\":1",
        "\"replace\":true",
        "null", "1e9", "{\"prediction\":\"p\",\"name\":\"n\",\"value\":true}", "\u{FEFF}", "é",
    ]

    private static func drawObject(_ source: inout SeededSource) -> String {
        let values = ["1", "true", "-0.25", "\"a\\nb\"", "\"}\\u007b\"", "null", "\"é😀\"", "12345678.9"]
        var members = [
            "\"prediction\":\"\(source.next())\"", "\"name\" : \"n\\u0061\"", "\"value\":\(values.randomElement(using: &source) ?? "1")",
        ]
        if Bool.random(using: &source) { members.append("\"at\":\(source.next() % 1_000_000_000_000)") }
        if Bool.random(using: &source) { members.append("\"replace\":\(Bool.random(using: &source))") }
        members.shuffle(using: &source)
        return "{" + members.joined(separator: Bool.random(using: &source) ? "," : " , ") + "}"
    }

    @Test("an array and the same objects as lines give the same outcomes", arguments: 1...50 as ClosedRange<UInt64>)
    func sameInBothForms(seed: UInt64) throws {
        var source = SeededSource(state: seed)
        let objects = (0..<Int.random(in: 2...40, using: &source)).map { _ in Self.drawObject(&source) }
        let rig = try OutcomeRig()
        let array = rig.read("[" + objects.joined(separator: ",\n") + "]")
        let breaks = ["\n", "\r\n", "\n\n", " \n\t"]
        let lines = rig.read(objects.reduce("") { $0 + (breaks.randomElement(using: &source) ?? "\n") + $1 })
        #expect(array.items.count == objects.count && array.report == nil)
        #expect(lines == array)
        #expect(try objects.map { try OutcomeRig().read($0).items } == array.items.map { [$0] })
    }

    @Test("a body that is cut off anywhere is refused", arguments: [0x00, 0x7D, 0x5D, 0x22] as [UInt8])
    func truncation(padding: UInt8) throws {
        var source = SeededSource(state: 3)
        let rig = try OutcomeRig(padding: padding)
        let array = Array("[\(Self.drawObject(&source)),\(Self.drawObject(&source))]".utf8)
        for count in 0..<array.count { #expect(rig.read(Array(array[..<count])).report != nil, "\(count) bytes") }
    }

    @Test("what is accepted by chance, Foundation takes for JSON too", arguments: 1...20 as ClosedRange<UInt64>)
    func soup(seed: UInt64) throws {
        var source = SeededSource(state: seed)
        let rig = try OutcomeRig(maxItems: 4, padding: UInt8(truncatingIfNeeded: source.next()))
        for _ in 0..<1_000 {
            let body = (0..<Int.random(in: 1...12, using: &source)).map { _ in Self.pieces.randomElement(using: &source) ?? "" }.joined()
            let answer = rig.read(body)
            guard answer.report == nil else { continue }
            let plain = body.hasPrefix("\u{FEFF}") ? String(body.unicodeScalars.dropFirst()) : body
            let texts =
                answer.isList && !plain.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("[")
                ? plain.split(separator: "\n").map(String.init) : [plain]
            for text in texts where !text.allSatisfy(\.isWhitespace) {
                #expect(throws: Never.self, "\(body)") { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
            }
        }
    }

    @Test("a changed byte anywhere has a defined answer", arguments: 1...4 as ClosedRange<UInt64>)
    func mutation(seed: UInt64) throws {
        var source = SeededSource(state: seed)
        let rig = try OutcomeRig()
        let body = Array((0..<3).map { _ in Self.drawObject(&source) }.joined(separator: "\n").utf8)
        for index in body.indices {
            for byte in [0, 0x0A, 0x22, 0x5C, 0x7B, 0x7D, 0xFF, UInt8(truncatingIfNeeded: source.next())] as [UInt8] {
                var changed = body
                changed[index] = byte
                let answer = rig.read(changed)
                #expect((answer.report == nil) == (answer.items.count > 0))
            }
        }
    }
}
