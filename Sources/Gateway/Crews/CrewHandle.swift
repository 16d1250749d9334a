import Contracts
import Primitives
import Reactor
import Synchronization

/// What reactors and workers of one crew share, at one address.
struct CrewCore: ~Copyable {
    /// The jobs that wait.
    let queue: SharedQueue<CrewJobPointer>
    /// Rung once a job, and once a thread at the end; each ring is heard by one thread.
    let bell: Bell
    /// Rows of the jobs that wait.
    let waitingRows = Atomic<Int>(0)
    /// Predicted time of one row in nanoseconds: a moving average of what was measured.
    let rowCost: Atomic<UInt64>
    /// Calls that the watchdog ended.
    let endedCalls = Atomic<UInt64>(0)
    /// Whether the threads shall end.
    let isOver = Atomic(false)
    let threads: Int
    /// Values of a row, and scores of an answer.
    let width: Int
    let scoreCount: Int
    let rowsAtMost: Int
    /// The columns that are texts.
    let textColumns: UnsafeMutablePointer<Int32>
    let textColumnCount: Int
    /// One a reactor, each touched by its reactor only.
    let pools: UnsafeMutablePointer<JobPool>
    let reactors: Int

    /// - Parameters:
    ///   - isText: for each column whether it is a text.
    ///   - capacity: jobs that may wait at most.
    init(
        threads: Int, capacity: Int, reactors: Int, isText: [Bool], scoreCount: Int, rowsAtMost: Int, rowCost: Nanoseconds
    ) throws(SystemError) {
        bell = try Bell(counts: true)
        queue = SharedQueue(capacity: capacity)
        self.rowCost = Atomic(rowCost)
        self.threads = threads
        self.scoreCount = scoreCount
        self.rowsAtMost = rowsAtMost
        self.reactors = reactors
        width = isText.count
        let texts = isText.indices.filter { isText[$0] }
        textColumnCount = texts.count
        textColumns = .allocate(capacity: max(1, texts.count))
        for (place, column) in texts.enumerated() { (textColumns + place).initialize(to: Int32(column)) }
        pools = .allocate(capacity: reactors)
        for reactor in 0..<reactors { (pools + reactor).initialize(to: JobPool()) }
    }

    deinit {
        pools.deinitialize(count: reactors)
        pools.deallocate()
        textColumns.deallocate()
        bell.shut()
    }
}

/// A reactor's way to one crew. A trivial value, valid while the plan that it came from is held: **whoever has submitted a job holds the plan
/// until the job has come back**, also when its client has gone.
///
/// Every call names the reactor that makes it; nothing here locks, and nothing is allocated once the free lists are warm.
struct CrewHandle: @unchecked Sendable {
    // Unchecked: a pointer to what is made to be shared.
    let core: UnsafeMutablePointer<CrewCore>

    /// A job of this reactor's free list.
    func take(reactor: Int) -> CrewJobPointer {
        (core.pointee.pools + reactor).pointee.take(reactor: reactor)
    }

    /// Takes a finished job back into the free list, or one that was not submitted.
    func giveBack(_ job: CrewJobPointer, reactor: Int) {
        (core.pointee.pools + reactor).pointee.giveBack(job)
    }

    /// Copies rows into a job: the source may change afterwards.
    ///
    /// - Parameters:
    ///   - slots: `rows` times the columns of the contract.
    ///   - text: what the texts' slots point into.
    func load(_ job: CrewJobPointer, slots: UnsafePointer<Double>, rows: Int, text: UnsafePointer<UInt8>) {
        precondition(1...core.pointee.rowsAtMost ~= rows, "a job has at least one row and fits one call")
        let width = core.pointee.width
        job.pointee.layOut(
            rows: rows, width: width, scoreCount: core.pointee.scoreCount, textBytes: textBytes(slots, rows: rows))
        job.pointee.slots.update(from: slots, count: rows * width)
        job.pointee.textCount = 0
        guard core.pointee.textColumnCount > 0 else { return }
        for row in 0..<rows {
            for place in 0..<core.pointee.textColumnCount {
                let index = row * width + Int(core.pointee.textColumns[place])
                let source = TextSlot(slots[index])
                (job.pointee.text + job.pointee.textCount).update(from: text + source.offset, count: source.count)
                job.pointee.slots[index] = Double(bitPattern: UInt64(job.pointee.textCount) << 32 | UInt64(source.count))
                job.pointee.textCount += source.count
            }
        }
    }

    private func textBytes(_ slots: UnsafePointer<Double>, rows: Int) -> Int {
        var bytes = 0
        guard core.pointee.textColumnCount > 0 else { return bytes }
        for row in 0..<rows {
            for place in 0..<core.pointee.textColumnCount {
                bytes += TextSlot(slots[row * core.pointee.width + Int(core.pointee.textColumns[place])]).count
            }
        }
        return bytes
    }

    /// Hands a loaded job to the crew. It comes back through the completion queue of its reactor.
    /// - Returns: false when too many jobs wait, or those that wait are predicted to take until the job's deadline. The job is still the caller's.
    func submit(_ job: CrewJobPointer) -> Bool {
        let rows = job.pointee.rows
        let waiting = core.pointee.waitingRows.wrappingAdd(rows, ordering: .relaxed).oldValue
        let wait = UInt64(clamping: waiting) &* predictedRow / UInt64(core.pointee.threads)
        guard waiting <= 0 || wait < job.pointee.deadline.since(job.pointee.queued), core.pointee.queue.push(job) else {
            core.pointee.waitingRows.wrappingSubtract(rows, ordering: .relaxed)
            return false
        }
        core.pointee.bell.ring()
        return true
    }

    /// Keeps a submitted job from being run, unless a worker has begun it. It comes back in any case; those behind it no longer wait for it.
    func cancel(_ job: CrewJobPointer) {
        guard job.pointee.phase.compareExchange(expected: .waiting, desired: .cancelled, ordering: .relaxed).exchanged else { return }
        core.pointee.waitingRows.wrappingSubtract(job.pointee.rows, ordering: .relaxed)
    }

    /// Predicted time of one row, in nanoseconds.
    var predictedRow: Nanoseconds { core.pointee.rowCost.load(ordering: .relaxed) }

    /// Calls that the watchdog ended.
    var endedCalls: UInt64 { core.pointee.endedCalls.load(ordering: .relaxed) }

    /// Rows that wait. An instant later it may be another number.
    var waitingRows: Int { max(0, core.pointee.waitingRows.load(ordering: .relaxed)) }
}
