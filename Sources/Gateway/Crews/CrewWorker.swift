import Inference
import Primitives
import Processes
import Reactor
import Synchronization

/// One thread of a crew: takes jobs, runs them on its own lane, and hands them back.
struct CrewWorker: @unchecked Sendable {
    // Unchecked: the lane is this thread's alone; the rest is made to be shared. The crew joins the thread before it frees any of it.
    let handle: CrewHandle
    let lane: UnsafeMutablePointer<Lane>
    let thread: WatchedThread
    let model: UInt64
    let quarters: CrewQuarters

    /// A measured call weighs this much against what was known: an eighth.
    private static let weight = 3

    /// Works until the crew is over.
    func run() {
        // Without a signal stack a crash in here is not attributed; the work is the same.
        try? thread.slot.bind()
        while let job = next() {
            work(job)
            quarters.completions(of: job.pointee.reactor).push(job)
        }
        thread.slot.unbind()
    }

    /// Sleeps until there is a job; nil when the crew is over.
    private func next() -> CrewJobPointer? {
        let core = handle.core
        core.pointee.bell.wait()
        while true {
            if let job = core.pointee.queue.pop() { return job }
            // A ring is for a job or for the end. No job: it is the end, or the reactor that came first is still putting its job down.
            if core.pointee.isOver.load(ordering: .acquiring) { return nil }
            Thread.giveWay()
        }
    }

    private func work(_ job: CrewJobPointer) {
        let now = MonotonicTime.now()
        job.pointee.started = now
        job.pointee.took = 0
        job.pointee.misfit = -1
        guard begin(job), !handle.core.pointee.isOver.load(ordering: .relaxed) else {
            job.pointee.result = .cancelled
            return
        }
        guard now < job.pointee.deadline else {
            job.pointee.result = .late
            return
        }
        job.pointee.result = fill(job) ? infer(job) : .misfit
    }

    /// Begins a job, unless its reactor has cancelled it.
    private func begin(_ job: CrewJobPointer) -> Bool {
        guard job.pointee.phase.compareExchange(expected: .waiting, desired: .begun, ordering: .relaxed).exchanged else { return false }
        handle.core.pointee.waitingRows.wrappingSubtract(job.pointee.rows, ordering: .relaxed)
        return true
    }

    /// Hands the rows to the lane. Returns whether all of them fit.
    private func fill(_ job: CrewJobPointer) -> Bool {
        for row in 0..<job.pointee.rows {
            let misfit = lane.pointee.fill(row: row, slots: job.pointee.slots + row * handle.core.pointee.width, text: job.pointee.text)
            guard misfit < 0 else {
                job.pointee.misfit = Int32(misfit)
                job.pointee.misfitRow = Int32(row)
                return false
            }
        }
        return true
    }

    /// Runs the model over the rows. When that fails, they are run one by one: only those that fail alone fail.
    private func infer(_ job: CrewJobPointer) -> CrewJob.Result {
        let before = MonotonicTime.now()
        let rows = job.pointee.rows
        var result = call(job, rows: rows)
        if result == .ok {
            learn(rows: rows, took: MonotonicTime.now().since(before))
            copyAnswers(of: rows, to: 0, job)
        } else if result == .failed, rows > 1 {
            result = runRows(job)
        }
        job.pointee.took = max(1, MonotonicTime.now().since(before))
        return result
    }

    /// One call of the model over what was filled in, watched.
    private func call(_ job: CrewJobPointer, rows: Int) -> CrewJob.Result {
        thread.slot.keep(
            slots: job.pointee.slots, rows: job.pointee.rows, width: handle.core.pointee.width, text: job.pointee.text,
            textCount: job.pointee.textCount)
        thread.enter(
            route: job.pointee.route, variant: job.pointee.variant, model: model, terminator: lane.pointee.terminator, now: MonotonicTime.now(),
            deadline: job.pointee.deadline, limit: job.pointee.limit)
        let result = lane.pointee.run(rows: rows)
        let wasEnded = thread.leave()
        if wasEnded { handle.core.pointee.endedCalls.wrappingAdd(1, ordering: .relaxed) }
        guard result != .ok else { return .ok }
        return wasEnded || result.isTerminated ? .terminated : .failed
    }

    /// Runs each row alone. One that fails gets no label and scores that are no numbers.
    private func runRows(_ job: CrewJobPointer) -> CrewJob.Result {
        let (width, scoreCount) = (handle.core.pointee.width, handle.core.pointee.scoreCount)
        job.pointee.labels.update(repeating: -1, count: job.pointee.rows)
        job.pointee.scores.update(repeating: .nan, count: job.pointee.rows * scoreCount)
        var result = CrewJob.Result.failed
        for row in 0..<job.pointee.rows {
            // It fitted before, with all the others.
            _ = lane.pointee.fill(row: 0, slots: job.pointee.slots + row * width, text: job.pointee.text)
            switch call(job, rows: 1) {
            case .ok:
                copyAnswers(of: 1, to: row, job)
                result = .ok
            case .terminated: return .terminated
            default: continue
            }
        }
        return result
    }

    private func copyAnswers(of rows: Int, to row: Int, _ job: CrewJobPointer) {
        let scoreCount = handle.core.pointee.scoreCount
        (job.pointee.labels + row).update(from: lane.pointee.labels, count: rows)
        (job.pointee.scores + row * scoreCount).update(from: lane.pointee.scores, count: rows * scoreCount)
    }

    /// Corrects what is predicted. Two threads at once may lose one of two corrections; the next one makes up for it.
    private func learn(rows: Int, took: Nanoseconds) {
        let known = Int64(clamping: handle.predictedRow)
        let measured = Int64(clamping: took) / Int64(rows)
        handle.core.pointee.rowCost.store(UInt64(max(1, known + (measured - known) >> Self.weight)), ordering: .relaxed)
    }
}
