import Admission
import Breakers
import Contracts
import Inference
import Metrics
import Primitives
import Recordings
import Routing
import Synchronization

/// The whole configuration as one immutable value: routes, variants, splits, tokens and keys, in flat tables that a reactor reads by pointer.
///
/// Control makes it and publishes it; each reactor retains it once, when it picks it up, and once more for nothing: a request holds a counted
/// slot, and the last reactor to let go frees it. Read-only after init, hence safe to share.
final class Plan: @unchecked Sendable {
    let generation: UInt64
    let routes: UnsafeMutablePointer<PlanRoute>
    let routeCount: Int
    let tokens: TokenTable
    let predictionKey: PredictionKey
    let unitKey: SipHash.Key
    /// What is known of outcomes, for the thread that stores them.
    let outcomes: OutcomeRules
    /// Slots that the largest body of any route decodes into.
    let slotsAtMost: Int
    let modelCount: Int

    private let table: RouteTable
    /// What the flat form was made of, for those who have time.
    let parts: [RouteParts]
    private let arena = ByteArena()

    /// Builds the flat tables. `parts` is one entry a route, in any order.
    init(
        generation: UInt64, parts: [RouteParts], tokens: [TokenEntry], holders: [TokenHolder] = [], tokenWords: [SharedWords] = [],
        predictionKey: PredictionKey, unitKey: SipHash.Key, hashSeed: UInt64, outcomes: OutcomeRules = OutcomeRules(keys: [], routes: [:])
    ) throws(RoutingError) {
        self.generation = generation
        self.parts = parts
        self.tokens = TokenTable(tokens, holders: holders, words: tokenWords)
        self.predictionKey = predictionKey
        self.unitKey = unitKey
        self.outcomes = outcomes
        routeCount = parts.count
        routes = .allocate(capacity: max(1, parts.count))
        slotsAtMost = parts.map { $0.contract.contract.fields.count * $0.contract.contract.maxRows }.max() ?? 0
        modelCount = Set(parts.flatMap { $0.variants.map { ObjectIdentifier($0.lanes) } }).count
        table = try RouteTable(parts.map(\.path), seed: hashSeed)
        for (index, part) in parts.enumerated() {
            (routes + index).initialize(to: PlanRoute(part, arena: arena))
        }
    }

    deinit {
        for index in 0..<routeCount { routes[index].free() }
        routes.deallocate()
    }

    /// The route of a path, without its query; nil when there is none.
    @inline(__always) func route(path: UnsafePointer<UInt8>, count: Int) -> UnsafePointer<PlanRoute>? {
        table.find(UnsafeRawBufferPointer(start: path, count: count).bytes).map { UnsafePointer(routes + $0) }
    }
}

/// One route as the loader found it, before it is laid out flat. Keeps everything alive that the flat form points into.
struct RouteParts {
    let name: String
    let path: String
    let unit: UnitSource
    let split: Split
    let salt: Salt
    let revision: UInt32
    let contract: RouteContract
    let bodyAtMost: Int
    let deadline: Nanoseconds
    let cells: RouteCells
    let reactors: Int
    var recording = RouteRecording()
    /// What answers when the variants have failed.
    var fallback: RouteFallback?
    var admission = RouteAdmission()
    /// Empty when no model of the route could be loaded.
    let variants: [VariantParts]
}

/// A route's contract, as declared and as compiled.
final class RouteContract: Sendable {
    let contract: Contract
    let table: ContractTable

    init(_ contract: Contract) throws(ContractError) {
        self.contract = contract
        table = try ContractTable(contract)
    }
}

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

/// What is recorded of a route beside its counters.
struct RouteRecording {
    /// Number of the route's declaration of outcomes; 0 without any.
    var declaration: UInt32 = 0
    /// Milliseconds of a slice of exposures; 0 without outcomes.
    var sliceMilliseconds: UInt64 = 0
    /// Queue and model time beyond this is slow.
    var slow: Nanoseconds = .max
    /// Of 2^32 predictions, how many the prediction log takes.
    var logShare: UInt64 = 0
    /// Maps of the units' first events; nil for a route without units or outcomes, and where there is no room for more.
    var firsts: MappedBitmap?
    /// Whether features are counted: when there are sample rows to compare them with.
    var hasBins = false
}

