internal import Primitives

/// Decides which outcomes are sent when, and again when. It holds no clock and sends nothing itself.
///
/// One body is under way at a time. An answer of 503 or 429, or none, has it sent again after a rest: that is safe, since an outcome is
/// known by its prediction and its name. A success ends the count of failures; when that is used up, a body gets one try each.
struct OutcomeQueue {
    private enum Errand {
        case none
        case sending(OutcomeBatch)
        case resting(OutcomeBatch, until: Instant)
    }

    let kinds: [OutcomeKind]
    /// Whether outcomes that find too many waiting are dropped and counted. Without, the caller has to stop making more: `isFull`.
    let drops: Bool
    /// Bytes that may wait.
    let room: Int
    private(set) var tally = OutcomeTally()
    private var waiting: [OutcomeBatch] = []
    private var waitingBytes = 0
    private var errand = Errand.none
    private var failuresInRow = 0
    /// The answer that tells that no outcome at all will be taken.
    private var refusal: (status: Int, text: [UInt8])?

    init(_ kinds: [OutcomeKind], drops: Bool, room: Int = Limits.outcomeWaitingBytes) {
        self.kinds = kinds
        self.drops = drops
        self.room = room
    }

    /// Whether so much waits that no more should come.
    var isFull: Bool { waitingBytes >= room }

    /// Whether nothing waits and nothing is under way.
    var isDone: Bool {
        if case .none = errand { waiting.isEmpty } else { false }
    }

    /// Takes in the outcomes of a row: its true label is `truth`, and `answer` is the body that came with status 200.
    mutating func add(_ answer: JSONObject, truth: String, now: Instant) {
        let answered = answer.text("label")
        guard let id = answer.text("id"), (1...Limits.predictionBytes).contains(id.utf8.count) else {
            return tally.fail(kinds.count, status: 200, text: Array("the answer has no id of a prediction".utf8)[...])
        }
        for (number, kind) in kinds.enumerated() where kind.sendsLabel || answered != nil {
            if let refusal {
                tally.fail(1, status: refusal.status, text: refusal.text[...])
            } else if drops && isFull {
                tally.fail(1, status: nil, text: Array("too many waited to be sent".utf8)[...])
            } else {
                append(kind.item(id: id, answered: answered, truth: truth), kind: number, now)
            }
        }
    }

    private mutating func append(_ item: [UInt8], kind: Int, _ now: Instant) {
        if waiting.last?.hasRoom(for: item.count) != true {
            waiting.append(OutcomeBatch(since: now))
        } else {
            waitingBytes -= waiting[waiting.count - 1].size
        }
        waiting[waiting.count - 1].add(item, kind: kind)
        waitingBytes += waiting[waiting.count - 1].size
    }

    /// The body to send at `now`, if one is due. `isLast` says that no outcome will be added any more.
    mutating func take(at now: Instant, isLast: Bool) -> [UInt8]? {
        guard let due = nextDue(isLast: isLast), due <= now else { return nil }
        if case .resting(let batch, _) = errand {
            errand = .sending(batch)
            return batch.body
        }
        let batch = waiting.removeFirst()
        waitingBytes -= batch.size
        errand = .sending(batch)
        return batch.body
    }

    /// When the next body is due: a full one at once, another when its first outcome has waited long enough, the last ones at once too.
    /// nil while one is under way, and when none waits.
    func nextDue(isLast: Bool) -> Instant? {
        switch errand {
        case .sending: return nil
        case .resting(_, let until): return until
        case .none:
            guard let first = waiting.first else { return nil }
            let isReady = isLast || first.isFull || waiting.count > 1
            return isReady ? first.since : first.since.advanced(by: .milliseconds(Limits.outcomeWaitMilliseconds))
        }
    }

    /// The body under way is over: with `status` and the answer `text`, or with nil and why no answer came. `retryAfter` is the field.
    mutating func finish(status: Int?, text: ArraySlice<UInt8>, retryAfter: String?, now: Instant) {
        guard case .sending(let batch) = errand else { return }
        errand = .none
        if status == 200, let words = batch.words(text) {
            failuresInRow = 0
            for (kind, word) in zip(batch.kinds, words) { tally.add(kind: Int(kind), word: word) }
            return
        }
        failuresInRow += 1
        if status == nil || status == 503 || status == 429, failuresInRow < Limits.outcomeTries {
            let seconds = retryAfter.flatMap(UInt64.init) ?? 1
            errand = .resting(batch, until: now.advanced(by: .seconds(min(seconds, Limits.outcomeRestSeconds))))
            return
        }
        tally.fail(batch.kinds.count, status: status, text: text)
        if let status, [401, 403, 404].contains(status) { refuse(status, text) }
    }

    /// Gives up on all that waits and on all to come.
    private mutating func refuse(_ status: Int, _ text: ArraySlice<UInt8>) {
        refusal = (status, Array(text))
        for batch in waiting { tally.fail(batch.kinds.count, status: status, text: text) }
        waiting = []
        waitingBytes = 0
    }
}
