import Foundation
import Inference
import Primitives
import Processes
import Reactor

/// The other side of a shadow: a process that opens one model under limits and runs the rows that it is given, when no other process wants the
/// CPU. It has no socket, opens no file once the model is open, and ends with the thread that started it.
package enum ShadowProcess {
    /// Descriptors of the process beside the standard ones: the job is 0, the slate 1.
    enum Given: Int32 {
        /// The worker rings it when there is a call to make.
        case call = 3
        /// It is rung when one is done, or the model is open.
        case answer = 4
    }

    /// Serves until it is ended.
    ///
    /// - Parameter scoreCount: scores that the model answered a row in quarantine.
    /// - Returns: the exit code, when the model could not be opened or what was handed over is not sound.
    package static func run(scoreCount: Int) -> Int32 {
        do {
            let memory = try SharedMemory(adopting: dup(0))
            let job = try QuarantineJob(UnsafeRawBufferPointer(memory.bytes))
            try ProcessSelf.dieWithParent(parent: job.head.parent)
            try ProcessSelf.setIdlePriority()
            let slate = try ShadowSlate(adopting: dup(1), ShadowSlate.Shape(width: job.head.columns.count, scoreCount: scoreCount))
            return try withExtendedLifetime(memory) { try serve(job, slate, scoreCount: scoreCount) }
        } catch {
            return 1
        }
    }

    private static func serve(_ job: QuarantineJob, _ slate: ShadowSlate, scoreCount: Int) throws -> Int32 {
        let (call, answer) = (Bell(adopting: Given.call.rawValue), Bell(adopting: Given.answer.rawValue))
        // Made before the process may open nothing any more.
        let timer = try Poller()
        try ProcessSelf.setLimits(ChildLimits(fileBytes: 0, coreBytes: 0))
        let set: LaneSet
        do throws(InferenceError) {
            set = try open(job)
        } catch {
            slate.become(.refused, reason: "\(error)")
            answer.ring()
            return 2
        }
        guard set.scoreCount == scoreCount else {
            slate.become(.refused, reason: "the model answers \(set.scoreCount) scores, in quarantine it answered others")
            answer.ring()
            return 2
        }
        slate.become(.ready)
        answer.ring()
        while true {
            call.wait()
            guard let order = slate.order else { continue }
            if order.crashes { ProcessSelf.crash() }
            if order.delay > 0 { _ = timer.wait(timeout: order.delay) }
            let before = MonotonicTime.threadCPU()
            run(order.rows, slate, on: set.lanes[0], width: job.head.columns.count)
            slate.finish(cpu: MonotonicTime.threadCPU() &- before)
            answer.ring()
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
