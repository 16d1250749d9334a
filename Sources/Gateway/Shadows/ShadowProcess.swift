import Glibc
import Inference
import Primitives
import Processes
import Reactor

/// The other side of a shadow: a process that opens one model under limits and runs the rows that it is given, when no other process wants the
/// CPU. It has no socket, opens no file once the model is open, and ends with the thread that started it.
package enum ShadowProcess {
    /// Descriptors of the process beside the standard ones: the job is 0, the slate 1, and 2 leads nowhere.
    enum Given: Int32 {
        /// The worker signals it when there is a call to make.
        case call = 3
        /// It is signalled when one is done, or the model is open.
        case answer = 4
    }

    /// Serves until it is ended.
    ///
    /// - Parameter scoreCount: scores that the model answered a row in quarantine.
    /// - Returns: the exit code, when the model could not be opened or what was handed over is not sound.
    package static func run(scoreCount: Int) -> Int32 {
        do {
            // Made before the process may open nothing any more.
            let calls = try Poller()
            let timer = try Poller()
            guard calls.add(Given.call.rawValue, .read, token: 0) else { return 1 }
            let (model, slate) = try open(scoreCount: scoreCount)
            guard let model else { return 2 }
            while true {
                _ = calls.wait(timeout: nil)
                guard Pipe.hear(Given.call.rawValue) else { return 0 }
                guard let order = slate.order else { continue }
                if order.crashes { ProcessSelf.crash() }
                if order.delay > 0 { _ = timer.wait(timeout: order.delay) }
                let before = MonotonicTime.threadCPU()
                run(order.rows, slate, on: model.set.lanes[0], width: model.width)
                slate.finish(cpu: MonotonicTime.threadCPU() &- before)
                Pipe.signal(Given.answer.rawValue)
            }
        } catch {
            return 1
        }
    }

    private struct Model {
        let set: LaneSet
        let width: Int
    }

    /// Takes what was handed over, and opens the model; nil when that is refused, of which the slate tells why. The file's memory is let go.
    private static func open(scoreCount: Int) throws -> (Model?, ShadowSlate) {
        let memory = try SharedMemory(adopting: dup(0))
        close(0)
        let job = try QuarantineJob(UnsafeRawBufferPointer(memory.bytes))
        try ProcessSelf.dieWithParent(parent: job.head.parent)
        try ProcessSelf.setIdlePriority()
        let width = job.head.columns.count
        let slate = try ShadowSlate(adopting: dup(1), ShadowSlate.Shape(width: width, scoreCount: scoreCount))
        try ProcessSelf.setLimits(ChildLimits(fileBytes: 0, coreBytes: 0))
        defer { Pipe.signal(Given.answer.rawValue) }
        do throws(InferenceError) {
            let set = try withExtendedLifetime(memory) { () throws(InferenceError) in try open(job) }
            guard set.scoreCount == scoreCount else {
                slate.become(.refused, reason: "the model answers \(set.scoreCount) scores, in quarantine it answered \(scoreCount)")
                return (nil, slate)
            }
            slate.become(.ready)
            return (Model(set: set, width: width), slate)
        } catch {
            slate.become(.refused, reason: "\(error)")
            return (nil, slate)
        }
    }

    /// The runtime first, then the limit on memory above what it takes itself; last the model.
    private static func open(_ job: QuarantineJob) throws(InferenceError) -> LaneSet {
        let head = job.head
        let engine = try Engine(library: head.library)
        // What cannot be read is no reason to run without a limit: then the whole process has that much.
        let used = (try? ProcessSelf.addressSpace()) ?? 0
        try? ProcessSelf.setLimits(ChildLimits(addressSpace: used + head.memory, descriptors: 0))
        return try LaneSet(
            engine: engine, bytes: job.model, file: head.file, columns: zip(head.columns, head.texts).map { Column(name: $0, isText: $1) },
            labels: head.labels, reactors: 1, maxRows: head.maxRows, samples: job.rows)
    }

    /// Runs the rows in one call; when that fails, one by one: only those fail that fail alone.
    private static func run(_ rows: Int, _ slate: ShadowSlate, on lane: UnsafeMutablePointer<ModelLane>, width: Int) {
        slate.states.update(repeating: ShadowSlate.RowState.failed.rawValue, count: rows)
        guard rows > 0, !call(0, rows, slate, on: lane, width: width) else { return }
        for row in 0..<rows { _ = call(row, 1, slate, on: lane, width: width) }
    }

    /// Runs some rows, and writes their answers. Returns whether the model took them.
    private static func call(_ first: Int, _ rows: Int, _ slate: ShadowSlate, on lane: UnsafeMutablePointer<ModelLane>, width: Int) -> Bool {
        for row in 0..<rows {
            guard lane.pointee.lane.fill(row: row, slots: slate.slots + (first + row) * width, text: slate.texts) < 0 else { return false }
        }
        guard lane.pointee.lane.run(rows: rows) == .ok else { return false }
        (slate.labels + first).update(from: lane.pointee.lane.labels, count: rows)
        let scores = lane.pointee.scoreCount
        (slate.scores + first * scores).update(from: lane.pointee.lane.scores, count: rows * scores)
        (slate.states + first).update(repeating: ShadowSlate.RowState.answered.rawValue, count: rows)
        return true
    }
}
