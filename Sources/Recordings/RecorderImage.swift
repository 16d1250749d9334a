import Glibc

/// A worker's counters, read from the file of one reactor or its checkpoint. The head has been checked, the blocks have not.
///
/// Sendable although it holds a pointer: the bytes are its own and never change.
package final class RecorderImage: @unchecked Sendable {
    package let head: RecorderHead
    /// Path of the file that was chosen, for messages.
    package let path: String
    private let content: UnsafeMutableRawBufferPointer

    /// Reads the bytes in use of those blocks that are wanted, and the heads of all; the rest is zero, and takes no memory.
    init(_ file: OpenFile, head: RecorderHead, _ skim: BlockSkim) throws(RecordingError) {
        self.head = head
        path = file.path
        content = try Self.pages(head.bytesInUse, path: path)
        try read(0..<RecorderHead.byteCount, from: file)
        var start = RecorderHead.byteCount
        while content.count - start >= skim.headBytes {
            let body = start + skim.headBytes
            try read(start..<body, from: file)
            let room = content.count - start
            guard let choice = skim.choose(UnsafeRawBufferPointer(rebasing: content[start..<body]).bytes, room),
                (skim.headBytes...room).contains(choice.bytes)
            else { return }
            if choice.isWanted { try read(body..<start + choice.bytes, from: file) }
            start += choice.bytes
        }
    }

    private func read(_ range: Range<Int>, from file: OpenFile) throws(RecordingError) {
        guard try file.read(into: UnsafeMutableRawBufferPointer(rebasing: content[range]), at: range.lowerBound) == range.count else {
            throw .failed(path: path, reason: "it became shorter while it was read")
        }
    }

    /// Reads the bytes in use.
    init(_ file: OpenFile, head: RecorderHead) throws(RecordingError) {
        self.head = head
        path = file.path
        content = try Self.pages(head.bytesInUse, path: path)
        guard try file.read(into: content, at: 0) == content.count else {
            throw .failed(path: path, reason: "it became shorter while it was read")
        }
    }

    deinit {
        munmap(content.baseAddress, content.count)
    }

    /// Zeroed pages that are made when they are first written to. (calloc takes memory of this size from its heap after the first time, and
    /// clears all of it: 20 to 40 ms instead of 4 for a tenth of 27 MB.)
    private static func pages(_ count: Int, path: String) throws(RecordingError) -> UnsafeMutableRawBufferPointer {
        guard let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED else {
            throw RecordingError(errno: errno, path: path)
        }
        return UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    /// Lends the file's bytes, the head of 4096 bytes included, up to the end of the last block.
    package func withBytes<Result, Failure>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(content).bytes)
    }
}

/// How to find blocks, and which of them are wanted: what whoever knows their layout says of their heads.
package struct BlockSkim {
    /// Bytes that a block begins with, by which it is chosen.
    package let headBytes: Int
    /// Says of a block's first bytes, with the bytes from there to the end of the last block, how long it is in all and whether it is
    /// wanted; nil when no block is there, and so none can be found after it.
    package let choose: (RawSpan, _ room: Int) -> (bytes: Int, isWanted: Bool)?

    package init(headBytes: Int, choose: @escaping (RawSpan, _ room: Int) -> (bytes: Int, isWanted: Bool)?) {
        precondition(headBytes > 0, "a block has a head")
        self.headBytes = headBytes
        self.choose = choose
    }
}

/// What the dead left.
package struct DeadFiles: Sendable {
    /// One image for each worker start and reactor, in the order of their names.
    package let images: [RecorderImage]
    /// What had to be set right on the way.
    package let remarks: [RecordingRemark]
    /// Worker starts that are not dead: somebody holds their files.
    package let living: Set<UInt64>
    /// Dead reactors that one call had no room for: fold and remove these, then call again.
    package let waiting: Int
}
