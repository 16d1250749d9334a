import Foundation
import Inference
import Primitives
import Processes
import Reactor
import Synchronization

/// One candidate in one process: starts it, waits, ends it when its time is over, and reads what it left.
struct QuarantineTrial {
    let program: String
    let library: String
    let limits: QuarantineLimits
    /// Set when nobody waits for the verdict any more: the server stops.
    let stop: StopFlag

    /// Tries the candidate; `suspects` are rows that a model was inside when it crashed. Takes as long as the limits say.
    ///
    /// Call it on a thread that lives longer than this call: the process ends with the thread that started it.
    func verdict(on candidate: Candidate, suspects: [KeptRows] = []) -> QuarantineVerdict {
        do {
            let child = try start(candidate, suspects)
            defer { end(child.process) }
            return judge(child, try wait(for: child.process))
        } catch let error as InferenceError {
            return .refused(.model(reason: "\(error)"))
        } catch {
            return .refused(.untried(reason: "\(error)"))
        }
    }

    /// The process, and what it writes.
    private struct Started {
        let process: Child
        let report: SharedMemory
        let errors: SharedMemory
    }

    private func start(_ candidate: Candidate, _ suspects: [KeptRows]) throws -> Started {
        let texts = candidate.columns.map(\.isText)
        let first = SampleRows(suspects: suspects, texts: texts)
        let rows = first.appending(candidate.samples.prefix(SampleRows.warmUpRows, texts: texts), texts: texts)
        let file = try candidate.read()
        let job = try file.withBytes { bytes in
            let head = QuarantineJob.Head(
                parent: getpid(), library: library, file: candidate.path, columns: candidate.columns.map(\.name),
                texts: texts, labels: candidate.labels, maxRows: candidate.maxRows, suspectRows: first.count,
                memory: UInt64(limits.bytes), cpuSeconds: limits.cpuSeconds, valueBytes: rows.slots.count * MemoryLayout<Double>.stride,
                textBytes: rows.text.count, modelBytes: bytes.count)
            return try QuarantineJob.write(head, rows, model: bytes)
        }
        let report = try SharedMemory.make("weir-report", byteCount: QuarantineReport.bytesAtMost)
        let errors = try SharedMemory.make("weir-errors", byteCount: QuarantineReport.errorBytes)
        let process = try Child.spawn(
            executable: program, arguments: ["quarantine"], environment: Self.environment,
            passing: [(job.number, 0), (report.number, 1), (errors.number, 2)])
        return Started(process: process, report: report, errors: errors)
    }

    /// No secret of the server's environment; one heap, because each reserves address space; no trace of a crash, which takes seconds.
    static var environment: [String: String] {
        var result = ["MALLOC_ARENA_MAX": "1", "SWIFT_BACKTRACE": "enable=no"]
        result["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        return result
    }

    /// The end of the process; nil when its wall time was over first, or nobody wants to know any more.
    private func wait(for process: Child) throws -> ChildEnd? {
        let deadline = MonotonicTime.now().advanced(by: limits.wall)
        while !stop.isSet {
            let left = deadline.since(MonotonicTime.now())
            guard left > 0 else { return nil }
            // Slices, so that an order to stop is heard.
            let slice = Int32(clamping: min(left, Self.slice) / 1_000_000 + 1)
            if let end = try process.wait(atMost: slice) { return end }
        }
        return nil
    }

    private static let slice: Nanoseconds = .milliseconds(50)

    /// Leaves no process behind, whatever happened.
    private func end(_ process: Child) {
        process.signal(SIGKILL)
        _ = try? process.wait()
    }

    private func judge(_ child: Started, _ end: ChildEnd?) -> QuarantineVerdict {
        let words = Self.lastWords(child.errors)
        switch end {
        case nil where stop.isSet: return .refused(.untried(reason: "the server stops"))
        case nil: return .refused(.time(limit: limits.time))
        case .exited(0): return judge(child.report)
        case .exited(let code):
            return .refused(.untried(reason: "its process left with code \(code)" + (words.isEmpty ? "" : ": \(words)")))
        case .signalled(SIGXCPU): return .refused(.time(limit: limits.time))
        case .signalled(let number) where QuarantineProcess.isWantOfMemory(words):
            return .refused(.memory(limit: limits.bytes, reason: "\(SignalName.text(number)), \(words)"))
        case .signalled(SIGKILL): return .refused(.memory(limit: limits.bytes, reason: "the system ended it by SIGKILL"))
        case .signalled(let number): return .refused(.crash(signal: number, words: words))
        }
    }

    /// The report may be whatever a hostile file made the process write.
    private func judge(_ memory: SharedMemory) -> QuarantineVerdict {
        let line = Data(memory.bytes.prefix { $0 != UInt8(ascii: "\n") })
        guard line.count < memory.bytes.count, let report = try? JSONDecoder().decode(QuarantineReport.self, from: line),
            report.version == QuarantineJob.version
        else { return Self.noReport }
        let reason = Self.plain(report.reason ?? "it gave no reason")
        switch report.verdict {
        case .passed:
            guard let pass = report.pass, pass.isPossible else { return Self.noReport }
            return .passed(pass)
        case .refused: return .refused(.model(reason: reason))
        case .memory: return .refused(.memory(limit: limits.bytes, reason: reason))
        case .untried: return .refused(.untried(reason: reason))
        }
    }

    private static let noReport = QuarantineVerdict.refused(.untried(reason: "its process left no report"))

    /// The last line on standard error, at most 300 characters of it.
    private static func lastWords(_ memory: SharedMemory) -> String {
        let text = String(decoding: memory.bytes.prefix { $0 != 0 }, as: UTF8.self)
        return plain(String(text.split(whereSeparator: \.isNewline).last?.prefix(300) ?? ""))
    }

    /// Without characters that would move a terminal's cursor.
    private static func plain(_ text: String) -> String {
        String(text.map { character in character.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : character })
    }
}

/// A word that one thread sets and others look at now and then.
final class StopFlag: Sendable {
    private let word = Atomic(false)

    var isSet: Bool { word.load(ordering: .relaxed) }

    func set() { word.store(true, ordering: .relaxed) }
}
