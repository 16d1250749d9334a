import Metrics
import Primitives
import Shadowing

/// Pairs that a label outcome may come for, and outcomes that came before their pair.
struct ShadowPairs {
    /// What is kept of a pair until its outcome comes.
    struct Pair {
        let cells: ShadowCells
        let answers: AnswerPair
        /// The primary's classes, in its order.
        let labels: [String]
        /// Number of the true class in the primary's order, once it is counted.
        var truth: Int?
    }

    /// A label outcome of a prediction that may have been copied.
    struct Truth {
        let key: PairKey
        /// The class.
        var label: String
        /// Where it counts when there is no pair; nil where none is expected.
        let cells: ShadowCells?
        let isReplacement: Bool
        let arrived: Instant
    }

    private var table = PairTable<Pair>(bytesAtMost: ShadowLimits.pairBytes)
    private var waiting: [PairKey: Truth] = [:]
    private var order: [PairKey] = []

    /// Keeps a pair, and counts the outcome that came before it.
    mutating func add(_ pair: Pair, key: PairKey, at: UInt64) {
        table.add(pair, key: key, bytes: 256 + 8 * pair.answers.primary.count, at: at)
        guard let truth = waiting.removeValue(forKey: key) else { return }
        count(truth)
    }

    /// Counts an outcome, now or when its pair comes.
    mutating func take(_ truth: Truth) {
        guard !count(truth), let cells = truth.cells else { return }
        if waiting[truth.key] != nil {
            // Of one that waits already the class alone is new: it is still to be counted, and in its turn.
            waiting[truth.key]?.label = truth.label
        } else if waiting.count < ShadowLimits.waitingTruths {
            waiting[truth.key] = truth
            order.append(truth.key)
            // Most pairs come soon after their outcomes, and leave their keys behind.
            if order.count > 2 * ShadowLimits.waitingTruths { order.removeAll { waiting[$0] == nil } }
        } else if !truth.isReplacement {
            cells.pairs.truthWithoutPair()
        }
    }

    /// Lets go what is older than it may be.
    mutating func forget(now: Instant, pairsBefore moment: UInt64) {
        table.forget(before: moment)
        var done = 0
        for key in order {
            guard let truth = waiting[key] else {
                done += 1
                continue
            }
            guard now.since(truth.arrived) > ShadowLimits.truthWait else { break }
            waiting[key] = nil
            if !truth.isReplacement { truth.cells?.pairs.truthWithoutPair() }
            done += 1
        }
        order.removeFirst(done)
    }

    /// Lets everything go: outcomes that wait are without a pair.
    mutating func close() {
        for truth in waiting.values where !truth.isReplacement { truth.cells?.pairs.truthWithoutPair() }
        self = ShadowPairs()
    }

    /// Returns whether its pair is there.
    @discardableResult private mutating func count(_ truth: Truth) -> Bool {
        guard var pair = table[truth.key] else { return false }
        // What the primary cannot say is neither's hit or miss.
        guard let place = pair.labels.firstIndex(of: truth.label) else { return true }
        // The same outcome twice is no other truth; a replacement is.
        guard pair.truth == nil || truth.isReplacement else { return true }
        if let before = pair.truth { pair.cells.pairs.count(pair.answers, truth: before, times: -1) }
        pair.cells.pairs.count(pair.answers, truth: place)
        pair.truth = place
        table[truth.key] = pair
        return true
    }
}