/// One route, flat.
struct PlanRoute {
    let name: Bytes
    let path: Bytes
    let hash: NameHash
    let revision: UInt32
    let revisionText: Bytes
    let unit: UnitKind
    let unitName: Bytes
    let contract: CompiledContract
    let source: Unmanaged<RouteContract>
    let fieldCount: Int
    let slotsAtMost: Int
    let split: UnsafeMutablePointer<SplitTable>
    let variants: UnsafeMutablePointer<PlanVariant>
    let variantCount: Int
    let bodyAtMost: Int
    let deadline: Nanoseconds
    /// `","route":"NAME",`: what stands between the id and the answer.
    let afterID: Bytes
    /// `],"route":"NAME","predictions":[`: the same for a list.
    let afterIDs: Bytes
    /// Bytes of an answer around its rows at most.
    let envelopeBytesAtMost: Int
    /// How many predictions are answered at once; nil: as many as come.
    let concurrency: ConcurrencyGate?
    /// How many may be tried again; nil: none. Every prediction let in is counted there.
    let retry: RetryBudget?
    /// What answers when the variants have failed.
    let fallback: PlanFallback
    /// One meter a reactor.
    let meters: UnsafeMutablePointer<RouteMeter>
    /// The route's name in logs.
    let number: UInt32
    /// Flags of every id: which declaration of outcomes it was made under.
    let flags: PredictionID.Flags
    let sliceMilliseconds: UInt64
    let slow: Nanoseconds
    let logShare: UInt64
    let firsts: FirstEvents?
    let hasBins: Bool
    /// For each field whether it is a text, and the texts' indices.
    let isText: UnsafeMutablePointer<Bool>
    let textFields: UnsafeMutablePointer<Int32>
    let textFieldCount: Int

    /// Where the unit key comes from.
    enum UnitKind: UInt8 {
        case none
        case header
        case cookie
        case field
    }

    fileprivate init(_ parts: RouteParts, arena: ByteArena) {
        let quoted = ErrorText.quoted(parts.name)
        name = arena.keep(parts.name)
        path = arena.keep(parts.path)
        hash = NameHash(of: parts.name)
        revision = parts.revision
        revisionText = arena.keep(String(parts.revision))
        (unit, unitName) = Self.unit(parts.unit, arena)
        contract = parts.contract.table.compiled
        source = .passUnretained(parts.contract)
        fieldCount = parts.contract.contract.fields.count
        slotsAtMost = fieldCount * parts.contract.contract.maxRows
        split = .allocate(capacity: 1)
        split.initialize(to: SplitTable(parts.split, salt: parts.salt))
        variantCount = parts.variants.count
        variants = .allocate(capacity: max(1, variantCount))
        for (index, variant) in parts.variants.enumerated() {
            (variants + index).initialize(to: PlanVariant(variant, route: parts.name, fields: parts.contract.contract.fields, arena: arena))
        }
        bodyAtMost = parts.bodyAtMost
        deadline = parts.deadline
        concurrency = parts.admission.concurrency
        retry = parts.admission.retry
        afterID = arena.keep("\",\"route\":\(quoted),")
        afterIDs = arena.keep("],\"route\":\(quoted),\"predictions\":[")
        envelopeBytesAtMost = 64 + afterIDs.count
        meters = .allocate(capacity: parts.reactors)
        for reactor in 0..<parts.reactors { (meters + reactor).initialize(to: parts.cells.meter(reactor: reactor)) }
        flags = .declaration(parts.recording.declaration)
        sliceMilliseconds = parts.recording.sliceMilliseconds
        slow = parts.recording.slow
        logShare = parts.recording.logShare
        firsts = parts.recording.firsts.map { FirstEvents($0) }
        hasBins = parts.recording.hasBins
        fallback = PlanFallback(parts.fallback, variants: parts.variants, arena: arena)
        let fields = parts.contract.contract.fields
        let texts = fields.indices.filter { fields[$0].kind == .string }
        isText = .allocate(capacity: fieldCount)
        textFields = .allocate(capacity: max(1, texts.count))
        textFieldCount = texts.count
        for (index, field) in fields.enumerated() { (isText + index).initialize(to: field.kind == .string) }
        for (place, index) in texts.enumerated() { (textFields + place).initialize(to: Int32(index)) }
        number = LogNames.shared.number(ofRoute: parts.name, path: parts.path)
    }

