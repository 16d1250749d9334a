import Inference
import Reactor

/// A model that is run in this process on rows at hand.
final class OfflineModel {
    let candidate: Candidate
    private let laneSet: LaneSet

    /// Rows of one call.
    static let rowsPerCall = GatewayLimits.rowsPerCall

    /// Opens the model; it should have passed quarantine.
    /// - Throws: `InferenceError` naming the file and the reason.
    init(_ candidate: Candidate, engine: Engine) throws(InferenceError) {
        self.candidate = candidate
        laneSet = try candidate.read().withBytes { content throws(InferenceError) in
            try LaneSet(
                engine: engine, bytes: content, file: candidate.path, columns: candidate.columns, labels: candidate.labels, reactors: 1,
                maxRows: candidate.maxRows, model: candidate.model)
        }
    }

    var labels: [String] { laneSet.labels }
    var scoreCount: Int { laneSet.scoreCount }
    /// What it answers, to be compared with what another does.
    var answers: QuarantinePass { QuarantinePass(laneSet) }

    /// The answers to at most ``rowsPerCall`` rows, with a row's share of the CPU time; nil for a row that the model fails on. When a call
    /// fails, its rows are run one by one: only those fail that fail alone.
    func answers(to rows: [OfflineRow]) -> [ShadowCopy.Answer?] {
        guard !rows.isEmpty else { return [] }
        if let answers = call(rows[...]) { return answers }
        return rows.indices.map { call(rows[$0...$0])?.first ?? nil }
    }

    /// nil when the model does not take them.
    private func call(_ rows: ArraySlice<OfflineRow>) -> [ShadowCopy.Answer]? {
        let lane = laneSet.lanes[0]
        for (place, row) in rows.enumerated() {
            let misfit = row.slots.withUnsafeBufferPointer { slots in
                // A place to point at where there is no text.
                (row.text.isEmpty ? [0] : row.text).withUnsafeBufferPointer { text in
                    lane.pointee.lane.fill(
                        row: place, slots: slots.baseAddress.unsafelyUnwrapped, text: text.baseAddress.unsafelyUnwrapped)
                }
            }
            guard misfit < 0 else { return nil }
        }
        let before = MonotonicTime.threadCPU()
        guard lane.pointee.lane.run(rows: rows.count) == .ok else { return nil }
        let time = max(1, (MonotonicTime.threadCPU() &- before) / UInt64(rows.count))
        return (0..<rows.count).map { row in
            let label = Int(lane.pointee.lane.labels[row])
            let scores = UnsafeBufferPointer(start: lane.pointee.lane.scores + row * scoreCount, count: scoreCount)
            return ShadowCopy.Answer(label: labels.indices.contains(label) ? label : -1, scores: Array(scores), time: time)
        }
    }
}
