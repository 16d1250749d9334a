import Primitives
import Testing

@testable import Gateway

@Suite("writing into memory") struct JSONWriterTests {
    @Test("digits are written in order, and nothing behind them", arguments: [0, 1, 9, 10, 11, 99, 100, 1_000_000, 16_777_216, Int.max - 1, Int.max])
    func decimal(number: Int) {
        var bytes = [UInt8](repeating: 0xEE, count: 24)
        let count = bytes.withUnsafeMutableBufferPointer { writeDecimal(number, to: $0.baseAddress!) }
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == "\(number)")
        #expect(bytes[count...].allSatisfy { $0 == 0xEE })
    }

    @Test("numbers of every length agree with Swift's")
    func decimals() {
        var random = SplitMix(seed: 10)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { bytes in
            for _ in 0..<2_000 {
                let number = Int(random.next() >> (1 + random.next() % 63))
                let count = writeDecimal(number, to: bytes.baseAddress!)
                #expect(String(decoding: bytes[..<count], as: UTF8.self) == "\(number)")
            }
        }
    }

    @Test("texts, kept bytes and numbers follow each other without a gap")
    func writer() throws {
        let arena = ByteArena()
        var bytes = [UInt8](repeating: 0xEE, count: 128)
        let count = bytes.withUnsafeMutableBufferPointer { memory in
            var writer = JSONWriter(at: memory.baseAddress!)
            writer.write("{\"label\":")
            writer.write(arena.keep("\"Weißtanne\""))
            writer.write(",\"p\":[")
            writer.write(Float(0.25))
            writer.write(",")
            writer.write(Float(-12.5))
            writer.write(arena.keep(""))
            writer.write("]}")
            return writer.count(since: memory.baseAddress!)
        }
        #expect(bytes[count...].allSatisfy { $0 == 0xEE })
        let object = try Rig.json(bytes[..<count])
        #expect(object["label"] as? String == "Weißtanne" && object["p"] as? [Double] == [0.25, -12.5])
    }

    @Test("kept bytes are equal to the same bytes only")
    func kept() {
        let arena = ByteArena()
        let name = arena.keep("champion")
        #expect(name.string == "champion" && name.equals(Array("champion".utf8), 8))
        for other in ["champio", "champions", "Champion", "championn", ""] { #expect(!name.equals(Array(other.utf8), other.utf8.count), "\(other)") }
        #expect(arena.keep("").equals([], 0))
    }
}
