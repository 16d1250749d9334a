import Glibc
import Primitives
import Synchronization

/// What a checkpoint wrote.
package struct CheckpointFigures: Equatable, Sendable {
    /// Pages of 4096 bytes that the recorder file has in use.
    package let pages: Int
    /// Pages that were written; 0 when the newest checkpoint holds all there is.
    package let written: Int
}

/// Two copies of a recorder file on disk, written in turn: the newer one that is complete is what a power loss leaves of the counters.
///
/// **Whole.** Pages go to the older copy first. Only when they are on disk does its head get the next number, and the head is on disk before the
/// call returns. A power loss at any moment leaves one copy complete, and its number is the higher one of those that can be
/// trusted: a copy that was being written still has its old, lower number. So two passes are never mixed.
///
/// **In order.** Writers go on while a pass reads: it is no picture of one moment. Each word is read whole, and words are read from the lowest
/// address to the highest, the file's head before all: a word never comes from an earlier moment than a word below it. So every
/// block within "bytes in use" has its head, what a head or a slot's name says was already true when its counts were read, and counters,
/// which only grow, have the value of some moment of the pass. What changes hands (a block that is used again, a slot that another time slice takes)
/// may show the old name over newer counts. It changes hands only after the ledger has folded it, in a transaction that is on disk, and
/// readers leave out what the ledger has folded.
///
/// **Changed.** A page is written when its XXH64 differs from that of the page in the copy. Two contents of equal hash (1 in 2^64) would stay
/// behind until the page changes again.
///
/// **Again.** After a failed write the copy's head is taken off before it is written again, whole.
///
/// A copy is as long as the bytes in use; pages that were never anything but zero take no room in it.
struct Checkpoints: Sendable {
    private let folder: Folder
    private var copies: [Copy]
    /// Number of the newest complete copy; 0 before the first.
    private var newest: UInt64 = 0
    private var buffer = [UInt64](repeating: 0, count: Limits.pagesPerWrite * Self.pageWords)

    /// The page of the format, whatever the machine's is.
    private static let pageBytes = RecorderHead.byteCount
    private static let pageWords = pageBytes / 8

    init(of name: RecorderName, in folder: Folder) {
        self.folder = folder
        copies = name.checkpointNames.map { Copy(name: $0) }
    }

    /// Brings the older copy up to what the words are now.
    mutating func take(of words: UnsafeMutablePointer<Atomic<UInt64>>) throws(RecordingError) -> CheckpointFigures {
        let target = Int(newest % 2)
        var head = [UInt64](repeating: 0, count: Self.pageWords)
        var headWords = head.mutableSpan
        Self.read(words, into: &headWords, at: 0..<Self.pageWords)
        let bytesInUse = Int(head[RecorderHead.Word.bytesInUse])
        let pages = (bytesInUse + Self.pageBytes - 1) / Self.pageBytes
        do {
            try copies[target].disown(in: folder)
            let written = try write(words, pages: pages, to: target)
            guard written > 0 || copies[target].head != head else { return CheckpointFigures(pages: pages, written: 0) }
            try finish(target, head: head, bytes: pages * Self.pageBytes)
            return CheckpointFigures(pages: pages, written: written + 1)
        } catch {
            // What reached the file is unknown now, and the kernel reports a failed write only once (fsync(2)): write all of it next time.
            copies[target].forget()
            throw error
        }
    }

    /// Writes the pages after the head that differ from the copy's. Neighbours go in one call.
    private mutating func write(_ words: UnsafeMutablePointer<Atomic<UInt64>>, pages: Int, to target: Int) throws(RecordingError) -> Int {
        var run = 0..<0
        var written = 0
        for page in stride(from: 1, to: pages, by: 1) {
            let differs = copies[target].take(read(words, page: page, slot: run.count), page: page)
            if differs { run = run.isEmpty ? page..<page + 1 : run.lowerBound..<page + 1 }
            if !run.isEmpty, !differs || run.count == Limits.pagesPerWrite {
                written += run.count
                try put(run, to: target)
                run = 0..<0
            }
        }
        if !run.isEmpty { try put(run, to: target) }
        return written + run.count
    }

    /// Writes the first pages of the buffer to where they belong.
    private mutating func put(_ run: Range<Int>, to target: Int) throws(RecordingError) {
        let file = try copies[target].open(in: folder)
        try file.write(buffer.span.extracting(0..<run.count * Self.pageWords).bytes, at: run.lowerBound * Self.pageBytes)
    }

    /// Makes the copy the newest: first what its head will speak of, then the head.
    private mutating func finish(_ target: Int, head: [UInt64], bytes: Int) throws(RecordingError) {
        let file = try copies[target].open(in: folder)
        try file.extend(to: bytes)
        try file.sync()
        var numbered = head
        numbered[RecorderHead.Word.checkpoint] = newest + 1
        try file.write(numbered.span.bytes, at: 0)
        try file.sync()
        // Its name has to outlast a power loss too.
        if copies[target].head == nil { try folder.sync() }
        copies[target].head = head
        newest += 1
    }

    /// Copies a page to a place in the buffer and says its hash: of the copy, for the words go on changing.
    private mutating func read(_ words: UnsafeMutablePointer<Atomic<UInt64>>, page: Int, slot: Int) -> UInt64 {
        let place = slot * Self.pageWords..<(slot + 1) * Self.pageWords
        var slots = buffer.mutableSpan
        Self.read(words + page * Self.pageWords, into: &slots, at: place)
        return XXH64.hash(buffer.span.extracting(place).bytes)
    }

    /// Copies words to a place, in ascending order and none before the ones below it.
    private static func read(_ words: UnsafeMutablePointer<Atomic<UInt64>>, into page: inout MutableSpan<UInt64>, at place: Range<Int>) {
        for index in 0..<place.count { page[place.lowerBound + index] = words[index].load(ordering: .acquiring) }
    }
}

/// One of the two files, and what is known to be in it.
private struct Copy: Sendable {
    let name: String
    /// The head as it was in the recorder file when this copy was completed; nil before.
    var head: [UInt64]?
    private var file: OpenFile?
    /// XXH64 of each page from the second on; pages beyond are zero in a fresh file.
    private var hashes: [UInt64] = []
    private var isFresh = true
    private var isDoubtful = false

    private static let zeroPage = XXH64.hash([UInt8](repeating: 0, count: RecorderHead.byteCount).span.bytes)

    init(name: String) {
        self.name = name
    }

    /// The file; made at the first call.
    mutating func open(in folder: Folder) throws(RecordingError) -> OpenFile {
        if let file { return file }
        let made = try folder.create(name)
        file = made
        return made
    }

    /// Notes a page's hash, page after page from the second one; true when the file holds something else.
    mutating func take(_ hash: UInt64, page: Int) -> Bool {
        let index = page - 1
        guard index < hashes.count else {
            hashes.append(hash)
            return !isFresh || hash != Self.zeroPage
        }
        defer { hashes[index] = hash }
        return hashes[index] != hash
    }

    /// From now on nothing is known of what the file holds.
    mutating func forget() {
        hashes = []
        isFresh = false
        isDoubtful = true
        head = nil
    }

    /// Takes the head off a file that nothing is known of: it may have got the next number although the call failed, and would seem
    /// complete while it is written again.
    mutating func disown(in folder: Folder) throws(RecordingError) {
        guard isDoubtful else { return }
        let file = try open(in: folder)
        try file.write([UInt8](repeating: 0, count: RecorderHead.byteCount).span.bytes, at: 0)
        try file.sync()
        isDoubtful = false
    }
}
