import Testing

@testable import Primitives

@Suite struct Base64URLTests {
    static func encode(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: Base64URL.encodedCount(of: bytes.count))
        var span = text.mutableSpan
        var room = span.mutableBytes
        Base64URL.encode(bytes.span.bytes, into: &room)
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) throws(Base64URL.Fault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Base64URL.decodedCount(of: text.utf8.count))
        var span = bytes.mutableSpan
        var room = span.mutableBytes
        _ = try Base64URL.decode(text.utf8.span.bytes, into: &room)
        return bytes
    }

    /// RFC 4648 section 10, without the padding.
    static let published = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ]

    @Test("agrees with the vectors of RFC 4648", arguments: published)
    func agreesWithPublished(_ plain: String, _ text: String) throws {
        #expect(Self.encode(Array(plain.utf8)) == text)
        #expect(try Self.decode(text) == Array(plain.utf8))
    }

    @Test("uses the 64 characters of the URL alphabet in their order")
    func usesAlphabet() throws {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        #expect(Self.encode(try Self.decode(alphabet)) == alphabet)
        let sextets = try Self.decode(alphabet)
        // 0, 1, 2, 3 in six bits each are 00 10 83.
        #expect(Array(sextets.prefix(3)) == [0x00, 0x10, 0x83])
    }

    @Test("brings random bytes of every small length back")
    func roundTrips() throws {
        var generator = SplitMix(seed: 64)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(try Self.decode(Self.encode(bytes)) == bytes)
        }
    }

    @Test("writes a string of any bytes")
    func text() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xFE, 1]
        #expect(Base64URL.text(of: bytes.span.bytes) == "-__-AQ" && Base64URL.text(of: [UInt8]().span.bytes).isEmpty)
    }

    @Test(
        "refuses what it would not write",
        arguments: [
            ("A", Base64URL.Fault.length(1)), ("AAAAA", .length(5)), ("Zg==", .alphabet(offset: 2)), ("Zm+v", .alphabet(offset: 2)),
            ("Zm/v", .alphabet(offset: 2)), (" m9v", .alphabet(offset: 0)), ("Zm9\n", .alphabet(offset: 3)),
            ("Zh", .looseBits), ("Zm9", .looseBits),
        ])
    func refuses(_ text: String, _ fault: Base64URL.Fault) {
        #expect(throws: fault) { try Self.decode(text) }
    }
}
