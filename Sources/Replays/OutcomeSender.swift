internal import CCurl
internal import Primitives

/// Sends the outcomes of a queue beside the rows, on a stream of its own. Lives on the replay's thread.
struct OutcomeSender {
    let exchange: Exchange
    private let options: ReplayOptions
    private(set) var queue: OutcomeQueue

    /// nil if no outcomes are asked for.
    init?(_ options: ReplayOptions) throws(ReplayError) {
        guard !options.outcomes.isEmpty else { return nil }
        self.options = options
        queue = OutcomeQueue(try OutcomeKind.list(options.outcomes), drops: options.rate != nil)
        exchange = try Exchange(options.outcomesURL, options)
    }

    /// Whether no further row should be sent, since its outcomes would find no room.
    var holdsRows: Bool { queue.isFull && !queue.drops }

    mutating func add(_ answer: JSONObject, truth: String, now: Instant) { queue.add(answer, truth: truth, now: now) }

    /// Starts to send what is due. `isLast` says that no outcome will be added any more.
    mutating func launch(_ transfers: borrowing Transfers, now: Instant, isLast: Bool) throws(ReplayError) {
        guard let body = queue.take(at: now, isLast: isLast) else { return }
        try exchange.prepare(body, options)
        try transfers.add(exchange)
    }

    /// Takes the answer to what was sent.
    mutating func collect(_ code: CURLcode, now: Instant) {
        let ending = exchange.ending(code, truth: nil, now: now)
        let text = ending.failure.map { Array($0.utf8)[...] } ?? ending.text
        queue.finish(status: ending.status, text: text, retryAfter: exchange.field("retry-after"), now: now)
    }
}
