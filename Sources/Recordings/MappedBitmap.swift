import Glibc
package import Synchronization

/// Bits that outlive the server: `recorder/first-<key>.bits`, nothing but 64-bit words, mapped for any number of threads that set bits by
/// atomic fetch-or.
///
/// What a killed process had set stays set. A power loss may forget the bits set since the last ``sync()``, and never sets one.
///
/// Sendable: the mapping is fixed, and its words are reached by atomic operations only.
package final class MappedBitmap: Sendable {
    /// Path of the file, for messages.
    package let path: String
    /// Words of 64 bits.
    package let wordCount: Int
    private let mapping: Mapping

    /// The words, valid as long as this object.
    package var words: UnsafeMutablePointer<Atomic<UInt64>> { mapping.words }

    /// Waits until the bits set so far are on disk. From any thread but a reactor.
    package func sync() throws(RecordingError) { try mapping.sync(path: path) }

    /// Maps the file, which has no hole and is as long as its words.
    fileprivate init(_ file: OpenFile, wordCount: Int) throws(RecordingError) {
        path = file.path
        self.wordCount = wordCount
        mapping = try Mapping(file, byteCount: 8 * wordCount)
        try mapping.populate(0..<8 * wordCount, path: path)
    }
}

extension RecorderFolder {
    /// Opens the bitmap of a key with the bits it had, or makes an empty one.
    ///
    /// - Parameter words: its size. A file of another size goes to the archive, and the bitmap begins empty.
    /// - Returns: the bitmap, and a remark when it had to begin anew.
    package func bitmap(key: UInt64, words: Int) throws(RecordingError) -> (MappedBitmap, RecordingRemark?) {
        precondition(words > 0, "a bitmap has a size")
        let name = "first-\(hexadecimal(key)).bits"
        guard words <= Limits.bitmapWords else { throw .tooLarge(path: state.path(of: name), limit: 8 * Limits.bitmapWords) }
        var remark: RecordingRemark?
        let isNew = !state.contains(name)
        var file = try state.create(name, exclusive: isNew)
        let size = try file.size()
        // An empty one was never finished.
        if !isNew, size != 8 * words, size > 0 {
            let reason = "\(size) bytes, and \(8 * words) are needed"
            let taken = Archive(recorder: state).take(name, from: state, reason: reason)
            guard case .archived = taken else { throw .failed(path: file.path, reason: "\(taken)") }
            remark = taken
            file = try state.create(name)
        }
        // Again for a file that exists: a copy brought back from a backup may have holes.
        try file.reserve(0..<8 * words)
        return (try MappedBitmap(file, wordCount: words), remark)
    }

    /// Removes the bitmaps of other keys that nobody has set a bit in since `seconds` ago: their experiments are over. A mapping of
    /// one stays usable.
    ///
    /// - Parameter now: seconds since 1970.
    package func removeBitmaps(except keys: Set<UInt64>, unchangedFor seconds: Int, now: Int) throws(RecordingError) {
        let kept = Set(keys.map { "first-\(hexadecimal($0)).bits" })
        for name in try state.names() where name.hasPrefix("first-") && name.hasSuffix(".bits") && !kept.contains(name) {
            if now - state.changeTime(of: name) > seconds { try state.remove(name) }
        }
    }
}
