import Glibc
import Synchronization

/// Where the memory of blocks comes from: a mapped file for each reactor, or plain memory.
///
/// Control asks, never a reactor.
package protocol BlockSource: Sendable {
    /// Words for a block of one reactor: zeroed, aligned to 128 bytes, and alive as long as the source. nil when there is no room.
    func block(words: Int, reactor: Int) -> UnsafeMutablePointer<Word>?

    /// Says that all blocks handed out for a reactor have their heads, so that readers of its file may go so far.
    func complete(reactor: Int)
}

extension BlockSource {
    /// Memory that nobody else reads needs no word of it.
    package func complete(reactor: Int) {}
}

/// Blocks in this process's memory alone: for tests, for `check`, and for what finds no room in a file.
///
/// Memory comes from `mmap` in chunks: fresh pages are zero without being written, so a histogram that is never touched takes address
/// space and no memory. (`calloc` clears blocks below its own threshold: 10 000 idle routes held 1.2 GB.)
package final class AnonymousBlocks: BlockSource {
    /// Protects the list of chunks; held for an addition or one `mmap`.
    private let chunks = Mutex(Chunks())

    fileprivate struct Chunks {
        /// Address and bytes of each mapping.
        var mappings: [(address: UInt, byteCount: Int)] = []
        var next: UInt = 0
        var left = 0
    }

    package init() {}

    deinit {
        chunks.withLock { chunks in
            for chunk in chunks.mappings {
                // Mapped in `block` with this address and size; whoever holds a block holds this source.
                unsafe munmap(UnsafeMutableRawPointer(bitPattern: chunk.address), chunk.byteCount)
            }
        }
    }

    /// Never nil: stops the program when no memory is left, as every Swift allocation does.
    package func block(words: Int, reactor: Int) -> UnsafeMutablePointer<Word>? {
        let wanted = words * MemoryLayout<Word>.stride
        precondition(wanted % (CellLayout.alignment * MemoryLayout<Word>.stride) == 0, "blocks share no cache line")
        return unsafe chunks.withLock { chunks in
            if chunks.left < wanted { chunks.grow(atLeast: wanted) }
            let address = chunks.next
            chunks.next += UInt(wanted)
            chunks.left -= wanted
            // An atomic word of zero bits is an atomic zero: binding the zeroed memory initializes it.
            return unsafe UnsafeMutableRawPointer(bitPattern: address)?.bindMemory(to: Word.self, capacity: words)
        }
    }
}

extension AnonymousBlocks.Chunks {
    /// Maps another chunk; what is left of the last one stays unused, and untouched.
    fileprivate mutating func grow(atLeast wanted: Int) {
        let byteCount = max(wanted, Limits.chunkBytes)
        // A private anonymous mapping: whole pages, so aligned for every cache line.
        let found = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe found, unsafe memory != MAP_FAILED else {
            preconditionFailure("no memory for \(byteCount) bytes of counters")
        }
        next = UInt(bitPattern: memory)
        left = byteCount
        mappings.append((next, byteCount))
    }
}
