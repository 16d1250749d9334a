import Testing

@testable import Primitives

@Suite struct XXH64Tests {
    static let prime32: UInt64 = 2_654_435_761

    /// The buffer of the reference implementation's sanity check (cli/xsum_sanity_check.c).
    static let sanity: [UInt8] = {
        var generator = prime32
        return (0..<256).map { _ in
            defer { generator = generator &* 11_400_714_785_074_694_797 }
            return UInt8(truncatingIfNeeded: generator >> 56)
        }
    }()

    struct Vector: Sendable {
        var count: Int
        var seed: UInt64
        var hash: UInt64
    }

    static let published = [
        Vector(count: 0, seed: 0, hash: 0xEF46_DB37_51D8_E999),
        Vector(count: 0, seed: prime32, hash: 0xAC75_FDA2_929B_17EF),
        Vector(count: 1, seed: 0, hash: 0xE934_A84A_DB05_2768),
        Vector(count: 1, seed: prime32, hash: 0x5014_6076_43A9_B4C3),
        Vector(count: 4, seed: 0, hash: 0x9136_A0DC_A574_57EE),
        Vector(count: 14, seed: 0, hash: 0x8282_DCC4_994E_35C8),
        Vector(count: 14, seed: prime32, hash: 0xC3BD_6BF6_3DEB_6DF0),
        Vector(count: 222, seed: 0, hash: 0xB641_AE8C_B691_C174),
        Vector(count: 222, seed: prime32, hash: 0x20CB_8AB7_AE10_C14A),
    ]

    @Test("agrees with the vectors of the reference implementation", arguments: published)
    func agreesWithPublished(_ vector: Vector) {
        let message = Array(Self.sanity.prefix(vector.count))
        #expect(XXH64.hash(message.span.bytes, seed: vector.seed) == vector.hash)
    }

    @Test("is the same for a message in two parts, cut anywhere, and byte by byte")
    func joinsParts() {
        for count in 0...100 {
            let message = Array(Self.sanity.prefix(count))
            let whole = XXH64.hash(message.span.bytes, seed: 7)
            for cut in 0...count {
                var hasher = XXH64(seed: 7)
                hasher.append(message.span.bytes.extracting(0..<cut))
                hasher.append(message.span.bytes.extracting(cut..<count))
                #expect(hasher.value == whole, "\(count) bytes cut at \(cut)")
            }
            var hasher = XXH64(seed: 7)
            for byte in message { hasher.append(byte) }
            #expect(hasher.value == whole, "\(count) single bytes")
        }
    }

    @Test("a copy goes on from a prefix and leaves the prefix as it was")
    func copiesPrefix() {
        var prefix = XXH64()
        prefix.append("video-category\u{1F}champion\u{1F}".utf8.span.bytes)
        let before = prefix.value
        var copy = prefix
        copy.append("u-17".utf8.span.bytes)
        #expect(copy.value == XXH64.hash("video-category\u{1F}champion\u{1F}u-17".utf8.span.bytes))
        #expect(prefix.value == before)
    }

    @Test("a prefix and a suffix have the hash of both as one message")
    func joinsPrefixAndSuffix() {
        for prefixCount in 0...70 {
            var hasher = XXH64(seed: 9)
            hasher.append(Self.sanity.span.bytes.extracting(0..<prefixCount))
            let prefix = XXH64.Prefix(hasher)
            for suffixCount in 0...70 {
                let end = prefixCount + suffixCount
                let whole = XXH64.hash(Self.sanity.span.bytes.extracting(0..<end), seed: 9)
                let joined = XXH64.Suffix.with(Self.sanity.span.bytes.extracting(prefixCount..<end)) { $0.hash(after: prefix) }
                #expect(joined == whole, "\(prefixCount) and \(suffixCount) bytes")
            }
        }
    }

    @Test("a name hash is the low half of the hash of the name's UTF-8")
    func hashesNames() {
        #expect(NameHash(of: "").value == 0x51D8_E999)
        #expect(NameHash(of: "champion") == NameHash(of: Array("champion".utf8).span.bytes))
        #expect(NameHash(of: "champion") != NameHash(of: "challenger"))
    }
}
