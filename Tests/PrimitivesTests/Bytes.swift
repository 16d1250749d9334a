@testable import Primitives

/// The bytes as a string of hexadecimal digits names them, for vectors.
func bytes(_ hexadecimal: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: hexadecimal.utf8.count / 2)
    var room = bytes.mutableSpan
    precondition(Hexadecimal.decode(hexadecimal.utf8.span.bytes, into: &room))
    return bytes
}

/// The little-endian bytes of a word.
func bytes(of word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
}
