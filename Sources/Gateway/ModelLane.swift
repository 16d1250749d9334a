import Inference
import Primitives

/// One model on one reactor: the lane into the runtime and the requests of this turn that wait for it.
struct ModelLane: ~Copyable {
    var lane: Lane
    let scoreCount: Int
    let rowsAtMost: Int
    /// Waiting exchanges, first come first.
    var first: ExchangePointer?
    var last: ExchangePointer?
    var waitingRows = 0
    /// Predicted time of one row in a batch, in nanoseconds: a moving average of what was measured.
    var rowCost: Double
    var nextActive: UnsafeMutablePointer<ModelLane>?
    var isActive = false

    /// A measured call weighs this much against what was known.
    private static let weight = 0.1

    init(lane: consuming Lane, rowCost: Double) {
        scoreCount = lane.scoreCount
        rowsAtMost = lane.maxRows
        self.rowCost = rowCost
        self.lane = lane
    }

    /// Predicted time of everything that waits.
    var predicted: Double { Double(waitingRows) * rowCost }

    /// Learns from one call.
    mutating func learn(rows: Int, took: Nanoseconds) {
        rowCost += Self.weight * (Double(took) / Double(rows) - rowCost)
    }
}

extension UnsafeMutablePointer where Pointee == ModelLane {
    func enqueue(_ exchange: ExchangePointer) {
        exchange.pointee.stage = .running
        exchange.pointee.next = nil
        if let last = pointee.last { last.pointee.next = exchange } else { pointee.first = exchange }
        pointee.last = exchange
        pointee.waitingRows += exchange.pointee.rows
    }

    /// Takes the first exchanges whose rows fit in one call.
    /// - Returns: the head of their chain, and their rows; nil when none waits.
    func dequeueBatch() -> (first: ExchangePointer, rows: Int)? {
        guard let first = pointee.first else { return nil }
        var rows = first.pointee.rows
        var end = first
        while let next = end.pointee.next, rows + next.pointee.rows <= pointee.rowsAtMost {
            rows += next.pointee.rows
            end = next
        }
        pointee.first = end.pointee.next
        if pointee.first == nil { pointee.last = nil }
        end.pointee.next = nil
        pointee.waitingRows -= rows
        return (first, rows)
    }
}

/// The lanes of one model file under one contract, one a reactor. Kept across plans for as long as a plan names the file, so that a change of
/// weights touches neither sessions nor lanes.
final class LaneSet: @unchecked Sendable {
    // Made by control, then each lane is used by its reactor alone; freed when no plan holds the set.
    let lanes: UnsafeMutablePointer<UnsafeMutablePointer<ModelLane>>
    let count: Int
    let labels: [String]
    let isClassification: Bool
    let scoreCount: Int
    let card: ModelCard

    /// Models up to this size get a session for each reactor: a shared one scales worse than one thread for calls of microseconds.
    static let ownSessionBytes = 5 * 1_024 * 1_024

    /// Opens the model `reactors` times, or once when it is large, and runs it once.
    /// - Throws: `InferenceError` naming the file and the reason.
    init(
        engine: Engine, bytes: UnsafeRawBufferPointer, file: String, columns: [Column], labels: [String]?, reactors: Int, maxRows: Int
    ) throws(InferenceError) {
        let session = try Session(engine: engine, bytes: bytes, file: file)
        let binding = try Binding(session: session, columns: columns, labels: labels)
        var made: [UnsafeMutablePointer<ModelLane>] = []
        for reactor in 0..<reactors {
            let own = reactor == 0 || bytes.count > Self.ownSessionBytes ? session : try Session(engine: engine, bytes: bytes, file: file)
            let lane = try Lane(session: own, binding: binding, maxRows: maxRows)
            let memory = UnsafeMutablePointer<ModelLane>.allocate(capacity: 1)
            memory.initialize(to: ModelLane(lane: lane, rowCost: Self.firstGuess))
            made.append(memory)
        }
        lanes = .allocate(capacity: reactors)
        lanes.initialize(from: made, count: reactors)
        count = reactors
        card = session.card
        scoreCount = binding.scoreCount
        switch binding.task {
        case .classification(let names):
            self.labels = names
            isClassification = true
        case .regression:
            self.labels = []
            isClassification = false
        }
    }

    /// Nanoseconds a row until the first call is measured: a small model.
    private static let firstGuess = 5_000.0

    deinit {
        for index in 0..<count {
            lanes[index].deinitialize(count: 1)
            lanes[index].deallocate()
        }
        lanes.deallocate()
    }
}
