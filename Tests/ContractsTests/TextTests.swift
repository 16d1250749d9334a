import Foundation
import Testing

@testable import Contracts

@Suite struct TextTests {
    private func text(_ value: Float) -> String {
        var bytes = [UInt8](repeating: 0, count: NumberText.maximumBytes)
        let count = bytes.withUnsafeMutableBufferPointer { NumberText.write(value, into: $0.baseAddress!) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private func text(_ value: Double) -> String {
        String(decoding: NumberText.bytes(of: value), as: UTF8.self)
    }

    @Test("writes the shortest text of a number", arguments: [
        (0, "0"), (-0.0, "-0"), (0.1, "0.1"), (5, "5"), (1e-5, "1e-05"), (0.71, "0.71"), (1e20, "1e+20"), (-2.5, "-2.5"),
    ] as [(Double, String)])
    func writes(_ value: Double, _ expected: String) {
        #expect(text(value) == expected && text(Float(value)) == expected)
    }

    @Test("every finite number reads back as itself, as JSON")
    func roundTrips() throws {
        var source = SeededSource(state: 11)
        for _ in 0..<20_000 {
            let double = Double(bitPattern: source.next())
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: source.next()))
            if double.isFinite { #expect(Double(text(double)) == double) }
            if float.isFinite { #expect(Float(text(float)) == float) }
        }
        for double in [Double.greatestFiniteMagnitude, -.leastNormalMagnitude, -.leastNonzeroMagnitude, -2.2250738585072014e-308] {
            let array = try JSONSerialization.jsonObject(with: Data("[\(text(double))]".utf8)) as? [Double]
            #expect(array == [double])
        }
    }

    @Test("quotes every text so that JSON gives it back")
    func quotes() throws {
        let all = String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init))) + "😀\u{2028}\u{FFFF}"
        let array = try JSONSerialization.jsonObject(with: Data(Array("[".utf8) + JSONText.quoted(all) + Array("]".utf8))) as? [String]
        #expect(array?.first.map { Array($0.utf8) } == Array(all.utf8))
        #expect(JSONText.quoted("a\"\\\n\u{1}") == Array(#""a\"\\\n\u0001""#.utf8))
    }
}
