import Contracts
import Reactor

// Rows of a file: both models are run on them.

extension OfflineComparison {
    /// Compares on the rows of a file.
    ///
    /// - Parameters:
    ///   - rows: at least one.
    ///   - label: the field that the labels were taken from.
    ///   - name: the variant or shadow to compare with; nil for the variant with the largest weight.
    ///   - progress: told after each call of the models.
    /// - Throws: `ComparisonError`, and `InferenceError` when the variant's model does not open.
    package func compare(
        rows: [LabelledRow], label: String, against name: String?, progress: (OfflineProgress) -> Void = { _ in }
    ) throws -> ComparisonReport {
        guard !contract.fields.contains(where: { $0.name == label }) else { throw ComparisonError.labelIsFeature(label) }
        let (primary, against) = try open(name)
        let place = OfflinePairs.Place(
            primary: primary, sha256: against.candidate.sha256, revision: 0, outputs: min(against.scoreCount, model.scoreCount),
            classes: against.labels.count)
        let classes = against.labels.map { model.labels.firstIndex(of: $0) ?? 0 }
        let pairs = pairs()
        var report = report()
        var decoder = try OfflineRowDecoder(file, contract)
        for start in stride(from: 0, to: rows.count, by: OfflineModel.rowsPerCall) {
            var batch: [OfflineRow] = []
            var truths: [Int?] = []
            for index in start..<min(start + OfflineModel.rowsPerCall, rows.count) {
                report.rows += 1
                do throws(OfflineRowDecoder.Misfit) {
                    batch.append(try decoder.decode(rows[index].body))
                } catch {
                    report.skip(.misfit, row: index + 1, error.reason)
                    continue
                }
                truths.append(report.number(of: rows[index].label, in: against.labels))
            }
            for (index, answers) in zip(against.answers(to: batch), model.answers(to: batch)).enumerated() {
                let answer = answers.0.flatMap { $0.isAnswer(ofClasses: !classes.isEmpty) ? $0 : nil }
                pairs.count(answer, answers.1, at: place, classes: classes, truth: truths[index])
            }
            progress(OfflineProgress(done: report.rows, total: rows.count, skipped: report.skippedRows, now: MonotonicTime.now()))
        }
        var finished = try finish(report, pairs, labels: against.labels)
        // A file knows no revisions.
        finished.comparison?.revisions = []
        return finished
    }
}

extension ComparisonReport {
    /// The number of a label among the classes; nil where there is none, or no class.
    mutating func number(of label: String?, in classes: [String]) -> Int? {
        guard let label, !classes.isEmpty else { return nil }
        let number = classes.firstIndex(of: label)
        if number == nil { unknownLabels += 1 }
        return number
    }
}

extension ShadowCopy.Answer {
    /// Whether a client would get it: a known class, and finite numbers.
    func isAnswer(ofClasses hasClasses: Bool) -> Bool { (label >= 0 || !hasClasses) && scores.allSatisfy(\.isFinite) }
}
