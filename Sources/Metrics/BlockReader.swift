import Primitives

/// The start of a worker that a file's head names.
package struct WorkerIdentity: Equatable, Sendable {
    /// Milliseconds since 1970.
    package var start: UInt64
    package var nonce: UInt64
    package var reactor: Int
    package var process: UInt64
}

/// Something in a file of blocks that could not be read; the rest of the file was.
package struct CellComplaint: Equatable, CustomStringConvertible, Sendable {
    /// What is wrong.
    package enum Reason: Equatable, Sendable {
        /// Shorter than a file's head.
        case short
        case magic
        case version(UInt64)
        /// A word of the file's head holds what it cannot.
        case head
        /// The file ends before what it says is in use; bytes missing.
        case cutOff(UInt64)
        case block(BlockFault)
        /// Slots of exposures that were copied in the middle of a change.
        case tornSlots(Int)
        /// More blocks than a file can hold.
        case tooMany
    }

    package var reason: Reason
    /// Where, in bytes from the file's beginning.
    package var offset: Int

    package var description: String {
        let text =
            switch reason {
            case .short: "the file is shorter than its head"
            case .magic: "this is no file of counters"
            case .version(let version): "the file has layout \(version), this program reads \(CellLayout.version)"
            case .head: "the file's head names no reactor"
            case .cutOff(let missing): "the file is cut off, \(missing) bytes are missing"
            case .block(let fault): fault.description
            case .tornSlots(let count): "\(count) slices of exposures are torn and left out"
            case .tooMany: "the file has more than \(Limits.blocksInFile) blocks, the rest is left out"
            }
        return "at byte \(offset): \(text)"
    }
}

/// Reads the blocks of a whole file that somebody else wrote, maybe broken off, maybe hostile: every fault is a complaint.
package struct BlockReader {
    /// nil when the file's head cannot be read.
    package private(set) var worker: WorkerIdentity?
    /// The blocks in which anything was counted, in the file's order.
    package private(set) var blocks: [BlockRecord] = []
    /// What could not be read, at most ``Limits/complaints``.
    package private(set) var complaints: [CellComplaint] = []
    private var serials: Set<UInt64> = []
    private let isWanted: (BlockHead) -> Bool

    /// Reads an image of a file. Never traps; takes memory as large as what is wanted of the image.
    ///
    /// - Parameter isWanted: says by its head whether a block is to be read; others are passed over.
    package init(_ image: RawSpan, where isWanted: @escaping (BlockHead) -> Bool = { _ in true }) {
        self.isWanted = isWanted
        guard let end = readHead(image) else { return }
        var offset = CellLayout.fileHead * 8
        for _ in 0..<Limits.blocksInFile {
            guard offset < end, let length = readBlock(image, at: offset, end: end) else { return }
            offset += length * 8
        }
        if offset < end { complain(.tooMany, at: offset) }
    }

    /// Reads no more than a block's head: how many words it has, and the head unless it cannot be read.
    ///
    /// - Parameters:
    ///   - bytes: the first 32 words.
    ///   - room: words from the block's beginning to the end of what is in use.
    /// - Returns: nil where no block begins, so that none can be found after it.
    package static func skim(_ bytes: RawSpan, room: Int) -> (words: Int, head: BlockHead?)? {
        guard bytes.byteCount >= CellLayout.head * 8 else { return nil }
        let words = (0..<CellLayout.head).map { bytes.word(at: 8 * $0) }
        do throws(BlockFault) {
            let head = try BlockHead(words: words, room: room)
            return (head.length, head)
        } catch {
            if case .noBlock = error { return nil }
            return (try? BlockHead.length(words[1], room: room)).map { ($0, nil) }
        }
    }

    /// The byte where the blocks end.
    private mutating func readHead(_ image: RawSpan) -> Int? {
        guard image.byteCount >= CellLayout.fileHead * 8 else { return fail(.short, at: 0) }
        guard image.word(at: 0) == CellLayout.fileMagic else { return fail(.magic, at: 0) }
        guard image.word(at: 8) == CellLayout.version else { return fail(.version(image.word(at: 8)), at: 8) }
        guard let reactor = Int(exactly: image.word(at: 32)), reactor < Limits.reactors else { return fail(.head, at: 32) }
        worker = WorkerIdentity(start: image.word(at: 16), nonce: image.word(at: 24), reactor: reactor, process: image.word(at: 48))
        let used = image.word(at: 40)
        guard used > UInt64(image.byteCount) else { return Int(used) }
        complain(.cutOff(used - UInt64(image.byteCount)), at: image.byteCount)
        return image.byteCount
    }

    /// Reads one block; returns its length in words, nil when the next one cannot be found.
    private mutating func readBlock(_ image: RawSpan, at offset: Int, end: Int) -> Int? {
        let room = (end - offset) / 8
        guard room >= CellLayout.head else { return fail(.block(.length(UInt64(room))), at: offset) }
        let words = (0..<CellLayout.head).map { image.word(at: offset + 8 * $0) }
        do throws(BlockFault) {
            let head = try BlockHead(words: words, room: room)
            if head.state != .free, isWanted(head) { try keep(head, image, at: offset) }
            return head.length
        } catch {
            complain(.block(error), at: offset)
            // With the right beginning and a possible length the next block can be found all the same.
            if case .noBlock = error { return nil }
            return try? BlockHead.length(words[1], room: room)
        }
    }

    private mutating func keep(_ head: BlockHead, _ image: RawSpan, at offset: Int) throws(BlockFault) {
        guard serials.insert(head.serial).inserted else { throw .serial(head.serial) }
        let body = (CellLayout.head..<head.length).map { image.word(at: offset + 8 * $0) }
        let record = BlockRecord(reactor: worker?.reactor ?? 0, head: head, body: body)
        switch head.kind {
        case .reactor: guard head.length == CellLayout.reactorWords else { throw .content(head.kind) }
        case .route: guard head.length == CellLayout.routeWords else { throw .content(head.kind) }
        case .variant:
            let census = try VariantRecord.census(of: body)
            guard census.blocks == 1, census.outputs == head.outputs, census.features * FeatureBins.words == head.featureWords else {
                throw .content(head.kind)
            }
        case .exposures:
            guard head.length == ExposureLayout.words, head.sliceMilliseconds > 0 else { throw .content(head.kind) }
            let torn = ExposureSlice.torn(body)
            if torn > 0 { complain(.tornSlots(torn), at: offset) }
        case .copies:
            guard head.length == CopyLayout.words, ShadowCensus(body.prefix(8))?.blocks == 1 else { throw .content(head.kind) }
        case .pairs:
            guard let census = ShadowCensus(body.prefix(8)), census.blocks == 1,
                head.length == PairLayout.words(outputs: census.outputs, classes: census.classes)
            else { throw .content(head.kind) }
        }
        let counted =
            switch head.kind {
            case .variant: body.prefix(VariantLayout.census - CellLayout.head)
            case .copies, .pairs: body.dropFirst(8)
            case .reactor, .route, .exposures: body[...]
            }
        if counted.contains(where: { $0 != 0 }) { blocks.append(record) }
    }

    private mutating func complain(_ reason: CellComplaint.Reason, at offset: Int) {
        if complaints.count < Limits.complaints { complaints.append(CellComplaint(reason: reason, offset: offset)) }
    }

    private mutating func fail(_ reason: CellComplaint.Reason, at offset: Int) -> Int? {
        complain(reason, at: offset)
        return nil
    }
}
