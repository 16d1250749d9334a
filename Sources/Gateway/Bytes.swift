/// Borrowed bytes that live as long as the plan that owns them.
struct Bytes {
    let start: UnsafePointer<UInt8>
    let count: Int

    /// Whether these are the same bytes as `count` bytes at `other`.
    @inline(__always) func equals(_ other: UnsafePointer<UInt8>, _ otherCount: Int) -> Bool {
        guard count == otherCount else { return false }
        let (left, right) = (UnsafeRawPointer(start), UnsafeRawPointer(other))
        var offset = 0
        while offset + 8 <= count {
            if left.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self) {
                return false
            }
            offset += 8
        }
        while offset < count {
            if start[offset] != other[offset] { return false }
            offset += 1
        }
        return true
    }

    var string: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }
}

/// Memory for the names and ready-made texts of one plan, freed as a whole.
final class ByteArena {
    private var blocks: [UnsafeMutablePointer<UInt8>] = []

    /// A copy of the text's UTF-8 that lives as long as the arena.
    func keep(_ text: String) -> Bytes {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, text.utf8.count))
        _ = UnsafeMutableBufferPointer(start: copy, count: text.utf8.count).initialize(from: text.utf8)
        blocks.append(copy)
        return Bytes(start: copy, count: text.utf8.count)
    }

    deinit {
        for block in blocks { block.deallocate() }
    }
}
