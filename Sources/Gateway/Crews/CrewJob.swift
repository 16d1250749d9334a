import Primitives
import Synchronization

typealias CrewJobPointer = UnsafeMutablePointer<CrewJob>

/// The rows of one request on their way to a crew, and the answers on their way back. Lives in memory of its crew and is handed around by
/// pointer: it belongs to its reactor until `CrewHandle.submit`, then to the crew, and to the reactor again once its completion queue has
/// given it back. Only `phase` is touched from both sides.
struct CrewJob: ~Copyable {
    /// What became of it.
    enum Result: UInt8 {
        /// `labels` and `scores` hold the answers.
        case ok
        /// The model failed.
        case failed
        /// A value does not fit the model's type, or the texts do not fit one call: the caller's fault. See `misfit` and `misfitRow`.
        case misfit
        /// It was cancelled before it was its turn; the model has not seen it.
        case cancelled
        /// Its deadline passed while it was queued; the model has not seen it.
        case late
        /// The watchdog ended it at its deadline, inside the model.
        case terminated
    }

    /// The reactor that it goes back to.
    let reactor: Int
    /// The reactor's own word: which exchange this belongs to.
    var ticket: UInt64 = 0
    /// When the model must be done: nobody waits for it any longer.
    var deadline = Instant(nanoseconds: 0)
    /// When it must be done whoever asks, the route's own deadline: a model that goes on after that hangs.
    var limit = Instant(nanoseconds: 0)
    /// From when on its answer is slow.
    var slow = Instant(nanoseconds: 0)
    /// When it was submitted.
    var queued = Instant(nanoseconds: 0)
    /// 32-bit hashes of the route's and the variant's name, for the record of a crash.
    var route: UInt32 = 0
    var variant: UInt32 = 0
    var rows = 0
    /// Moved once: by the worker that begins it, or by the reactor that cancels it; what a worker has begun runs on.
    let phase = Atomic(Phase.waiting)

    /// Whether it still waits for its turn.
    enum Phase: UInt8, AtomicRepresentable {
        case waiting, begun, cancelled
    }

    /// Own copies of the rows, and of the texts that they name.
    var slots: UnsafeMutablePointer<Double>
    var text: UnsafeMutablePointer<UInt8>
    var textCount = 0

    // Written by the worker.
    /// A class index a row, as `Lane.labels`.
    var labels: UnsafeMutablePointer<Int32>
    /// As `Lane.scores`.
    var scores: UnsafeMutablePointer<Float>
    var result = Result.ok
    var misfit: Int32 = -1
    var misfitRow: Int32 = 0
    /// When a worker took it from the queue: the time before is queueing.
    var started = Instant(nanoseconds: 0)
    /// Inside the model, as measured; 0 when it did not come to that.
    var took: Nanoseconds = 0

    /// One block for all four arrays.
    fileprivate(set) var block: UnsafeMutableRawPointer
    fileprivate(set) var blockBytes: Int
    /// The next in a free list or among the completed.
    var next: CrewJobPointer?

    init(reactor: Int, blockBytes: Int) {
        self.reactor = reactor
        self.blockBytes = blockBytes
        block = .allocate(byteCount: blockBytes, alignment: Self.alignment)
        slots = block.assumingMemoryBound(to: Double.self)
        text = block.assumingMemoryBound(to: UInt8.self)
        labels = block.assumingMemoryBound(to: Int32.self)
        scores = block.assumingMemoryBound(to: Float.self)
    }

    deinit {
        block.deallocate()
    }

    private static let alignment = 16

    /// Lays the four arrays out in the block, which grows when they do not fit.
    mutating func layOut(rows: Int, width: Int, scoreCount: Int, textBytes: Int) {
        let scoresAt = rows * width * MemoryLayout<Double>.stride
        let labelsAt = scoresAt + rows * scoreCount * MemoryLayout<Float>.stride
        let textAt = labelsAt + rows * MemoryLayout<Int32>.stride
        // One more: a text may be empty, and its place must lie inside.
        resize(atLeast: textAt + textBytes + 1)
        slots = block.assumingMemoryBound(to: Double.self)
        scores = (block + scoresAt).assumingMemoryBound(to: Float.self)
        labels = (block + labelsAt).assumingMemoryBound(to: Int32.self)
        text = (block + textAt).assumingMemoryBound(to: UInt8.self)
        self.rows = rows
    }

    private mutating func resize(atLeast bytes: Int) {
        guard bytes > blockBytes else { return }
        block.deallocate()
        blockBytes = max(bytes, 2 * blockBytes)
        block = .allocate(byteCount: blockBytes, alignment: Self.alignment)
    }

    /// Gives back what a large request took.
    mutating func shrink(to bytes: Int) {
        guard blockBytes > bytes else { return }
        block.deallocate()
        blockBytes = bytes
        block = .allocate(byteCount: bytes, alignment: Self.alignment)
    }
}

/// The jobs of one reactor for one crew that are not in use, with their memory. Only that reactor touches it.
struct JobPool: ~Copyable {
    private var free: CrewJobPointer?
    /// Jobs in the list.
    private(set) var freeCount = 0
    /// Jobs given out.
    private(set) var takenCount = 0

    /// A job that is the caller's until it is given back.
    mutating func take(reactor: Int) -> CrewJobPointer {
        takenCount += 1
        guard let job = free else {
            let job = CrewJobPointer.allocate(capacity: 1)
            job.initialize(to: CrewJob(reactor: reactor, blockBytes: GatewayLimits.jobBytes))
            return job
        }
        free = job.pointee.next
        freeCount -= 1
        job.pointee.next = nil
        job.pointee.phase.store(.waiting, ordering: .relaxed)
        return job
    }

    mutating func giveBack(_ job: CrewJobPointer) {
        takenCount -= 1
        guard freeCount < GatewayLimits.jobsKept else { return Self.destroy(job) }
        job.pointee.shrink(to: GatewayLimits.jobBytes)
        job.pointee.next = free
        free = job
        freeCount += 1
    }

    deinit {
        var next = free
        while let job = next {
            next = job.pointee.next
            Self.destroy(job)
        }
    }

    private static func destroy(_ job: CrewJobPointer) {
        job.deinitialize(count: 1)
        job.deallocate()
    }
}
