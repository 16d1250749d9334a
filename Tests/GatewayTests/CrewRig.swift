import Inference
import Primitives
import Processes
import Reactor
import Synchronization
import Testing

@testable import Gateway

/// Quarters with a watchdog, and a crew in them whose jobs are sent and collected by one reactor, number 1 of 2.
final class CrewRig {
    let quarters: CrewQuarters
    private(set) var crew: Crew?
    private let watchdog: Watchdog
    private let watching: Thread.Handle
    private let poller: Poller

    static let reactor = 1
    var handle: CrewHandle { crew.unsafelyUnwrapped.handle }
    var completions: CompletionQueue { quarters.completions(of: Self.reactor) }

    /// What came back of one job.
    struct Answer {
        var ticket: UInt64
        var result: CrewJob.Result
        var labels: [Int32]
        var scores: [Float]
        var misfit: Int32
        var misfitRow: Int32
        var queueing: Nanoseconds
        var took: Nanoseconds
    }

    init(
        _ bytes: [UInt8] = TurningModel.bytes, columns: [Column] = TurningModel.columns, threads: Int = 1, capacity: Int = 64,
        rowCost: Nanoseconds = 1
    ) throws {
        quarters = try CrewQuarters(reactors: 2, slots: .make(threads: CrewQuarters.slots(reactors: 2)))
        watchdog = Watchdog(quarters.watchList) { _ in }
        watching = try watchdog.start()
        poller = try Poller()
        _ = poller.add(quarters.completions(of: Self.reactor).number, .read, token: 0)
        let engine = try Rig.engine.get()
        let session = try bytes.withUnsafeBytes { try Session(engine: engine, bytes: $0, file: "test.onnx") }
        crew = try Crew(
            quarters: quarters, session: session, binding: Binding(session: session, columns: columns, labels: nil), model: 7,
            isText: columns.map(\.isText), maxRows: 8, threads: threads, capacity: capacity, rowCost: rowCost)
    }

    deinit {
        disband()
        watchdog.stop()
        watching.join()
    }

    /// Ends the crew, as control does when no plan names its model any more.
    func disband() {
        crew = nil
    }

    /// Sends rows; nil when the crew refused them.
    @discardableResult
    func send(_ rows: [[Double]], _ ticket: UInt64 = 0, text: [UInt8] = [0], within: Nanoseconds = .seconds(30), isCancelled: Bool = false)
        -> CrewJobPointer?
    {
        let job = handle.take(reactor: Self.reactor)
        let now = MonotonicTime.now()
        job.pointee.ticket = ticket
        job.pointee.queued = now
        job.pointee.deadline = now.advanced(by: within)
        var slots = rows.flatMap(\.self)
        var text = text
        handle.load(job, slots: slots, rows: rows.count, text: text)
        // What was loaded is the job's own.
        for index in slots.indices { slots[index] = .nan }
        for index in text.indices { text[index] = 0 }
        if handle.submit(job) {
            if isCancelled { handle.cancel(job) }
            return job
        }
        handle.giveBack(job, reactor: Self.reactor)
        return nil
    }

    /// Sends an endless job and waits until a worker is inside it. It ends after so long.
    func block(for time: Nanoseconds) {
        send([TurningModel.endless], .max, within: time)
        while handle.waitingRows > 0 { Thread.giveWay() }
    }

    /// The next so many that come back, without those of `block`.
    func collect(_ count: Int) -> [Answer] {
        var answers: [Answer] = []
        while answers.count < count {
            guard poller.wait(timeout: .seconds(20)) > 0 else {
                Issue.record("only \(answers.count) of \(count) jobs came back")
                return answers
            }
            completions.hear()
            while let job = completions.pop() {
                if job.pointee.ticket != .max { answers.append(Answer(job, scoreCount: handle.core.pointee.scoreCount)) }
                handle.giveBack(job, reactor: Self.reactor)
            }
        }
        return answers
    }
}

extension CrewRig.Answer {
    init(_ job: CrewJobPointer, scoreCount: Int) {
        let isOK = job.pointee.result == .ok
        self.init(
            ticket: job.pointee.ticket, result: job.pointee.result,
            labels: isOK ? (0..<job.pointee.rows).map { job.pointee.labels[$0] } : [],
            scores: isOK ? (0..<job.pointee.rows * scoreCount).map { job.pointee.scores[$0] } : [], misfit: job.pointee.misfit,
            misfitRow: job.pointee.misfitRow, queueing: job.pointee.started.since(job.pointee.queued), took: job.pointee.took)
    }
}
