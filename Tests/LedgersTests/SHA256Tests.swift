import Testing

@testable import Ledgers

@Suite struct SHA256Tests {
    /// NIST, "Secure Hash Standard" examples (FIPS 180-4) and the CAVP short message of one byte.
    static let vectors: [(message: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test("digests are those that NIST publishes", arguments: vectors.indices)
    func published(index: Int) {
        let vector = Self.vectors[index]
        #expect(hexadecimal(SHA256.digest(of: vector.message.utf8)) == vector.digest)
    }

    @Test("a digest is the same in one piece or byte by byte, around a block's end", arguments: [54, 55, 56, 57, 63, 64, 65, 119, 120])
    func pieces(length: Int) {
        let message = (0..<length).map { UInt8($0) }
        var hash = SHA256()
        for byte in message { hash.update([byte]) }
        let digest = hash.finish()
        #expect(digest == SHA256.digest(of: message))
        #expect(digest != SHA256.digest(of: message + [0]))
    }
}
