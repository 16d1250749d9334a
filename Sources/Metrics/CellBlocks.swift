import Synchronization

/// The blocks of one name, one for each reactor; all have the same length and kind.
///
/// Sendable although it holds pointers: the words are reached only by atomics, and the source that owns them is held. Blocks that were
/// handed back (``CellRegistry/recycle(_:)``) count for another name: the registry lets nobody hold these then.
@safe struct CellBlocks: @unchecked Sendable {
    /// Words of each block, head included.
    let length: Int
    /// Who counts in the first block; the others follow. For blocks of reactors 0.
    let firstWriter: Int
    private let blocks: [UnsafeMutablePointer<Word>]
    private let source: any BlockSource

    /// `blocks` are `length` words each, from `source`, with their heads written.
    init(_ blocks: [UnsafeMutablePointer<Word>], length: Int, source: any BlockSource, firstWriter: Int = 0) {
        precondition(unsafe blocks.count <= Limits.reactors && !blocks.isEmpty, "1 to \(Limits.reactors) reactors")
        unsafe self.blocks = blocks
        self.length = length
        self.source = source
        self.firstWriter = firstWriter
    }

    /// Number of blocks: of reactors, as a rule.
    var reactors: Int { unsafe blocks.count }

    /// The first word of a reactor's block, valid as long as these blocks.
    func words(of reactor: Int) -> UnsafeMutablePointer<Word> {
        precondition(reactor >= 0 && reactor < reactors, "reactor \(reactor) of \(reactors)")
        return unsafe blocks[reactor]
    }

    /// The value of one word of one reactor; never less than an earlier reading.
    func value(_ word: Int, of reactor: Int) -> UInt64 {
        precondition(word >= 0 && word < length)
        return unsafe words(of: reactor).value(at: word)
    }

    /// The sum of one word over all reactors.
    func total(_ word: Int) -> UInt64 {
        (0..<reactors).reduce(0) { $0 &+ value(word, of: $1) }
    }

    /// Sums over all reactors of as many words as there are status codes, indexed by ``StatusCode``'s raw value.
    func statusTotals(at start: Int) -> [UInt64] {
        StatusCode.allCases.map { total(start + Int($0.rawValue)) }
    }

    /// A reactor's words in a range of its block.
    func values(_ range: Range<Int>, of reactor: Int) -> [UInt64] {
        precondition(range.lowerBound >= 0 && range.upperBound <= length)
        let words = unsafe words(of: reactor)
        // Within the block, and every element of the array is written. A tenth of the time of `map`.
        return unsafe [UInt64](unsafeUninitializedCapacity: range.count) { buffer, count in
            for index in 0..<range.count { unsafe buffer.initializeElement(at: index, to: words.value(at: range.lowerBound &+ index)) }
            count = range.count
        }
    }

    /// Whether any word of a range was counted in.
    func isTouched(_ range: Range<Int>, of reactor: Int) -> Bool {
        let words = unsafe words(of: reactor)
        // Within the block.
        return range.contains { unsafe words.value(at: $0) != 0 }
    }

    /// The head of a reactor's block as it is now.
    func head(of reactor: Int) -> BlockHead? {
        try? BlockHead(words: values(0..<CellLayout.head, of: reactor), room: length)
    }

    /// The blocks in which anything was counted, by the words of `counted`.
    func records(touched counted: Range<Int>) -> [BlockRecord] {
        (0..<reactors).compactMap { reactor in
            guard isTouched(counted, of: reactor), let head = head(of: reactor) else { return nil }
            return BlockRecord(reactor: firstWriter + reactor, head: head, body: values(CellLayout.head..<length, of: reactor))
        }
    }

    /// Sets the state of every block.
    func mark(_ state: BlockState) {
        for reactor in 0..<reactors { unsafe words(of: reactor)[BlockHead.Place.state].store(state.rawValue, ordering: .releasing) }
    }
}

/// Hands out blocks with their heads written, and takes them back. Belongs to the registry's lock.
struct BlockStore {
    private let source: any BlockSource
    /// For names that must have a block although the source has no room.
    private let spare = AnonymousBlocks()
    /// Last serial of each reactor's file.
    private var serials: [UInt64]
    private var free: [Size: [UInt]] = [:]
    private var cooling: [(Size, UInt)] = []

    private struct Size: Hashable {
        let reactor: Int
        let words: Int
    }

    /// Reactors that serve routes, the first of all; the others have a block for themselves only. The last of all compares shadows.
    private let serving: Int

