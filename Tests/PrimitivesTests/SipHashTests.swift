import Testing

@testable import Primitives

@Suite struct SipHashTests {
    static let key = SipHash.Key(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)

    @Test("agrees with the 64-bit table of the reference implementation", arguments: 0..<64)
    func agreesOn64(_ count: Int) {
        let message = (0..<count).map { UInt8($0) }
        #expect(bytes(of: SipHash.hash64(message.span.bytes, key: Self.key)) == bytes(SipHashVectors.tags64[count]))
    }

    @Test("agrees with the 128-bit table of the reference implementation", arguments: 0..<64)
    func agreesOn128(_ count: Int) {
        let message = (0..<count).map { UInt8($0) }
        let tag = SipHash.hash128(message.span.bytes, key: Self.key)
        #expect(bytes(of: tag.low) + bytes(of: tag.high) == bytes(SipHashVectors.tags128[count]))
    }

    @Test("a key is sixteen bytes, low word first")
    func readsKeys() throws {
        let sixteen = (0..<16).map { UInt8($0) }
        let read = SipHash.Key(bytes: sixteen.span.bytes)
        let key = try #require(read)
        #expect(key.low == Self.key.low && key.high == Self.key.high)
        for bytes in [Array(sixteen.dropLast()), sixteen + [16]] {
            let refused = SipHash.Key(bytes: bytes.span.bytes) == nil
            #expect(refused)
        }
    }

    @Test(
        "tags are the same only with both words the same",
        arguments: [(0, 0, true), (1, 0, false), (0, 1, false), (1 << 63, 1 << 63, false)])
    func comparesTags(_ low: UInt64, _ high: UInt64, _ same: Bool) {
        let tag = SipHash.Tag(low: 5, high: 6)
        #expect(tag.isSame(as: SipHash.Tag(low: 5 ^ low, high: 6 ^ high)) == same)
    }
}
