import Testing

@testable import HTTPWire

/// Seeded noise: whatever the bytes are, the parser does not crash, and they have one meaning however they are cut.
@Suite struct H1FuzzTests {
    /// SplitMix64, so that a failure can be run again from its seed.
    struct Noise: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Pieces that mean something to one parser or another.
    private static let spices: [[UInt8]] = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "#", "\r\n\r\n", "\r\n ", "0\r\n\r\n", "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Host: x\r\n", "HTTP/1.0", "HTTP/2.0", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "Expect: 100-continue\r\n", "Connection: close\r\n",
        "[::1]",
        "ffffffffffffffff", "9223372036854775808", "http://", "*", "é",
    ].map { Array($0.utf8) }

    private static func mutated(_ original: [UInt8], _ noise: inout Noise) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &noise) {
            let at = Int.random(in: 0...bytes.count, using: &noise)
            let until = min(bytes.count, at + Int.random(in: 0...6, using: &noise))
            switch Int.random(in: 0..<5, using: &noise) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &noise), at: at)
            case 1: bytes.insert(contentsOf: spices.randomElement(using: &noise) ?? [], at: at)
            case 2: bytes.removeSubrange(at..<until)
            case 3: bytes.insert(contentsOf: bytes[at..<until], at: at)
            default: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &noise) }
            }
        }
        return bytes
    }

    private static func pieces(_ bytes: [UInt8], _ noise: inout Noise) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var at = 0
        while at < bytes.count {
            let next = min(bytes.count, at + Int.random(in: 1...24, using: &noise))
            pieces.append(bytes[at..<next])
            at = next
        }
        return pieces
    }

    @Test("mutated requests mean the same in one piece and in many", arguments: 0..<8)
    func mutations(_ lane: UInt64) {
        var noise = Noise(state: 0x5EED_0000 + lane)
        let originals = servedCases.map { Array($0.text.utf8) }
        var small = WireLimits()
        small.headBytes = 120
        small.headerCount = 5
        small.requestLineBytes = 40
        small.chunkLineBytes = 12
        small.trailerBytes = 16
        var outcomes: [Bool: Int] = [:]
        for round in 0..<600 {
            let bytes = Self.mutated(originals.randomElement(using: &noise) ?? [], &noise)
            let limits = round % 4 == 0 ? small : WireLimits()
            let whole = transcript([bytes[...]], limits)
            outcomes[whole.last?.hasPrefix("refused") ?? false, default: 0] += 1
            for _ in 0..<3 {
                let cut = Self.pieces(bytes, &noise)
                #expect(transcript(cut, limits) == whole, "\(String(reflecting: String(decoding: bytes, as: UTF8.self)))")
            }
        }
        // Mutations that are all refused, or all served, would test nothing.
        #expect(outcomes[true, default: 0] > 100 && outcomes[false, default: 0] > 50)
    }

    @Test("noise is refused or waited for, never taken for a request")
    func noise() {
        var noise = Noise(state: 0xF00D)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 1...400, using: &noise)).map { _ in UInt8.random(in: 0...255, using: &noise) }
            let whole = transcript([bytes[...]])
            #expect(!whole.contains("open"))
            #expect(transcript(Self.pieces(bytes, &noise)) == whole)
        }
    }
}
