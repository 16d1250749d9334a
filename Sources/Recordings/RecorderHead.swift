import Primitives
import Synchronization

/// The first 4096 bytes of a recorder file and of its checkpoints, as little-endian 64-bit words:
///
/// | word | holds |
/// |---|---|
/// | 0 | the bytes `WEIRCELL` |
/// | 1 | layout version of the blocks |
/// | 2 | the worker's start, wall clock in ms |
/// | 3 | the worker's nonce |
/// | 4 | reactor |
/// | 5 | bytes in use: blocks end here |
/// | 6 | process id |
/// | 7, 8 | boot id of the machine; zero when it could not be read |
/// | 9 | number of the checkpoint, from 1; zero in the reactor's own file |
/// | 10 | identity of the ledger that its counters belong to |
/// | 11...511 | zero |
///
/// Word 5 is stored after the blocks below it are complete, word 0 after all other words: a file whose head is cut short has no magic.
package struct RecorderHead: Equatable, Sendable {
    /// Bytes of the head; the first block follows.
    package static let byteCount = 4_096
    /// Every block begins at a multiple of this: two cache lines, as neighbours are fetched in pairs.
    package static let blockAlignment = 128

    package var layoutVersion: UInt64
    /// Wall clock, milliseconds since 1970.
    package var workerStart: UInt64
    package var name: RecorderName
    package var bytesInUse: Int
    package var process: UInt64
    /// The machine's start during which the file was written.
    package var boot: BootID
    /// 0 for the file that the reactor wrote.
    package var checkpoint: UInt64
    /// The ledger that its counters belong to: a state folder may be emptied while counters of the old one lie in shared memory.
    package var ledger: UInt64

    /// Position of each word.
    enum Word {
        static let magic = 0, layoutVersion = 1, workerStart = 2, nonce = 3, reactor = 4, bytesInUse = 5, process = 6, boot = 7,
            checkpoint = 9, ledger = 10
    }

    /// `WEIRCELL` as a little-endian word.
    static let magic: UInt64 = 0x4C4C_4543_5249_4557

    /// Writes the head to a new file, the magic last. Nobody else may write there.
    func write(to words: UnsafeMutablePointer<Atomic<UInt64>>) {
        words[Word.layoutVersion].store(layoutVersion, ordering: .relaxed)
        words[Word.workerStart].store(workerStart, ordering: .relaxed)
        words[Word.nonce].store(name.nonce, ordering: .relaxed)
        words[Word.reactor].store(UInt64(name.reactor), ordering: .relaxed)
        words[Word.bytesInUse].store(UInt64(bytesInUse), ordering: .relaxed)
        words[Word.process].store(process, ordering: .relaxed)
        words[Word.boot].store(boot.low, ordering: .relaxed)
        words[Word.boot + 1].store(boot.high, ordering: .relaxed)
        words[Word.checkpoint].store(checkpoint, ordering: .relaxed)
        words[Word.ledger].store(ledger, ordering: .relaxed)
        words[Word.magic].store(Self.magic, ordering: .releasing)
    }

    /// Reads a file's head, trusting nothing.
    ///
    /// - Parameters:
    ///   - file: the first bytes of the file, as many as a head has or all there are.
    ///   - fileBytes: length of the file.
    ///   - known: the version that this program reads.
    ///   - ledger: the ledger that it must belong to.
    init(_ file: RawSpan, fileBytes: Int, name: RecorderName, layoutVersion known: UInt64, ledger: UInt64) throws(HeadFault) {
        guard file.byteCount > 0 else { throw .blank }
        guard file.byteCount >= Self.byteCount else { throw .damaged("\(fileBytes) bytes, shorter than its head") }
        guard file.word(Word.magic) == Self.magic else {
            throw file.isZero(Self.byteCount) ? .blank : .damaged("no recorder file")
        }
        guard file.word(Word.layoutVersion) == known else { throw .otherLayout(file.word(Word.layoutVersion), known: known) }
        let inUse = file.word(Word.bytesInUse)
        guard inUse >= UInt64(Self.byteCount), inUse % UInt64(Self.blockAlignment) == 0 else {
            throw .damaged("its head says \(inUse) bytes in use")
        }
        guard inUse <= UInt64(fileBytes) else { throw .damaged("\(fileBytes) bytes are left of \(inUse)") }
        guard file.word(Word.nonce) == name.nonce, file.word(Word.reactor) == UInt64(name.reactor) else {
            throw .damaged("its head names another owner")
        }
        guard file.word(Word.ledger) == ledger else { throw .otherLedger }
        self.init(
            layoutVersion: known, workerStart: file.word(Word.workerStart), name: name, bytesInUse: Int(inUse),
            process: file.word(Word.process),
            boot: BootID(low: file.word(Word.boot), high: file.word(Word.boot + 1)), checkpoint: file.word(Word.checkpoint), ledger: ledger)
    }

    init(
        layoutVersion: UInt64, workerStart: UInt64, name: RecorderName, bytesInUse: Int, process: UInt64, boot: BootID, checkpoint: UInt64,
        ledger: UInt64
    ) {
        self.layoutVersion = layoutVersion
        self.workerStart = workerStart
        self.name = name
        self.bytesInUse = bytesInUse
        self.process = process
        self.boot = boot
        self.checkpoint = checkpoint
        self.ledger = ledger
    }
}

/// Why a file cannot be counted.
enum HeadFault: Error, Equatable {
    /// Its owner died before it was complete: nothing was ever counted in it.
    case blank
    /// Another version of Weir wrote it.
    case otherLayout(UInt64, known: UInt64)
    /// Its counters belong to a ledger that is not here any more.
    case otherLedger
    /// It is not what was written.
    case damaged(String)

    /// For a remark.
    var reason: String {
        switch self {
        case .blank: "empty"
        case .otherLayout(let found, let known): "layout \(found), and this program reads layout \(known)"
        case .otherLedger: "counters of another ledger"
        case .damaged(let reason): reason
        }
    }
}

extension RawSpan {
    fileprivate func word(_ index: Int) -> UInt64 { word(at: 8 * index) }

    /// Whether the first bytes, a multiple of 8, are all zero.
    fileprivate func isZero(_ bytes: Int) -> Bool {
        for index in 0..<bytes / 8 where word(index) != 0 { return false }
        return true
    }
}
