import Foundation
import Testing

@testable import Primitives
@testable import Routing

/// Agreement with vectors.json, which `make_vectors.py` computes without our code.
@Suite struct VectorTests {
    private struct Vectors: Decodable {
        struct Assignments: Decodable {
            struct Variant: Decodable {
                var name: String
                var weight: Double
            }
            struct Choice: Decodable {
                var unit: String
                var variant: String
            }
            var salt: String
            var variants: [Variant]
            var choices: [Choice]
        }
        struct UnitHashes: Decodable {
            struct Pair: Decodable {
                var unit: String
                var hash: String
            }
            var key: String
            var hashes: [Pair]
        }
        struct PredictionIDs: Decodable {
            struct Fields: Decodable {
                var route, assigned, served: String
                var revision: UInt32
                var reason, flags: UInt8
                var label: UInt16
                var time, unit, nonce: UInt64
                var reactor: UInt8
                var sequence: UInt64
            }
            struct Pair: Decodable {
                var fields: Fields
                var text: String
            }
            var key: UInt8
            var secret: String
            var ids: [Pair]
        }
        var assignments: [Assignments]
        var unitHashes: UnitHashes
        var predictionIDs: PredictionIDs
    }

    private static func vectors() throws -> Vectors {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "vectors.json")
        return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }

    private static func key(_ hexadecimal: String) throws -> SipHash.Key {
        var bytes = [UInt8](repeating: 0, count: 16)
        var room = bytes.mutableSpan
        try #require(hexadecimal.utf8.count == 32)
        let isDecoded = Hexadecimal.decode(hexadecimal.utf8.span.bytes, into: &room)
        try #require(isDecoded)
        let key = SipHash.Key(bytes: bytes.span.bytes)
        return try #require(key)
    }

    @Test("assigns every unit of the vectors as they say, by the formula and by the table")
    func assigns() throws {
        var checked = 0
        for vector in try Self.vectors().assignments {
            let split = try Split(vector.variants.map { Split.Share(name: $0.name, weight: $0.weight) })
            let salt = try Salt(vector.salt)
            let table = SplitTable(split, salt: salt)
            for choice in vector.choices {
                let formula = split.choose(unit: choice.unit.utf8.span.bytes, salt: salt)
                let quick = table.choose(unit: choice.unit.utf8.span.bytes)
                #expect(split.shares[formula].name == choice.variant, "\(vector.salt): \(choice.unit)")
                #expect(quick == formula, "\(vector.salt): \(choice.unit)")
                checked += 1
            }
        }
        #expect(checked >= 300)
    }

    @Test("hashes every unit of the vectors as they say")
    func hashesUnits() throws {
        let vectors = try Self.vectors().unitHashes
        let key = try Self.key(vectors.key)
        for pair in vectors.hashes {
            let hash = SipHash.hash64(pair.unit.utf8.span.bytes, key: key)
            #expect(UInt64(pair.hash, radix: 16) == hash, "\(pair.unit)")
        }
        #expect(vectors.hashes.count >= 20)
    }

    @Test("spells and reads every prediction id of the vectors")
    func encodesIDs() throws {
        let vectors = try Self.vectors().predictionIDs
        let keys = [PredictionKey(id: vectors.key, secret: try Self.key(vectors.secret))]
        for pair in vectors.ids {
            let fields = pair.fields
            let id = PredictionID(
                route: NameHash(of: fields.route), assigned: NameHash(of: fields.assigned), served: NameHash(of: fields.served),
                revision: fields.revision, reason: try #require(ServedReason(rawValue: fields.reason)),
                flags: .init(rawValue: fields.flags), label: fields.label, time: fields.time, unit: fields.unit, nonce: fields.nonce,
                reactor: fields.reactor, sequence: fields.sequence)
            var text = [UInt8](repeating: 0, count: PredictionID.textCount)
            var span = text.mutableSpan
            var room = span.mutableBytes
            id.encode(into: &room, signedBy: keys[0])
            #expect(String(decoding: text, as: UTF8.self) == pair.text)
            let read = PredictionID.verify(pair.text.utf8.span.bytes, keys: keys.span)
            #expect(read == .success(id))
        }
        #expect(vectors.ids.count >= 10)
    }
}
