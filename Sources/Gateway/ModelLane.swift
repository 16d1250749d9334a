import Admission
import Inference
import Primitives
import Synchronization

/// One model on one reactor: the lane into the runtime and the requests of this turn that wait for it.
struct ModelLane: ~Copyable {
    var lane: Lane
    let scoreCount: Int
    let rowsAtMost: Int
    /// The first 8 bytes of the file's SHA-256, for the record of a crash.
    let model: UInt64
    /// For the watchdog, to end this lane's run.
    let terminator: Terminator
    /// Counted where it had to: the next plan runs the model on workers.
    private let ended: UnsafePointer<Atomic<UInt64>>
    /// Waiting exchanges, first come first.
    var first: ExchangePointer?
    var last: ExchangePointer?
    var waitingRows = 0
    /// Predicted time of one row in a batch, in nanoseconds: a moving average of what was measured.
    var rowCost: Double
    /// Turns requests away that would wait too long for the model's workers; nil until the first one goes there.
    var shedder: Shedder?
    var nextActive: UnsafeMutablePointer<ModelLane>?
    var isActive = false

    /// A measured call weighs this much against what was known.
    private static let weight = 0.1

    /// - Parameter ended: a word of the lane's set, which outlives the lane.
    init(lane: consuming Lane, rowCost: Double, model: UInt64, ended: UnsafePointer<Atomic<UInt64>>) {
        scoreCount = lane.scoreCount
        rowsAtMost = lane.maxRows
        terminator = lane.terminator
        self.model = model
        self.ended = ended
        self.rowCost = rowCost
        self.lane = lane
    }

    /// Predicted time of everything that waits.
    var predicted: Double { Double(waitingRows) * rowCost }

    /// Asks control to give the model workers, since the watchdog had to end a run of it here.
    func askForWorkers() {
        ended.pointee.wrappingAdd(1, ordering: .relaxed)
    }

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
