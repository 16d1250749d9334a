import Metrics
import Primitives
import Shadowing

/// Pairs that a label outcome may come for, and outcomes that came before their pair.
struct ShadowPairs {
    /// What is kept of a pair until its outcome comes.
    struct Pair {
        let cells: ShadowCells
        let answers: AnswerPair
        /// Number of the true class in the primary's order, once it is counted.
        var truth: Int?
    }

    /// A label outcome of a prediction that may have been copied.
    struct Truth {
        let key: PairKey
        /// Number of the class in the primary's order.
        let truth: Int
        /// Where it counts when there is no pair.
        let cells: ShadowCells
        let isReplacement: Bool
        let arrived: Instant
    }

    private var table = PairTable<Pair>(bytesAtMost: ShadowLimits.pairBytes)
    private var waiting: [PairKey: Truth] = [:]
    private var order: [PairKey] = []

    var count: Int { table.count }

    /// Keeps a pair, and counts the outcome that came before it.
    mutating func add(_ pair: Pair, key: PairKey, at: UInt64) {
        table.add(pair, key: key, bytes: 256 + 8 * pair.answers.primary.count, at: at)
        guard let truth = waiting.removeValue(forKey: key) else { return }
        count(truth)
    }

    /// Counts an outcome, now or when its pair comes.
    mutating func take(_ truth: Truth) {
        if count(truth) { return }
        if let before = waiting[truth.key] {
            // Of one that waits already the value alone is new: it is still to be counted, and in its turn.
            waiting[truth.key] = Truth(
                key: truth.key, truth: truth.truth, cells: truth.cells, isReplacement: before.isReplacement, arrived: before.arrived)
        } else if waiting.count < ShadowLimits.waitingTruths {
            waiting[truth.key] = truth
            order.append(truth.key)
        } else if !truth.isReplacement {
            truth.cells.pairs.truthWithoutPair()
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
            if !truth.isReplacement { truth.cells.pairs.truthWithoutPair() }
            done += 1
        }
        order.removeFirst(done)
    }

    @discardableResult private mutating func count(_ truth: Truth) -> Bool {
        guard var pair = table[truth.key] else { return false }
        // The same outcome twice is no other truth; a replacement is.
        guard pair.truth == nil || truth.isReplacement else { return true }
        if let before = pair.truth { pair.cells.pairs.count(pair.answers, truth: before, times: -1) }
        pair.cells.pairs.count(pair.answers, truth: truth.truth)
        pair.truth = truth.truth
        table[truth.key] = pair
        return true
    }
}
