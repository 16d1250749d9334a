import Testing

@testable import Primitives

@Suite struct HexadecimalTests {
    @Test("every byte has two lower-case digits and comes back from them, in both cases")
    func roundTrips() {
        let all = (0...255).map { UInt8($0) }
        let text = Hexadecimal.text(of: all.span.bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text == text.lowercased())
        #expect(bytes(text) == all)
        #expect(bytes(text.uppercased()) == all)
    }

    @Test("refuses odd lengths and other characters", arguments: ["0", "abc", "0g", "g0", " 0", "0x", "/0", ":0", "@0", "`0", "é"])
    func refuses(_ text: String) {
        var room = [UInt8](repeating: 0, count: 4)
        var span = room.mutableSpan
        #expect(!Hexadecimal.decode(text.utf8.span.bytes, into: &span))
    }
}
