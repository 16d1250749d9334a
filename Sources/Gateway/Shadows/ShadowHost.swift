import Foundation
import Inference
import Primitives
import Processes
import Reactor

/// One start of a shadow's process as the worker sees it.
///
/// Belongs to the thread that compares; the process ends with that thread.
protocol ShadowHost: AnyObject {
    /// Where the process stands.
    var standing: ShadowSlate.Standing { get }
    /// In words, when it was refused.
    var reason: String { get }
    var pid: Int32 { get }
    /// Where rows are written and answers are read.
    var slate: ShadowSlate { get }
    /// How the process ended; nil while it lives.
    func end() -> ChildEnd?
    /// How long it was ready to run and without a CPU, since its start.
    func waited() -> Nanoseconds
    /// Begins the call that was written.
    func begin(_ order: ShadowSlate.Order)
    /// Ends the process, and waits for that.
    func kill()
}

/// Starts processes for shadows.
protocol ShadowHosting {
    /// - Throws: when none can be started now.
    func start(_ model: ShadowModel) throws -> any ShadowHost
}

/// The real processes: this program again, with a hidden verb.
struct ShadowLauncher: ShadowHosting {
    let program: String
    /// ONNX Runtime's file.
    let library: String
    /// Bytes of address space that a model may take.
    let bytes: Int
    /// Rung by every process when it has something to say.
    let bell: Bell

    func start(_ model: ShadowModel) throws -> any ShadowHost {
        let candidate = model.candidate
        let texts = candidate.columns.map(\.isText)
        let rows = candidate.samples.prefix(SampleRows.warmUpRows, texts: texts)
        let job = try candidate.read().withBytes { file in
            let head = QuarantineJob.Head(
                parent: getpid(), library: library, file: candidate.path, columns: candidate.columns.map(\.name), texts: texts,
                labels: candidate.labels, maxRows: candidate.maxRows, suspectRows: 0, memory: UInt64(bytes), cpuSeconds: 0,
                valueBytes: rows.slots.count * MemoryLayout<Double>.stride, textBytes: rows.text.count, modelBytes: file.count)
            return try QuarantineJob.write(head, rows, model: file)
        }
        let slate = try ShadowSlate(ShadowSlate.Shape(width: candidate.columns.count, scoreCount: model.scoreCount))
        let call = try Bell(counts: true)
        do {
            let child = try Child.spawn(
                executable: program, arguments: ["shadow", "\(model.scoreCount)"], environment: QuarantineTrial.environment,
                passing: [
                    (job.number, 0), (slate.memory.number, 1), (call.number, ShadowProcess.Given.call.rawValue),
                    (bell.number, ShadowProcess.Given.answer.rawValue),
                ])
            return ShadowChild(child, slate: slate, call: call)
        } catch {
            call.shut()
            throw error
        }
    }
}

/// A process that was started.
private final class ShadowChild: ShadowHost {
    let slate: ShadowSlate
    private let child: Child
    private let call: Bell

    init(_ child: Child, slate: ShadowSlate, call: Bell) {
        self.child = child
        self.slate = slate
        self.call = call
    }

    deinit {
        call.shut()
    }

    var standing: ShadowSlate.Standing { slate.standing }
    var reason: String { slate.reason }
    var pid: Int32 { child.pid }

    func end() -> ChildEnd? { try? child.poll() }

    func waited() -> Nanoseconds { ProcessClock(of: child.pid)?.waited ?? 0 }

    func begin(_ order: ShadowSlate.Order) {
        slate.ask(order)
        call.ring()
    }

    func kill() {
        child.signal(SIGKILL)
        _ = try? child.wait()
    }
}
