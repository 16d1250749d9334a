/// A dead worker's counters, read from the file of one reactor or its checkpoint. The head has been checked, the blocks have not.
///
/// Sendable although it holds a pointer: the bytes are its own and never change.
package final class RecorderImage: @unchecked Sendable {
    package let head: RecorderHead
    /// Path of the file that was chosen, for messages.
    package let path: String
    private let content: UnsafeMutableRawBufferPointer

    /// Reads the bytes in use.
    init(_ file: OpenFile, head: RecorderHead) throws(RecordingError) {
        self.head = head
        path = file.path
        content = .allocate(byteCount: head.bytesInUse, alignment: RecorderHead.blockAlignment)
        guard try file.read(into: content, at: 0) == content.count else {
            throw .failed(path: path, reason: "it became shorter while it was read")
        }
    }

    deinit {
        content.deallocate()
    }

    /// Lends the file's bytes, the head of 4096 bytes included, up to the end of the last block.
    package func withBytes<Result, Failure>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(content).bytes)
    }
}

/// What the dead left.
package struct DeadFiles: Sendable {
    /// One image for each worker start and reactor, in the order of their names.
    package let images: [RecorderImage]
    /// What had to be set right on the way.
    package let remarks: [RecordingRemark]
    /// Dead reactors that one call had no room for: fold and remove these, then call again.
    package let waiting: Int
}
