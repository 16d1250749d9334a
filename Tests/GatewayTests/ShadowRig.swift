import Breakers
import Inference
import Ledgers
import Logging
import Metrics
import Primitives
import Processes
import Reactor
import Testing

@testable import Gateway

/// A process of a shadow that does what the test says.
final class StagedHost: ShadowHost {
    var standing = ShadowSlate.Standing.ready
    var reason = ""
    let pid: Int32
    let slate: ShadowSlate
    var ended: ChildEnd?
    var starved: Nanoseconds = 0
    private(set) var orders: [ShadowSlate.Order] = []
    private(set) var isKilled = false

    init(pid: Int32, shape: ShadowSlate.Shape) throws {
        self.pid = pid
        slate = try ShadowSlate(shape)
    }

    func end() -> ChildEnd? { ended }
    func hear() {}
    func waited() -> Nanoseconds { starved }
    func kill() { isKilled = true }

    func begin(_ order: ShadowSlate.Order) {
        slate.ask(order)
        orders.append(order)
    }

    /// Answers the call that was begun last: each row as `answer` says, nil for a row that fails.
    func answer(cpu: Nanoseconds = 1_000, scores: Int, _ answer: (Int) -> (label: Int32, scores: [Float])?) {
        for row in 0..<(orders.last?.rows ?? 0) {
            guard let (label, values) = answer(row) else {
                slate.states[row] = ShadowSlate.RowState.failed.rawValue
                continue
            }
            slate.states[row] = ShadowSlate.RowState.answered.rawValue
            slate.labels[row] = label
            for (index, value) in values.enumerated() { slate.scores[row * scores + index] = value }
        }
        slate.finish(cpu: cpu)
    }
}

/// Starts staged processes, and keeps them.
final class StagedHosting: ShadowHosting {
    private(set) var hosts: [StagedHost] = []
    var fails = false

    struct Failure: Error {}

    func start(_ model: ShadowModel) throws -> any ShadowHost {
        if fails { throw Failure() }
        let shape = ShadowSlate.Shape(width: model.candidate.columns.count, scoreCount: model.scoreCount)
        let host = try StagedHost(pid: Int32(hosts.count + 1), shape: shape)
        hosts.append(host)
        return host
    }

    func awaitEnds() {}
}

/// A route with a shadow, the thread's work on it, and a reactor's ring.
final class ShadowRig {
    let folder: TestFolder
    let ledger: Ledger
    let maker: PlanMaker
    let hosting = StagedHosting()
    let ring = CopyRing()
    let judge = ShadowJudge()
    var work: ShadowWork
    var plan: Plan?
    var now = Instant(nanoseconds: 1_000_000_000_000)
    private var sequence: UInt64 = 0

    /// The pair of classifiers of oak, pine and willow; the shadow answers them in another order.
    init(more: [String] = [], shadow: String = "network") throws {
        folder = try TestFolder()
        ledger = try folder.ledger()
        maker = PlanMaker(
            loader: RouteLoader(engine: try Rig.engine.get(), reactors: 1), ledger: ledger, recorder: try folder.recorder(nonce: 1),
            directory: folder.routes, reactors: 1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        work = ShadowWork(rings: [ring], hosting: hosting, judge: judge, logger: logger)
        var route = try RouteText.pair()
        route.more = more
        route.shadows = [try .init("new", model: shadow)]
        try folder.write(route)
        follow(try maker.reload())
    }

    func follow(_ plan: Plan) {
        work.follow(plan.parts.compactMap(\.shadows), now: now)
        self.plan = plan
    }

    var set: ShadowSet {
        get throws { try #require(plan?.parts.first?.shadows?.set) }
    }

    var host: StagedHost {
        get throws { try #require(hosting.hosts.last) }
    }

    /// What is counted beside the first variant.
    var record: ShadowRecord {
        get throws {
            var sums = BlockSums()
            for record in maker.cells.records() { sums.add(record) }
            let champion = NameHash(of: "champion").value
            return try #require(sums.shadows().first { $0.primary == champion })
        }
    }

    func dropped(_ reason: ShadowDrop) throws -> UInt64 { try record.dropped[Int(reason.rawValue)] }

    /// A reactor's copies of so many rows, assigned to the champion.
    /// - Parameters:
    ///   - answer: what the champion answered; nil when it did not.
    ///   - other: the ring, when it is not the rig's.
    func copy(_ rows: Int = 1, unit: UInt64 = 1, answer: (label: UInt16, scores: [Float])? = (0, [0.5, 0.25, 0.25]), into other: CopyRing? = nil) throws {
        let (set, plan) = (try set, try #require(plan))
        for _ in 0..<rows {
            set.shadows[0].cells[0].copies(reactor: 0).sampled()
            let note = PredictionNote(
                time: 1_000, latency: 0, unit: unit, nonce: 7, sequence: sequence, assigned: plan.routes[0].variants[0].shape,
                served: plan.routes[0].variants[0].shape, revision: plan.routes[0].revision, slotCount: 4,
                scoreCount: UInt32(answer?.scores.count ?? 0), textCount: 0, status: answer == nil ? 500 : 200,
                label: answer?.label ?? PredictionID.noLabel, reactor: 0, reason: 0, flags: 0)
            let head = CopyNote(note: note, set: set.number, mask: 1, variant: 0, modelShare: 2_000)
            let slots = [Double(sequence), 1, 2, 3]
            let (scores, text) = (answer?.scores ?? [], [UInt8(0)])
            let texts = UnsafePointer(plan.routes).texts
            let isWritten = scores.withUnsafeBufferPointer {
                (other ?? ring).ring.write(head, note, slots: slots, scores: scores.isEmpty ? nil : $0.baseAddress, texts: texts, arena: text)
            }
            #expect(isWritten)
            sequence += 1
        }
    }

    /// A round after so many milliseconds.
    func turn(after milliseconds: UInt64 = 1) {
        now = now.advanced(by: .milliseconds(milliseconds))
        _ = work.turn(now: now, wall: 2_000)
    }

    /// Lets the process open its model.
    func open() {
        turn()
        turn()
    }

    /// The shadow answers every row of the call with these scores, in its own order of classes.
    func answer(_ label: Int32, _ scores: [Float]) throws {
        try host.answer(scores: 3) { _ in (label, scores) }
        turn()
    }
}
