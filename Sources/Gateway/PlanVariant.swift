import Breakers
import Contracts
import Metrics
import Primitives

/// One variant before it is laid out flat.
struct VariantParts {
    let name: String
    let lanes: LaneSet
    let cells: VariantCells
    let breaker: VariantBreaker
    /// nil: the route declares no outcome.
    var exposures: ExposureCells?
    /// Faults for practice that are going on, by id; without those that this server does not allow.
    var faults: [PlanFault] = []
}

/// One variant, flat, with the ready-made pieces of its answers.
struct PlanVariant {
    let name: Bytes
    let hash: NameHash
    /// One lane a reactor; owned by the plan's parts.
    let lanes: UnsafePointer<UnsafeMutablePointer<ModelLane>>
    /// The workers that run the model; nil: it runs on the lanes.
    let crew: CrewHandle?
    /// One meter a reactor.
    let meters: UnsafeMutablePointer<VariantMeter>
    /// One meter a reactor, of the exposures by slice.
    let exposures: UnsafeMutablePointer<ExposureMeter>
    /// Whether it may take traffic: to the breaker of the plan's parts.
    let gate: BreakerGate
    /// Faults for practice, by number; none most of the time.
    let faults: UnsafePointer<PlanFault>
    let faultCount: Int
    let isClassification: Bool
    let scoreCount: Int
    /// `"label":"Drama","probabilities":{` for each class; without scores: `"label":"Drama"`.
    let openings: UnsafeMutablePointer<Bytes>
    /// `"Drama":` for the first class, `,"Comedy":` for the others.
    let classKeys: UnsafeMutablePointer<Bytes>
    /// Bytes of one row's answer at most.
    let rowBytesAtMost: Int
    let number: UInt32
    /// Its number in ``PredictionShapes``.
    let shape: UInt32

    init(_ parts: VariantParts, route: String, fields: [ContractField], arena: ByteArena) {
        name = arena.keep(parts.name)
        hash = NameHash(of: parts.name)
        lanes = UnsafePointer(parts.lanes.lanes)
        crew = parts.lanes.crew
        meters = .allocate(capacity: parts.lanes.count)
        for reactor in 0..<parts.lanes.count {
            (meters + reactor).initialize(to: parts.cells.meter(reactor: reactor))
        }
        exposures = .allocate(capacity: parts.lanes.count)
        for reactor in 0..<parts.lanes.count {
            (exposures + reactor).initialize(to: parts.exposures?.meter(reactor: reactor) ?? .none)
        }
        let ownFaults = UnsafeMutablePointer<PlanFault>.allocate(capacity: max(1, parts.faults.count))
        for (index, fault) in parts.faults.enumerated() { (ownFaults + index).initialize(to: fault) }
        (faults, faultCount) = (UnsafePointer(ownFaults), parts.faults.count)
        gate = parts.breaker.gate
        let labels = parts.lanes.labels
        shape = PredictionShapes.shared.number(of: PredictionShape(route: route, variant: parts.name, fields: fields, labels: labels))
        isClassification = parts.lanes.isClassification
        scoreCount = parts.lanes.scoreCount
        openings = .allocate(capacity: labels.count + 1)
        classKeys = .allocate(capacity: labels.count + 1)
        for (index, label) in labels.enumerated() {
            let quoted = ErrorText.quoted(label)
            (openings + index).initialize(to: arena.keep("\"label\":\(quoted)" + (scoreCount > 0 ? ",\"probabilities\":{" : "")))
            (classKeys + index).initialize(to: arena.keep((index == 0 ? "" : ",") + quoted + ":"))
        }
        let longest = labels.map { ErrorText.quoted($0).utf8.count }.max() ?? 0
        let scores = labels.reduce(NumberText.maximumBytes) { $0 + ErrorText.quoted($1).utf8.count + NumberText.maximumBytes + 2 }
        rowBytesAtMost = PredictionID.textCount + 128 + longest + scores
        number = LogNames.shared.number(ofVariant: parts.name)
    }

    func free() {
        meters.deallocate()
        exposures.deallocate()
        faults.deallocate()
        openings.deallocate()
        classKeys.deallocate()
    }
}
