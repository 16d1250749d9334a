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
    /// Hears that it has something to say: what that is, the slate tells.
    func hear()
    /// How long it was ready to run and without a CPU, since its start.
    func waited() -> Nanoseconds
    /// Begins the call that was written.
    func begin(_ order: ShadowSlate.Order)
    /// Tells the process to end. It may take a while: it has no CPU before all others.
    func kill()
}

/// Starts processes for shadows.
protocol ShadowHosting {
    /// - Throws: when none can be started now.
    func start(_ model: ShadowModel) throws -> any ShadowHost
    /// Waits until the processes that were told to end have ended.
    func awaitEnds()
}

/// The real processes: this program again, with a hidden verb. For the thread that compares.
struct ShadowLauncher: ShadowHosting {
    let program: String
    /// ONNX Runtime's file.
    let library: String
    /// Bytes of address space that a model may take.
    let bytes: Int
    /// Wakes the thread when a process has something to say.
    let poller: PollerBox
    private let ending = EndingChildren()

    init(program: String, library: String, bytes: Int, poller: PollerBox) {
        (self.program, self.library, self.bytes, self.poller) = (program, library, bytes, poller)
    }

    /// The token of every process in the poller: which one it was, all of them are asked.
    static let token: UInt64 = 1

    func start(_ model: ShadowModel) throws -> any ShadowHost {
        ending.look()
        let job = try job(model.candidate)
        let slate = try ShadowSlate(ShadowSlate.Shape(width: model.candidate.columns.count, scoreCount: model.scoreCount))
        let (call, answer) = (try SignalPipe(), try SignalPipe())
        // What its model writes is nobody's to read, and a file that it may not write to would end it.
        let nowhere = try Descriptor.nowhere()
        let child = try Child.spawn(
            executable: program, arguments: ["shadow", "\(model.scoreCount)"], environment: QuarantineTrial.environment,
            passing: [
                (job.number, 0), (slate.memory.number, 1), (nowhere.number, 2), (call.reading.number, ShadowProcess.Given.call.rawValue),
                (answer.writing.number, ShadowProcess.Given.answer.rawValue),
            ])
        return ShadowChild(child, slate: slate, call: call, answer: answer, poller: poller, ending: ending)
    }

    func awaitEnds() { ending.wait() }

    private func job(_ candidate: Candidate) throws -> SharedMemory {
        let texts = candidate.columns.map(\.isText)
        let rows = candidate.samples.prefix(SampleRows.warmUpRows, texts: texts)
        return try candidate.read().withBytes { file in
            let head = QuarantineJob.Head(
                parent: getpid(), library: library, file: candidate.path, columns: candidate.columns.map(\.name), texts: texts,
                labels: candidate.labels, maxRows: candidate.maxRows, suspectRows: 0, memory: UInt64(bytes), cpuSeconds: 0,
                valueBytes: rows.slots.count * MemoryLayout<Double>.stride, textBytes: rows.text.count, modelBytes: file.count)
            return try QuarantineJob.write(head, rows, model: file)
        }
    }
}

/// Processes that were told to end and may not have yet: nobody waits for them, and nobody else may forget them.
private final class EndingChildren {
    private var children: [Child] = []

    func end(_ child: Child) {
        child.signal(SIGKILL)
        children.append(child)
        look()
    }

    func look() { children.removeAll { (try? $0.poll()) != nil } }

    func wait() {
        for child in children { _ = try? child.wait() }
        children = []
    }
}

/// A pipe through which one process wakes the other.
private final class SignalPipe {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(SystemError) {
        let ends = try Pipe.openForSignals()
        reading = Descriptor(owning: ends.reading)
        writing = Descriptor(owning: ends.writing)
    }
}

/// A process that was started. Of each pipe it keeps the end that is not the process's, and the other one too: who reads never sees an end.
private final class ShadowChild: ShadowHost {
    let slate: ShadowSlate
    private let child: Child
    private let call: SignalPipe
    private let answer: SignalPipe
    private let poller: PollerBox
    private let ending: EndingChildren

    init(_ child: Child, slate: ShadowSlate, call: SignalPipe, answer: SignalPipe, poller: PollerBox, ending: EndingChildren) {
        self.child = child
        self.slate = slate
        self.call = call
        self.answer = answer
        self.poller = poller
        self.ending = ending
        _ = poller.poller.add(answer.reading.number, .read, token: ShadowLauncher.token)
    }

    deinit {
        poller.poller.remove(answer.reading.number)
    }

    var standing: ShadowSlate.Standing { slate.standing }
    var reason: String { slate.reason }
    var pid: Int32 { child.pid }

    func end() -> ChildEnd? { try? child.poll() }

    func hear() { Pipe.hear(answer.reading.number) }

    func waited() -> Nanoseconds { ProcessClock(of: child.pid)?.waited ?? 0 }

    func begin(_ order: ShadowSlate.Order) {
        slate.ask(order)
        Pipe.signal(call.writing.number)
    }

    func kill() { ending.end(child) }
}
