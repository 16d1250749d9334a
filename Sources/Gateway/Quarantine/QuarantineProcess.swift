import Foundation
import Inference
import Primitives
import Processes

/// The other side of quarantine: a process that opens one candidate under limits, runs rows, reports, and ends.
package enum QuarantineProcess {
    /// Tries the candidate on standard input, and writes the report to standard output.
    /// - Returns: the exit code: 0 when it reported, whatever it found.
    package static func run() -> Int32 {
        let report: QuarantineReport
        do {
            let memory = try SharedMemory(adopting: dup(0))
            let job = try QuarantineJob(UnsafeRawBufferPointer(memory.bytes))
            report = try withExtendedLifetime(memory) { try examine(job) }
        } catch {
            report = QuarantineReport(verdict: .untried, reason: "\(error)")
        }
        return write(report) ? 0 : 1
    }

    /// Limits first, then the runtime, then the limit on memory, which is above what the runtime itself takes; last the candidate.
    private static func examine(_ job: QuarantineJob) throws -> QuarantineReport {
        let head = job.head
        try ProcessSelf.dieWithParent(parent: head.parent)
        try ProcessSelf.setLimits(ChildLimits(cpuSeconds: head.cpuSeconds, fileBytes: UInt64(QuarantineReport.bytesAtMost), coreBytes: 0))
        let engine = try Engine(library: head.library)
        let used = try ProcessSelf.addressSpace()
        try ProcessSelf.setLimits(ChildLimits(addressSpace: used + head.memory, descriptors: 0))
        do throws(InferenceError) {
            return QuarantineReport(verdict: .passed, pass: try pass(job, engine))
        } catch {
            guard case .fileRefused(_, let reason) = error, isWantOfMemory(reason) else {
                return QuarantineReport(verdict: isWantOfMemory("\(error)") ? .memory : .refused, reason: "\(error)")
            }
            return QuarantineReport(verdict: .memory, reason: reason)
        }
    }

    /// Does with the candidate what serving would do: the samples run while it is opened. Then the suspects, each alone and all together.
    private static func pass(_ job: QuarantineJob, _ engine: Engine) throws(InferenceError) -> QuarantinePass {
        let head = job.head
        let set = try LaneSet(
            engine: engine, bytes: job.model, file: head.file, columns: zip(head.columns, head.texts).map { Column(name: $0, isText: $1) },
            labels: head.labels, reactors: 1, maxRows: head.maxRows, samples: job.rows.dropFirst(head.suspectRows))
        for step in [1, head.maxRows] {
            for start in stride(from: 0, to: head.suspectRows, by: step) {
                try runSuspects(from: start, rows: min(step, head.suspectRows - start), job, on: set.lanes[0])
            }
        }
        return QuarantinePass(set)
    }

    /// A row may fail: live, it would be answered so. What matters is whether the process survives it, within its limits.
    private static func runSuspects(
        from start: Int, rows: Int, _ job: QuarantineJob, on lane: UnsafeMutablePointer<ModelLane>
    ) throws(InferenceError) {
        do throws(InferenceError) {
            _ = try job.rows.run(from: start, rows: rows, on: lane, file: job.head.file)
        } catch where !isWantOfMemory("\(error)") {}
    }

    /// Whether the runtime's words say that memory ran out: what its allocator throws, and what its kernels make of that.
    static func isWantOfMemory(_ words: String) -> Bool {
        ["bad_alloc", "bad allocation", "ailed to allocate memory", "ut of memory"].contains { words.contains($0) }
    }

    private static func write(_ report: QuarantineReport) -> Bool {
        guard var line = try? JSONEncoder().encode(report) else { return false }
        line.append(UInt8(ascii: "\n"))
        guard line.count <= QuarantineReport.bytesAtMost else {
            return write(report.shortened)
        }
        return line.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) == $0.count }
    }
}
