import Contracts
import Ledgers
import Metrics
import Primitives
import Shadowing
import Synchronization

/// Compares a shadow's answers with the primary's, counts what it finds, and picks the rows that are worth showing.
///
/// Belongs to the thread that compares, but for the examples, which another thread stores.
final class ShadowJudge: Sendable {
    /// Examples on their way, and the smallest ranks that are stored. The lock is taken once a second by each side, and waited for by none but the
    /// thread that compares, which may be without a CPU while it holds it.
    private let examples = Mutex(Examples())

    private struct Examples {
        var waiting: [ShadowExample] = []
        var thresholds: [Place: Double] = [:]
    }

    /// Judges one row that a shadow has answered.
    ///
    /// - Parameters:
    ///   - time: CPU time of the shadow's call, the row's share.
    ///   - entry: the shadow in the plan that the copy was made under.
    func judge(_ copy: ShadowCopy, _ answer: ShadowCall.Answer, time: Nanoseconds, entry: ShadowSet.Shadow?, into findings: inout ShadowFindings) {
        guard let entry else { return }
        let cells = entry.cells[copy.variant]
        cells.pairs.ran(time: time)
        guard let primary = copy.answer else { return cells.pairs.dropped(.primaryFailed) }
        let pair = entry.pair(primary, answer, variant: copy.variant)
        let difference = cells.pairs.compare(pair, primaryTime: primary.time, shadowTime: time, tolerance: entry.tolerance)
        if copy.set.truth != nil {
            let labels = copy.set.variants[copy.variant].shape.labels
            findings.pairs.add(ShadowPairs.Pair(cells: cells, answers: pair, labels: labels), key: copy.key, at: copy.note.time)
        }
        guard findings.examples.wants(difference.rank), let example = ShadowExample(copy, answer, entry, rank: difference.rank) else { return }
        findings.examples.put(example, rank: difference.rank)
    }

    // MARK: - Examples, on their way to the ledger

    /// Whose examples.
    struct Place: Hashable, Sendable {
        let route: String
        let shadow: String
        let sha256: String
    }

    /// The smallest ranks that are stored, of shadows with as many examples as are kept.
    var thresholds: [Place: Double] { examples.withLock { $0.thresholds } }

    /// Hands examples over to who stores them. Those that there is no room for are none.
    func hand(_ new: [ShadowExample]) {
        examples.withLock { $0.waiting += new.prefix(max(0, ShadowLimits.waitingExamples - $0.waiting.count)) }
    }

    /// Takes the examples that wait to be stored.
    func takeExamples() -> [ShadowExample] {
        examples.withLockIfAvailable { examples in
            defer { examples.waiting = [] }
            return examples.waiting
        } ?? []
    }

    /// Says what is stored by now.
    func stored(_ place: Place, smallest: Double?) {
        _ = examples.withLockIfAvailable { $0.thresholds[place] = smallest }
    }
}

extension ShadowJudge.Place {
    init(_ identity: ShadowModel.Identity) {
        self.init(route: identity.route, shadow: identity.name, sha256: identity.sha256)
    }

    init(_ example: ShadowExample) {
        self.init(route: example.route, shadow: example.shadow, sha256: example.sha256)
    }
}

/// What one shadow has found and is not in its counters.
struct ShadowFindings {
    var pairs = ShadowPairs()
    var examples = ExampleShelf<ShadowExample>(atMost: ShadowLimits.examples)
}

extension ShadowExample {
    /// A row on which a shadow and its primary differ, without private fields; nil for one that is too long to be shown.
    fileprivate init?(_ copy: ShadowCopy, _ answer: ShadowCall.Answer, _ entry: ShadowSet.Shadow, rank: Double) {
        guard copy.bytes <= ShadowLimits.exampleBytes, let primary = copy.answer else { return nil }
        let shape = copy.set.variants[copy.variant].shape
        let input = copy.slots.withUnsafeBufferPointer { slots in copy.text.withUnsafeBytes { shape.input(slots: slots, texts: $0) } }
        let own = PredictionShape(route: shape.route, variant: entry.model.name, fields: shape.fields, labels: entry.model.labels)
        self.init(
            route: shape.route, shadow: entry.model.name, sha256: entry.model.candidate.sha256, variant: shape.variant, revision: copy.note.revision,
            key: PredictionRecord.key(nonce: copy.note.nonce, reactor: copy.note.reactor, sequence: copy.note.sequence),
            unit: copy.hasOwnUnit ? nil : copy.note.unit, at: Timestamp(milliseconds: Int64(copy.note.time)), divergence: rank,
            answer: shape.answer(label: UInt16(clamping: primary.label), scores: primary.scores),
            shadowAnswer: own.answer(label: answer.label < 0 ? PredictionID.noLabel : UInt16(clamping: answer.label), scores: answer.scores),
            input: input)
    }
}

extension ShadowSet.Shadow {
    /// Both answers, in the order of the primary's classes.
    func pair(_ primary: ShadowCopy.Answer, _ answer: ShadowCall.Answer, variant: Int) -> AnswerPair {
        AnswerPair(primary, answer, classes: classes[variant])
    }
}
