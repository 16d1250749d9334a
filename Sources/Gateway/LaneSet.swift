import Inference
import Primitives
import Synchronization

/// The lanes of one model file under one contract: one a reactor, and a crew when the model is slow. Kept across plans for as long as a plan
/// names the file, so that a change of weights touches neither sessions nor lanes.
///
/// Made, given workers and freed by control; a reactor uses its own lane, or the crew.
final class LaneSet: @unchecked Sendable {
    // Unchecked: each lane is used by its reactor alone, and what changes is behind a lock or atomic. Freed when no plan holds the set.
    let lanes: UnsafeMutablePointer<UnsafeMutablePointer<ModelLane>>
    let count: Int
    let labels: [String]
    let isClassification: Bool
    let scoreCount: Int
    let card: ModelCard
    /// The first 8 bytes of the file's SHA-256.
    let model: UInt64

    private let session: Session
    private let binding: Binding
    private let isText: [Bool]
    private let maxRows: Int
    private let quarters: CrewQuarters?
    private let list: LaneList
    // The lock protects where the model runs: reports read it, control changes it.
    private let work: Mutex<Work>

    private struct Work {
        var placement: Placement
        var crew: Crew?
    }

    /// Models up to this size get a session for each reactor: a shared one scales worse than one thread for calls of microseconds.
    static let ownSessionBytes = 5 * 1_024 * 1_024

    /// Opens the model, runs the samples, and gives it a session for each reactor when it is small and quick, or a crew when it is slow.
    ///
    /// - Parameters:
    ///   - model: the first 8 bytes of the file's SHA-256.
    ///   - samples: what it has to answer before it serves; nil: nothing, and nothing is measured.
    /// - Throws: `InferenceError` naming the file and the reason.
    init(
        engine: Engine, bytes: UnsafeRawBufferPointer, file: String, columns: [Column], labels: [String]?, reactors: Int, maxRows: Int,
        model: UInt64 = 0, samples: SampleRows? = nil, offer: Placement.Offer = .reactorsOnly
    ) throws(InferenceError) {
        let session = try Session(engine: engine, bytes: bytes, file: file)
        let binding = try Binding(session: session, columns: columns, labels: labels)
        let list = LaneList(capacity: reactors, model: model)
        let first = list.add(try Lane(session: session, binding: binding, maxRows: maxRows))
        try samples?.warmUp(first, file: file)
        let row = try samples?.rowAlone(on: first, file: file)
        let placement = Placement.of(row: row, pin: offer.pin, hasWorkers: offer.quarters != nil, isHeld: offer.isHeld)
        for _ in 1..<max(1, reactors) {
            let isShared = placement.place == .workers || bytes.count > Self.ownSessionBytes
            let own = isShared ? session : try Session(engine: engine, bytes: bytes, file: file)
            let lane = list.add(try Lane(session: own, binding: binding, maxRows: maxRows))
            if placement.place == .inline { try samples?.warmUp(lane, file: file) }
        }
        (self.session, self.binding, self.maxRows, self.model, self.list) = (session, binding, maxRows, model, list)
        quarters = offer.quarters
        isText = columns.map(\.isText)
        lanes = list.lanes
        count = reactors
        card = session.card
        scoreCount = binding.scoreCount
        switch binding.task {
        case .classification(let names): (self.labels, isClassification) = (names, true)
        case .regression: (self.labels, isClassification) = ([], false)
        }
        work = Mutex(Work(placement: placement))
        if placement.place == .workers { try formCrew(placement) }
    }

    // MARK: - Workers

    /// Where the model runs, and why. Any thread.
    var placement: Placement { work.withLock { $0.placement } }

    /// The way to its workers; nil: it runs on the reactors. For a plan that holds the set.
    var crew: CrewHandle? { work.withLock { $0.crew?.handle } }

    /// Threads of its crew; 0 without one.
    var workers: Int { work.withLock { $0.crew?.threads ?? 0 } }

    /// Rows that wait for its crew; 0 without one. Any thread.
    var waitingRows: Int { work.withLock { $0.crew?.handle.waitingRows ?? 0 } }

    /// Calls of it that the watchdog had to end, on reactors and workers. Any thread; never falls.
    var endedCalls: UInt64 { list.endedCalls &+ work.withLock { $0.crew?.handle.endedCalls ?? 0 } }

    /// Gives the model workers if the watchdog had to end a run of it on a reactor since this was last asked. Control only.
    ///
    /// - Returns: whether a plan made now differs from the one before.
    /// - Throws: `InferenceError` when no crew can be formed; the model then stays on the reactors until the next run is ended.
    func moveIfEnded() throws(InferenceError) -> Bool {
        guard list.takeEnded(), quarters != nil, crew == nil else { return false }
        try formCrew(Placement(place: .workers, reason: .moved, row: placement.row))
        return true
    }

    private func formCrew(_ placement: Placement) throws(InferenceError) {
        guard let quarters else { return }
        let crew = try Crew(
            quarters: quarters, session: session, binding: binding, model: model, isText: isText, maxRows: maxRows,
            threads: min(quarters.reactors, GatewayLimits.threadsPerCrew), rowCost: placement.row ?? GatewayLimits.inlineRow)
        work.withLock { $0 = Work(placement: placement, crew: crew) }
    }
}

/// The memory of a set's lanes.
final class LaneList {
    let lanes: UnsafeMutablePointer<UnsafeMutablePointer<ModelLane>>
    private var count = 0
    private let model: UInt64
    private let ended: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many of them control has acted on.
    private var endedBefore: UInt64 = 0

    /// Nanoseconds a row until the first call is measured: a small model.
    private static let firstGuess = 5_000.0

    init(capacity: Int, model: UInt64) {
        self.model = model
        lanes = .allocate(capacity: capacity)
        ended = .allocate(capacity: 1)
        ended.initialize(to: Atomic(0))
    }

    deinit {
        for index in 0..<count {
            lanes[index].deinitialize(count: 1)
            lanes[index].deallocate()
        }
        lanes.deallocate()
        ended.deinitialize(count: 1)
        ended.deallocate()
    }

    func add(_ lane: consuming Lane) -> UnsafeMutablePointer<ModelLane> {
        let memory = UnsafeMutablePointer<ModelLane>.allocate(capacity: 1)
        memory.initialize(to: ModelLane(lane: lane, rowCost: Self.firstGuess, model: model, ended: UnsafePointer(ended)))
        (lanes + count).initialize(to: memory)
        count += 1
        return memory
    }

    /// Runs on these lanes that the watchdog ended.
    var endedCalls: UInt64 { ended.pointee.load(ordering: .relaxed) }

    /// Whether a run on one of the lanes was ended since this was last asked. Control only.
    func takeEnded() -> Bool {
        let calls = endedCalls
        defer { endedBefore = calls }
        return calls != endedBefore
    }
}
