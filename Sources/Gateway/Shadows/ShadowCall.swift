import Breakers
import Contracts
import Inference
import Primitives

/// The rows that a shadow's process is given at once.
struct ShadowCall {
    let began: Instant
    /// How long the process had waited for a CPU before.
    var waitedBefore: Nanoseconds
    private(set) var copies: [ShadowCopy] = []
    /// Of a probe, which goes alone.
    var lease: BreakerLease?
    /// What is practised on the whole call.
    private(set) var delay: Nanoseconds = 0
    private(set) var crashes = false
    /// Rows whose answers are taken for ones that are not finite, for practice.
    private var spoiled: Set<Int> = []
    private var textBytes = 0

    /// A shadow's answer to a row, in the order of its own classes.
    struct Answer {
        /// -1 for a value, and for a class that it does not have.
        var label: Int
        var scores: [Float]

        var isFinite: Bool { scores.allSatisfy(\.isFinite) }
    }

    init(began: Instant, waitedBefore: Nanoseconds) {
        self.began = began
        self.waitedBefore = waitedBefore
    }

    /// Whether one more fits; one that fits into no call counts as if it did.
    func hasRoom(for copy: ShadowCopy) -> Bool {
        copies.count < ShadowLimits.rowsPerCall && (textBytes + copy.text.count <= ShadowLimits.textBytes || copy.text.count > ShadowLimits.textBytes)
    }

    /// Adds a copy; false when it fits into no call.
    mutating func take(_ copy: ShadowCopy, _ practice: Practice) -> Bool {
        guard copy.text.count <= ShadowLimits.textBytes else { return false }
        switch practice.kind {
        case .none, .abort: break
        case .delay: delay = max(delay, practice.delay)
        case .crash: crashes = true
        case .nonFinite: spoiled.insert(copies.count)
        }
        copies.append(copy)
        textBytes += copy.text.count
        return true
    }

    /// Writes the rows where the process reads them.
    func write(to slate: ShadowSlate) {
        var textStart = 0
        for (row, copy) in copies.enumerated() {
            let columns = copy.set.shadows.first?.model.candidate.columns ?? []
            let slots = slate.slots + row * columns.count
            for (index, column) in columns.enumerated() where index < copy.slots.count {
                slots[index] = column.isText ? TextSlot(copy.slots[index]).moved(by: textStart) : copy.slots[index]
            }
            copy.text.withUnsafeBufferPointer { text in
                if let start = text.baseAddress { (slate.texts + textStart).update(from: start, count: text.count) }
            }
            textStart += copy.text.count
        }
    }

    /// What the process answered to a row; nil when its model failed on it.
    func answer(_ row: Int, _ slate: ShadowSlate, of model: ShadowModel) -> Answer? {
        guard slate.states[row] == ShadowSlate.RowState.answered.rawValue else { return nil }
        let label = Int(slate.labels[row])
        var scores = Array(UnsafeBufferPointer(start: slate.scores + row * model.scoreCount, count: model.scoreCount))
        if spoiled.contains(row) { scores = scores.map { _ in .nan } }
        return Answer(label: model.labels.indices.contains(label) ? label : -1, scores: scores)
    }
}