    init(reactors: Int, serving: Int, source: any BlockSource) {
        precondition((1...Limits.reactors).contains(reactors) && (0...reactors).contains(serving), "1 to \(Limits.reactors) reactors")
        self.source = source
        self.serving = serving
        serials = Array(repeating: 0, count: reactors)
    }

    /// Who counts in a kind of block.
    private func writers(of kind: BlockKind) -> Range<Int> {
        switch kind {
        case .reactor: 0..<serials.count
        case .route, .variant, .exposures, .copies: 0..<serving
        case .pairs: (serials.count - 1)..<serials.count
        }
    }

    /// A block for every reactor that counts in its kind, or nil when there is no room for all of them.
    ///
    /// - Parameters:
    ///   - head: what the heads say; serials are set here.
    ///   - census: words of ``VariantLayout/census``; none for other kinds.
    mutating func blocks(_ head: BlockHead, census: [UInt64] = []) -> CellBlocks? {
        var found: [UnsafeMutablePointer<Word>] = unsafe []
        for reactor in writers(of: head.kind) {
            guard let block = unsafe block(head.length, reactor) else {
                unsafe giveBack(found, words: head.length, firstWriter: writers(of: head.kind).lowerBound)
                return nil
            }
            unsafe found.append(block)
        }
        unsafe begin(found, head, census)
        for reactor in writers(of: head.kind) { source.complete(reactor: reactor) }
        return unsafe CellBlocks(found, length: head.length, source: source, firstWriter: writers(of: head.kind).lowerBound)
    }

    /// The same in plain memory when the source has no room: it counts, and is lost with the process.
    mutating func insistently(_ head: BlockHead, census: [UInt64] = []) -> CellBlocks {
        if let blocks = blocks(head, census: census) { return blocks }
        let found = unsafe writers(of: head.kind).compactMap { unsafe spare.block(words: head.length, reactor: $0) }
        unsafe begin(found, head, census)
        return unsafe CellBlocks(found, length: head.length, source: spare, firstWriter: writers(of: head.kind).lowerBound)
    }

    /// Writes the heads, and what the tails hold.
    private mutating func begin(_ blocks: [UnsafeMutablePointer<Word>], _ head: BlockHead, _ census: [UInt64]) {
        let writers = writers(of: head.kind)
        for reactor in writers {
            let block = unsafe blocks[reactor - writers.lowerBound]
            serials[reactor] += 1
            var head = head
            head.serial = serials[reactor]
            for (index, value) in census.enumerated() { unsafe block.set(value, at: Self.census(of: head.kind) + index) }
            unsafe head.write(to: block)
        }
    }

    /// Where a block says what it holds.
    private static func census(of kind: BlockKind) -> Int { kind == .variant ? VariantLayout.census : CellLayout.head }

    private mutating func block(_ words: Int, _ reactor: Int) -> UnsafeMutablePointer<Word>? {
        let size = Size(reactor: reactor, words: words)
        if let address = free[size]?.popLast() { return unsafe UnsafeMutablePointer(bitPattern: address) }
        return unsafe source.block(words: words, reactor: reactor)
    }

    /// Keeps the first reactors' blocks for the next who asks; a reader of the file steps over them.
    private mutating func giveBack(_ blocks: [UnsafeMutablePointer<Word>], words: Int, firstWriter: Int) {
        for index in unsafe blocks.indices {
            let (block, reactor) = unsafe (blocks[index], firstWriter + index)
            unsafe BlockHead(kind: .variant, length: words, serial: 0, state: .free).write(to: block)
            source.complete(reactor: reactor)
            free[Size(reactor: reactor, words: words), default: []].append(UInt(bitPattern: block))
        }
    }

    /// Takes blocks back that are in the ledger: says so in their heads first, so that what is half cleared is nobody's.
    mutating func recycle(_ blocks: CellBlocks) {
        blocks.mark(.free)
        for index in 0..<blocks.reactors {
            let words = unsafe blocks.words(of: index)
            // Magic and length stay: a reader finds the next block by them.
            for index in BlockHead.Place.serial..<blocks.length { unsafe words.set(0, at: index) }
            cooling.append((Size(reactor: blocks.firstWriter + index, words: blocks.length), UInt(bitPattern: words)))
        }
    }

    /// Lets blocks that were taken back be handed out again.
    mutating func release() {
        for (size, address) in cooling { free[size, default: []].append(address) }
        cooling = []
    }
}
