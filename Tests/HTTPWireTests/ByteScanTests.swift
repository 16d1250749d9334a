import Testing

@testable import HTTPWire

/// The searches in blocks against the same search byte by byte.
@Suite struct ByteScanTests {
    private static func isPlain(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte < 128 && (character.isLetter || character.isNumber || character == "-" || character == ".")
    }

    /// Every byte value at every place of a block and a tail, among bytes that are good and bytes that tempt a carry.
    @Test("every byte value stops the right searches, wherever it stands")
    func everyByte() {
        for value in UInt8.min...UInt8.max {
            for length in 1...18 {
                for place in 0..<length {
                    var bytes = (0..<length).map { $0 < place ? UInt8(ascii: "a") : UInt8(0xFF) }
                    bytes[place] = value
                    check(bytes)
                }
            }
        }
    }

    private func check(_ bytes: [UInt8]) {
        let count = bytes.count
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: ByteScan.slack)
        defer {
            memory.deallocate()
            copy.deallocate()
        }
        memory.initialize(from: bytes, count: count)
        let text = bytes.firstIndex { $0 < 0x20 || $0 == 0x7F } ?? count
        let target = bytes.firstIndex { $0 <= 0x20 || $0 >= 0x7F || $0 == Byte.hash } ?? count
        let plain = bytes.firstIndex { !Self.isPlain($0) } ?? count
        let agree =
            ByteScan.textEnd(memory, from: 0, to: count) == text && ByteScan.targetEnd(memory, from: 0, to: count) == target
            && ByteScan.plainEnd(memory, from: 0, to: count) == plain
            && ByteScan.copyPlainBlock(memory, from: 0, to: count, copy) == (count >= 16 && plain < 16 ? plain : nil)
        if !agree { Issue.record("\(bytes)") }
        guard count >= 16 else { return }
        for index in 0..<min(plain, 16) where copy[index] != bytes[index].lowered {
            Issue.record("\(bytes) was copied wrongly at \(index)")
        }
    }

    @Test("the token map holds exactly the characters of RFC 9110")
    func tokens() {
        let token = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for value in UInt8.min...UInt8.max {
            #expect(ByteScan.isToken(value) == token.contains(value))
        }
    }
}

extension UInt8 {
    fileprivate var lowered: UInt8 { (0x41...0x5A).contains(self) ? self + 0x20 : self }
}