    private static func unit(_ source: UnitSource, _ arena: ByteArena) -> (UnitKind, Bytes) {
        switch source {
        case .none: (.none, arena.keep(""))
        case .header(let name): (.header, arena.keep(name.lowercased()))
        case .cookie(let name): (.cookie, arena.keep(name))
        case .field(let name): (.field, arena.keep(name))
        }
    }

    fileprivate func free() {
        for index in 0..<variantCount { variants[index].free() }
        variants.deinitialize(count: variantCount)
        variants.deallocate()
        isText.deallocate()
        textFields.deallocate()
        meters.deallocate()
        split.deinitialize(count: 1)
        split.deallocate()
    }

    /// What is wrong with a body, in words; off the path of a prediction.
    func describe(_ fault: ContractFault) -> FaultReport { fault.describe(source.takeUnretainedValue().contract) }

    func fieldName(_ index: Int) -> String { source.takeUnretainedValue().contract.fields[index].name }

    /// The variant of this name; -1 when there is none.
    func variant(named name: UnsafePointer<UInt8>, _ count: Int) -> Int {
        for index in 0..<variantCount where variants[index].name.equals(name, count) { return index }
        return -1
    }
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

    fileprivate init(_ parts: VariantParts, route: String, fields: [ContractField], arena: ByteArena) {
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

    fileprivate func free() {
        meters.deallocate()
        exposures.deallocate()
        faults.deallocate()
        openings.deallocate()
        classKeys.deallocate()
    }
}

/// The plan in force, as control publishes it and reactors pick it up.
final class PlanBox: Sendable {
    // The lock protects the reference only. A reactor takes it when the generation has changed, never for a request.
    private let current: Mutex<Plan>
    private let published: Atomic<UInt64>
    // Plans that every reactor has let go; the lock is taken when a plan changes.
    private let retired = Mutex<[Plan]>([])

    init(_ plan: Plan) {
        current = Mutex(plan)
        published = Atomic(plan.generation)
    }

    /// The generation in force: one relaxed load.
    @inline(__always) var generation: UInt64 { published.load(ordering: .relaxed) }

    var plan: Plan { current.withLock { $0 } }

    /// Takes a plan that a reactor has let go. Closing models takes milliseconds: control does it, not the reactor that was last.
    func retire(_ plan: Plan) {
        retired.withLock { $0.append(plan) }
    }

    /// Frees what was retired and is held by nobody else.
    func freeRetired() {
        // Freed outside the lock, when the list that was taken ends.
        _ = retired.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }

    func publish(_ plan: Plan) {
        current.withLock { $0 = plan }
        published.store(plan.generation, ordering: .releasing)
    }
}

/// One reactor's hold on a plan: how many of its requests still use it.
struct PlanSlot {
    let plan: Unmanaged<Plan>
    let box: Unmanaged<PlanBox>
    var exchanges = 0
    var isCurrent = true

    /// Takes hold of a plan.
    static func make(_ plan: Plan, of box: PlanBox) -> UnsafeMutablePointer<PlanSlot> {
        let slot = UnsafeMutablePointer<PlanSlot>.allocate(capacity: 1)
        slot.initialize(to: PlanSlot(plan: .passRetained(plan), box: .passUnretained(box)))
        return slot
    }

    /// Lets the plan go once it is neither current nor used.
    static func releaseIfDone(_ slot: UnsafeMutablePointer<PlanSlot>) {
        guard !slot.pointee.isCurrent, slot.pointee.exchanges == 0 else { return }
        slot.pointee.box.takeUnretainedValue().retire(slot.pointee.plan.takeRetainedValue())
        slot.deallocate()
    }
}
