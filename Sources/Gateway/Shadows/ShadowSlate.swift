import Primitives
import Processes
import Synchronization

/// Shared memory through which one shadow's process is told what to run, and says what came of it. One call at a time: the worker's side writes
/// rows and the number of the call, the shadow's side answers with the same number. Who rings and who listens is not its matter.
///
/// In bytes from the start; words have 64 bits:
///
/// ```
/// 0     words, see Word
/// 4096  rows: rowsAtMost x width doubles; texts: textBytes; labels: rowsAtMost Int32; scores: rowsAtMost x scoreCount Float; states: rowsAtMost bytes
/// ```
/// The other side may be a crashing model: whatever it writes is read as numbers and nothing else.
final class ShadowSlate: Sendable {
    /// What the process came to.
    enum Standing: UInt64 {
        case starting = 0
        case ready = 1
        /// The model cannot be opened or does not fit; why is among the texts.
        case refused = 2
    }

    /// What became of one row.
    enum RowState: UInt8 {
        case answered = 0
        case failed = 1
    }

    /// What is asked of a call.
    struct Order {
        var rows: Int
        /// Nanoseconds that the process sleeps first, for practice.
        var delay: Nanoseconds = 0
        /// Whether it ends as a crash would, for practice.
        var crashes = false
    }

    private enum Word {
        static let standing = 0, asked = 1, done = 2, rows = 3, delay = 4, crashes = 5, cpu = 6, reason = 7
    }

    let memory: SharedMemory
    private let shape: Shape

    /// Sizes of the parts; both sides know them.
    struct Shape: Equatable {
        let width: Int
        let scoreCount: Int
        let rowsAtMost: Int
        let textBytes: Int

        init(width: Int, scoreCount: Int, rowsAtMost: Int = ShadowLimits.rowsPerCall, textBytes: Int = ShadowLimits.textBytes) {
            (self.width, self.scoreCount, self.rowsAtMost, self.textBytes) = (width, scoreCount, rowsAtMost, textBytes)
        }

        fileprivate static let head = 4_096
        fileprivate var texts: Int { Self.head + rowsAtMost * width * 8 }
        fileprivate var labels: Int { texts + (textBytes + 63) / 64 * 64 }
        fileprivate var scores: Int { labels + (rowsAtMost * 4 + 63) / 64 * 64 }
        fileprivate var states: Int { scores + (rowsAtMost * scoreCount * 4 + 63) / 64 * 64 }
        var bytes: Int { states + rowsAtMost }
    }

    /// New memory for the worker's side.
    init(_ shape: Shape) throws(ProcessError) {
        self.shape = shape
        memory = try SharedMemory.make("weir-shadow", byteCount: shape.bytes)
    }

    /// The shadow's side of memory that was passed on.
    /// - Throws: `ProcessError` with EINVAL when it has another size.
    init(adopting number: Int32, _ shape: Shape) throws(ProcessError) {
        self.shape = shape
        memory = try SharedMemory(adopting: number)
        guard memory.bytes.count == shape.bytes else { throw ProcessError("adopting a slate of \(memory.bytes.count) bytes", code: 22) }
    }

    private func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        memory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Atomic<UInt64>.self) + index
    }

    private func load(_ index: Int) -> UInt64 { word(index).pointee.load(ordering: .acquiring) }
    private func store(_ value: UInt64, _ index: Int) { word(index).pointee.store(value, ordering: .releasing) }

    private func part<Value>(_ offset: Int, _ type: Value.Type) -> UnsafeMutablePointer<Value> {
        (memory.bytes.baseAddress.unsafelyUnwrapped + offset).assumingMemoryBound(to: type)
    }

    var slots: UnsafeMutablePointer<Double> { part(Shape.head, Double.self) }
    var texts: UnsafeMutablePointer<UInt8> { part(shape.texts, UInt8.self) }
    var labels: UnsafeMutablePointer<Int32> { part(shape.labels, Int32.self) }
    var scores: UnsafeMutablePointer<Float> { part(shape.scores, Float.self) }
    var states: UnsafeMutablePointer<UInt8> { part(shape.states, UInt8.self) }

    // MARK: The worker's side

    /// Where the process stands; what is no such number counts as starting.
    var standing: Standing { Standing(rawValue: load(Word.standing)) ?? .starting }

    /// Asks for a call over the rows that were written.
    func ask(_ order: Order) {
        store(UInt64(order.rows), Word.rows)
        store(order.delay, Word.delay)
        store(order.crashes ? 1 : 0, Word.crashes)
        store(load(Word.asked) &+ 1, Word.asked)
    }

    /// CPU time of the call that was asked for last, in nanoseconds, when it is done.
    var answer: Nanoseconds? { load(Word.done) == load(Word.asked) ? load(Word.cpu) : nil }

    /// Why it was refused, in words of the other side.
    var reason: String {
        let count = Int(min(load(Word.reason), UInt64(min(1_000, shape.textBytes))))
        // A copy first: the other side may be writing.
        return String(decoding: Array(UnsafeBufferPointer(start: texts, count: count)), as: UTF8.self)
    }

    // MARK: The shadow's side

    /// The call that waits to be made; nil when none does.
    var order: Order? {
        guard load(Word.asked) != load(Word.done) else { return nil }
        return Order(rows: Int(min(load(Word.rows), UInt64(shape.rowsAtMost))), delay: load(Word.delay), crashes: load(Word.crashes) != 0)
    }

    /// Says that the call is done.
    func finish(cpu: Nanoseconds) {
        store(cpu, Word.cpu)
        store(load(Word.asked), Word.done)
    }

    func become(_ standing: Standing, reason: String = "") {
        var text = reason
        let count = text.withUTF8 { bytes in
            let count = min(bytes.count, shape.textBytes)
            if let start = bytes.baseAddress { texts.update(from: start, count: count) }
            return count
        }
        store(UInt64(count), Word.reason)
        store(standing.rawValue, Word.standing)
    }
}
