import Contracts
import Foundation
package import Ledgers
import Reactor
import RouteFiles

// Rows of the prediction log: what was answered is known, and only the new model is run.

extension OfflineComparison {
    /// A logged row that the new model can be run on.
    private struct LoggedRow {
        let row: OfflineRow
        /// Of the variant that served; nil when it failed.
        let answer: ShadowCopy.Answer?
        let place: OfflinePairs.Place
        let truth: Int?
    }

    /// Compares on the logged predictions of the route, the oldest first, each with the variant that answered it. True labels are those of the
    /// route's label outcome, where one has come.
    ///
    /// - Parameters:
    ///   - name: the variant to compare with; nil for every one.
    ///   - limit: predictions at most.
    ///   - now: predictions after this moment are left out.
    ///   - progress: told after each call of the model.
    /// - Throws: `ComparisonError` and `LedgerError`.
    package func compare(
        log ledger: Ledger, against name: String?, limit: Int, now: Timestamp, progress: (OfflineProgress) -> Void = { _ in }
    ) throws -> ComparisonReport {
        let total = min(limit, try ledger.predictionCount(route: file.name))
        let truth = file.outcomes.first { $0.kind == .label }?.name
        let pairs = pairs()
        let identity = Array(model.labels.indices)
        var report = report()
        var decoder = try OfflineRowDecoder(file, contract)
        var reader = PredictionReader(ledger, route: file.name, since: Timestamp(milliseconds: 0), until: now)
        while report.rows < limit, let page = try reader.next() {
            let records = page.filter { name == nil || $0.served == name }.prefix(limit - report.rows)
            let truths = try truth.map { try ledger.truths(of: records.map(\.key), name: $0) } ?? [:]
            var rest = records[...]
            while !rest.isEmpty {
                let batch = rest.prefix(OfflineModel.rowsPerCall).compactMap { logged($0, truths[$0.key], &decoder, &report) }
                rest = rest.dropFirst(OfflineModel.rowsPerCall)
                for (logged, answer) in zip(batch, model.answers(to: batch.map(\.row))) {
                    pairs.count(logged.answer, answer, at: logged.place, classes: identity, truth: logged.truth)
                }
                progress(OfflineProgress(done: report.rows, total: total, skipped: report.skippedRows, now: MonotonicTime.now()))
            }
        }
        return try finish(report, pairs, labels: model.labels)
    }

    /// A record as a row; nil when it cannot be one, which is counted.
    private func logged(
        _ record: PredictionRecord, _ truth: String?, _ decoder: inout OfflineRowDecoder, _ report: inout ComparisonReport
    ) -> LoggedRow? {
        report.rows += 1
        guard let input = record.input, !record.isTruncated, hasPrivateFields(input) else {
            report.skip(.incomplete, row: report.rows, "it was logged without private fields, or was too long to be logged whole")
            return nil
        }
        let isFailure = record.status != 200
        let answer = isFailure ? nil : LoggedAnswer(json: record.answer)?.answer(in: model.labels)
        guard isFailure || answer != nil else {
            let words = "\(record.served) answered \(record.answer ?? "nothing"), the new model answers \(model.answers.shape)"
            report.skip(.otherAnswer, row: report.rows, words)
            return nil
        }
        do throws(OfflineRowDecoder.Misfit) {
            let row = try decoder.decode(Array(input.utf8))
            let place = OfflinePairs.Place(
                primary: record.served, sha256: "", revision: record.revision, outputs: min(answer?.scores.count ?? 0, model.scoreCount),
                classes: model.labels.count)
            return LoggedRow(row: row, answer: answer, place: place, truth: report.number(of: truth, in: model.labels))
        } catch {
            report.skip(.misfit, row: report.rows, error.reason)
            return nil
        }
    }

    /// Whether a logged row has the fields that are private by now: it has when they were not when it was logged.
    private func hasPrivateFields(_ input: String) -> Bool {
        let names = contract.fields.filter(\.isPrivate).map(\.name)
        guard !names.isEmpty else { return true }
        let row = (try? JSONSerialization.jsonObject(with: Data(input.utf8))) as? [String: Any] ?? [:]
        return names.allSatisfy { row[$0] != nil }
    }
}
