import Testing

@testable import Primitives

@Suite struct PredictionIDTests {
    static let key = PredictionKey(id: 3, secret: SipHash.Key(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908))
    static let older = PredictionKey(id: 2, secret: SipHash.Key(low: 1, high: 2))

    /// Every byte of every field is different, so that a wrong shift shows.
    static let sample = PredictionID(
        route: NameHash(value: 0x0504_0302), assigned: NameHash(value: 0x0908_0706), served: NameHash(value: 0x0D0C_0B0A),
        revision: 0x1110_0F0E, reason: .fallback, flags: .ownUnit, label: 0x1514, time: 0x1B1A_1918_1716, unit: 0x2322_2120_1F1E_1D1C,
        nonce: 0x2B2A_2928_2726_2524, reactor: 0x2C, sequence: 0x31_302F_2E2D)

    static func text(_ id: PredictionID, signedBy key: PredictionKey = key) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: PredictionID.textCount)
        var span = text.mutableSpan
        var room = span.mutableBytes
        id.encode(into: &room, signedBy: key)
        return text
    }

    static func binary(_ text: [UInt8]) throws -> [UInt8] {
        try Base64URLTests.decode(String(decoding: text, as: UTF8.self))
    }

    /// The text of these bytes with the signature they ought to have.
    static func resigned(_ binary: [UInt8]) -> [UInt8] {
        let body = Array(binary.prefix(50))
        let tag = SipHash.hash128(body.span.bytes, key: key.secret)
        return Array(Base64URLTests.encode(body + bytes(of: tag.low) + bytes(of: tag.high)).utf8)
    }

    @Test("lays the fields out as its table says")
    func laysOut() throws {
        let binary = try Self.binary(Self.text(Self.sample))
        var expected = (0..<50).map { UInt8($0) }
        expected[0] = PredictionID.version
        expected[1] = Self.key.id
        expected[18] = ServedReason.fallback.rawValue
        expected[19] = PredictionID.Flags.ownUnit.rawValue
        #expect(Array(binary.prefix(50)) == expected)
        let tag = SipHash.hash128(expected.span.bytes, key: Self.key.secret)
        #expect(Array(binary.suffix(16)) == bytes(of: tag.low) + bytes(of: tag.high))
    }

    @Test("comes back whole under any known key")
    func roundTrips() {
        var generator = SplitMix(seed: 66)
        let keys = [Self.older, Self.key]
        for round in 0..<200 {
            let words = (0..<7).map { _ in generator.next() }
            let id = PredictionID(
                route: NameHash(value: UInt32(words[0] >> 32)), assigned: NameHash(value: UInt32(truncatingIfNeeded: words[0])),
                served: NameHash(value: UInt32(words[1] >> 32)), revision: UInt32(truncatingIfNeeded: words[1]),
                reason: ServedReason.allCases[round % 5], flags: round % 2 == 0 ? [] : .ownUnit, label: UInt16(words[2] >> 48),
                time: words[3] >> 16, unit: words[4], nonce: words[5], reactor: UInt8(words[2] & 0xFF), sequence: words[6] >> 24)
            let text = Self.text(id, signedBy: keys[round % 2])
            #expect(PredictionID.verify(text.span.bytes, keys: keys.span) == .success(id))
        }
    }

    @Test("a change of any one character is refused")
    func refusesChanges() {
        let keys = [Self.key]
        let text = Self.text(Self.sample)
        for offset in text.indices {
            var changed = text
            changed[offset] = changed[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            guard case .failure = PredictionID.verify(changed.span.bytes, keys: keys.span) else {
                Issue.record("accepted a change at \(offset)")
                continue
            }
        }
    }

    @Test("names what is wrong")
    func namesFaults() throws {
        let text = Self.text(Self.sample)
        let keys = [Self.older, Self.key]
        func verify(_ text: [UInt8]) -> PredictionID.Fault? {
            if case .failure(let fault) = PredictionID.verify(text.span.bytes, keys: keys.span) { fault } else { nil }
        }
        #expect(verify([]) == .length(0))
        #expect(verify(text.dropLast()) == .length(87))
        #expect(verify(text + [UInt8(ascii: "A")]) == .length(89))
        var padded = text
        padded[87] = UInt8(ascii: "=")
        #expect(verify(padded) == .alphabet(offset: 87))
        var binary = try Self.binary(text)
        binary[0] = 2
        #expect(verify(Self.resigned(binary)) == .version(2))
        binary[0] = 1
        binary[1] = 9
        #expect(verify(Self.resigned(binary)) == .key(9))
        binary[1] = Self.older.id
        #expect(verify(Self.resigned(binary)) == .signature)
        binary[1] = Self.key.id
        binary[18] = 5
        #expect(verify(Self.resigned(binary)) == .reason(5))
        #expect(PredictionID.verify(text.span.bytes, keys: [PredictionKey]().span) == .failure(.key(3)))
    }

    @Test("reasons have the names of the headers, as text and as bytes")
    func namesReasons() {
        #expect(ServedReason.allCases.map { "\($0.name)" } == ["assigned", "breaker", "retry", "fallback", "override"])
        for reason in ServedReason.allCases {
            #expect(String(decoding: reason.nameBytes, as: UTF8.self) == "\(reason.name)")
        }
    }
}
