import Inference
import Primitives
import Processes
import Reactor
import Synchronization

/// The workers of one model under one contract: threads and lanes of its own, so that a model that hangs keeps only those, and a bounded queue.
///
/// Formed and disbanded by control; reactors use `handle`.
final class Crew: @unchecked Sendable {
    // Unchecked: `core` is made to be shared, each lane belongs to its thread, and the rest is constant or touched by control only.
    let handle: CrewHandle
    /// Threads at work.
    let threads: Int
    private let quarters: CrewQuarters
    private let slots: [Int]
    private let lanes: UnsafeMutablePointer<Lane>
    private let terminators: [Terminator]
    private var started: [Thread.Handle] = []

    /// Takes slots and makes lanes, and starts the threads.
    ///
    /// - Parameters:
    ///   - session: of the model; all lanes share it: a model slow enough for a crew does not notice.
    ///   - model: the first 8 bytes of the file's SHA-256.
    ///   - threads: as many, or fewer when there are not so many slots.
    ///   - rowCost: predicted time of one row.
    /// - Throws: `InferenceError` when there is no slot left, or no thread or lane can be made.
    init(
        quarters: CrewQuarters, session: Session, binding: Binding, model: UInt64, isText: [Bool], maxRows: Int, threads: Int,
        capacity: Int = GatewayLimits.jobsWaiting, rowCost: Nanoseconds
    ) throws(InferenceError) {
        slots = quarters.takeSlots(threads)
        guard !slots.isEmpty else {
            throw .fileRefused(
                file: session.file, reason: "slow models have \(GatewayLimits.crewThreads) threads in all, and others have taken them")
        }
        self.quarters = quarters
        self.threads = slots.count
        var made = 0
        lanes = .allocate(capacity: slots.count)
        do throws(InferenceError) {
            for _ in slots {
                (lanes + made).initialize(to: try Lane(session: session, binding: binding, maxRows: maxRows))
                made += 1
            }
            handle = try Self.core(
                threads: slots.count, capacity: capacity, reactors: quarters.reactors, isText: isText, binding.scoreCount, maxRows, rowCost,
                file: session.file)
        } catch {
            lanes.deinitialize(count: made)
            lanes.deallocate()
            quarters.giveBack(slots)
            throw error
        }
        terminators = (0..<slots.count).map { [lanes] in lanes[$0].terminator }
        try start(model: model, file: session.file)
    }

    deinit {
        stop()
        handle.core.deinitialize(count: 1)
        handle.core.deallocate()
        lanes.deinitialize(count: threads)
        lanes.deallocate()
        quarters.giveBack(slots)
    }

    private static func core(
        threads: Int, capacity: Int, reactors: Int, isText: [Bool], _ scoreCount: Int, _ rowsAtMost: Int, _ rowCost: Nanoseconds,
        file: String
    ) throws(InferenceError) -> CrewHandle {
        do {
            let made = try CrewCore(
                threads: threads, capacity: capacity, reactors: reactors, isText: isText, scoreCount: scoreCount, rowsAtMost: rowsAtMost,
                rowCost: rowCost)
            let core = UnsafeMutablePointer<CrewCore>.allocate(capacity: 1)
            core.initialize(to: made)
            return CrewHandle(core: core)
        } catch {
            throw .runtimeFailed(file: file, operation: "forming its crew", reason: "\(error)")
        }
    }

    private func start(model: UInt64, file: String) throws(InferenceError) {
        for (index, slot) in slots.enumerated() {
            let worker = CrewWorker(
                handle: handle, lane: lanes + index, thread: quarters.watchList.thread(slot), model: model, quarters: quarters)
            do {
                started.append(try Thread.start("weir-crew\(slot)", niceness: GatewayLimits.crewNiceness) { worker.run() })
            } catch {
                throw .runtimeFailed(file: file, operation: "starting its crew", reason: "\(error)")
            }
        }
    }

    /// Ends the threads. Called by control, once no plan names the model any more; then there are no jobs, and it takes microseconds. Where a
    /// drain was cut off there may be some: what runs is ordered to end, and what waits comes back as cancelled.
    func stop() {
        guard !started.isEmpty else { return }
        handle.core.pointee.isOver.store(true, ordering: .releasing)
        for terminator in terminators { terminator.terminate() }
        for _ in started { handle.core.pointee.bell.ring() }
        for thread in started { thread.join() }
        started = []
    }
}
