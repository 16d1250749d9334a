import Admission
import Contracts
import Metrics
import Primitives
import Recordings
import Routing

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
    /// Its shadows; nil when it has none. Held by the plan alone: its end tells that nobody makes copies for them any more.
    var shadows: ShadowLease?
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
    /// Copies for shadows; nil when the route has none.
    let copies: PlanCopies?

    /// Where the unit key comes from.
    enum UnitKind: UInt8 {
        case none
        case header
        case cookie
        case field
    }

    init(_ parts: RouteParts, arena: ByteArena) {
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
        copies = parts.shadows.map { PlanCopies($0.set, reactors: parts.reactors) }
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

    func free() {
        for index in 0..<variantCount { variants[index].free() }
        variants.deinitialize(count: variantCount)
        variants.deallocate()
        copies?.free()
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
