import Glibc
public import Synchronization

/// One counter: a 64-bit word that one thread writes and any thread reads.
public typealias Word = Atomic<UInt64>

/// Zeroed words for every reactor, each reactor's run on cache lines of its own.
///
/// Memory comes from `mmap`: fresh pages are zero without being written, so a histogram that is never touched takes address
/// space and no memory. (`calloc` clears blocks below its own threshold: 10 000 idle routes held 1.2 GB.)
///
/// Sendable although it holds a pointer: the words are reached only by relaxed atomic loads and stores, and freed only when the
/// last owner is gone.
@safe struct CellBlock: ~Copyable, @unchecked Sendable {
    /// Number of runs.
    let reactors: Int
    /// Words in one run, a multiple of ``CellLayout/alignment``.
    let stride: Int
    private let byteCount: Int
    private let first: UnsafeMutablePointer<Word>

    /// Allocates `reactors` runs of `stride` words. Stops the program when no memory is left, as every Swift allocation does.
    init(reactors: Int, stride: Int) {
        precondition((1...Limits.reactors).contains(reactors), "1 to \(Limits.reactors) reactors")
        precondition(stride % CellLayout.alignment == 0, "runs share no cache line")
        byteCount = reactors * stride * MemoryLayout<Word>.stride
        // A private anonymous mapping: whole pages, so aligned for every cache line.
        let found = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe found, unsafe memory != MAP_FAILED else { preconditionFailure("no memory for \(byteCount) bytes of counters") }
        self.reactors = reactors
        self.stride = stride
        // An atomic word of zero bits is an atomic zero: binding the zeroed memory initializes it.
        unsafe first = memory.bindMemory(to: Word.self, capacity: reactors * stride)
    }

    deinit {
        // Mapped in `init` with this address and size.
        unsafe munmap(first, byteCount)
    }

    /// The first word of a reactor's run, valid as long as the block.
    func words(of reactor: Int) -> UnsafeMutablePointer<Word> {
        precondition(reactor >= 0 && reactor < reactors, "reactor \(reactor) of \(reactors)")
        return unsafe first + reactor * stride
    }

    /// The value of one word of one reactor; never less than an earlier reading.
    func value(_ word: Int, of reactor: Int) -> UInt64 {
        precondition(word >= 0 && word < stride)
        return unsafe words(of: reactor)[word].load(ordering: .relaxed)
    }

    /// The sum of one word over all reactors.
    func total(_ word: Int) -> UInt64 {
        (0..<reactors).reduce(0) { $0 &+ value(word, of: $1) }
    }

    /// The answers by code at the start of every kind of run, over all reactors, indexed by ``StatusCode``'s raw value.
    func statusTotals() -> [UInt64] {
        StatusCode.allCases.map { total(Int($0.rawValue)) }
    }

    /// Whether a reactor counted an answer in its run.
    func isTouched(_ reactor: Int) -> Bool {
        StatusCode.allCases.contains { value(Int($0.rawValue), of: reactor) != 0 }
    }

    /// The histogram whose words begin at `start`, merged over reactors. Runs without an answer are left unread.
    func histogram(at start: Int) -> LatencyHistogram {
        var merged = LatencyHistogram()
        for reactor in 0..<reactors where isTouched(reactor) {
            let sum = value(start, of: reactor)
            let counts = (0..<LatencyHistogram.bucketCount).map { value(start + 1 + $0, of: reactor) }
            if counts.contains(where: { $0 != 0 }) { merged.merge(LatencyHistogram(counts: counts, sum: sum)) }
        }
        return merged
    }
}

extension UnsafeMutablePointer where Pointee == Word {
    /// Adds to a word of which the caller is the only writer: a plain add to memory (`add [m], r`), not a locked one.
    @inlinable func add(_ amount: UInt64, at index: Int) {
        let word = unsafe self + index
        unsafe word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}
