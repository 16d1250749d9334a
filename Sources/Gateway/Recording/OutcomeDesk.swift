import Contracts
import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Synchronization

/// Stores outcomes: takes bodies from the reactors, and answers each once the ledger has committed what it held.
///
/// Bodies that wait together are committed together (group commit): one `fsync` for many clients. When the ledger cannot be written, clients
/// are told to come back; predictions go on, and the next group tries again, so recovery needs nobody.
final class OutcomeDesk: Sendable {
    private let queue: OutcomeQueue
    private let bell: Mailbox<Bool>
    private let stopped = Atomic(false)
    private let figures = Mutex(Figures())

    /// What is counted here, for the metrics.
    struct Figures: Sendable {
        var counts = OutcomeCounts()
        var refused: [OutcomeRefusal: UInt64] = [:]
        var commits: UInt64 = 0
        /// Whether the last commit succeeded.
        var isLedgerUp = true
    }

    init() throws(SystemError) {
        queue = OutcomeQueue(bytesAtMost: GatewayLimits.outcomeQueueBytes)
        bell = try Mailbox()
    }

    /// Takes a body; false when no room is left for it. Any reactor.
    func submit(_ job: OutcomeJob) -> Bool {
        guard queue.push(job) else {
            figures.withLock { $0.refused[.queueFull, default: 0] += 1 }
            return false
        }
        bell.post(true)
        return true
    }

    /// The moment before which everything that arrived is committed or refused, in milliseconds since 1970.
    func drained(now: UInt64) -> UInt64 { queue.drained(now: now) }

    /// Bodies that wait now.
    var waiting: Int { queue.count }

    /// What was counted so far.
    var counted: Figures { figures.withLock { $0 } }

    /// Ends the thread once the queue is empty.
    func stop() {
        queue.close()
        stopped.store(true, ordering: .releasing)
        bell.post(true)
    }

    /// Starts the thread that stores. `ledger` is its own connection; `shadows` hears of label outcomes that are stored.
    func start(_ ledger: Ledger, _ state: ServerState, _ logger: Logger, shadows: ShadowDesk? = nil) throws(SystemError) -> Thread.Handle {
        let poller = try Poller()
        _ = poller.add(bell.number, .read, token: 0)
        let box = PollerBox(poller)
        return try Thread.start("weir-outcomes") { [self] in
            guard var work = OutcomeWork(ledger: ledger, state: state, shadows: shadows, logger: logger) else {
                logger.critical("outcomes cannot be stored: no memory for their reader")
                return queue.close()
            }
            while true {
                // Read before the queue: what was pushed before the order to stop is stored.
                let isLast = stopped.load(ordering: .acquiring)
                while case let jobs = queue.take(bytes: GatewayLimits.outcomeGroupBytes), !jobs.isEmpty {
                    work.store(jobs) { change in figures.withLock { change(&$0) } }
                    queue.finish()
                }
                if isLast { return }
                _ = box.poller.wait(timeout: nil)
                _ = bell.take()
            }
        }
    }
}

/// One thread's work of storing outcomes.
private struct OutcomeWork: ~Copyable {
    private let ledger: Ledger
    private let state: ServerState
    private let shadows: ShadowDesk?
    private let logger: Logger
    private var reader: OutcomeReader
    /// What is wrong with the ledger, so that the log tells of it only once.
    private var trouble = Trouble()
    /// The plan whose outcomes are counted by name.
    private var declared: UInt64 = 0

    typealias Change = (inout OutcomeDesk.Figures) -> Void

    init?(ledger: Ledger, state: ServerState, shadows: ShadowDesk?, logger: Logger) {
        guard let reader = try? OutcomeReader(maxBody: GatewayLimits.outcomeBytes, maxItems: GatewayLimits.outcomesPerBody) else { return nil }
        self.ledger = ledger
        self.state = state
        self.shadows = shadows
        self.logger = logger
        self.reader = reader
    }

    /// One body of a group: what is told of each of its outcomes, as far as it is known before the commit.
    private struct Draft {
        let job: OutcomeJob
        var isList = false
        /// The answer, when the body is refused as a whole.
        var refusal: OutcomeReply?
        /// The results in order; nil stands for the next entry's.
        var results: [String?] = []
        var entries = 0
    }

    /// What became of one entry.
    private struct Settled {
        let result: OutcomeResult
        let arrival: OutcomeArrival?
    }

    /// Stores the outcomes of some bodies in one transaction, and answers each body.
    mutating func store(_ jobs: [OutcomeJob], _ count: (Change) -> Void) {
        let plan = state.plans.plan
        let clerk = OutcomeClerk(rules: plan.outcomes)
        declare(plan, count)
        var entries: [OutcomeEntry] = []
        var tally = OutcomeTally()
        let drafts = jobs.map { draft($0, clerk, &entries, &tally) }
        do {
            let results = entries.isEmpty ? [] : try ledger.record(entries, now: .now)
            let settled = zip(entries, results).map { entry, result in
                tally.add(result.counted, entry.route, entry.name)
                let arrival = result == .recorded ? plan.outcomes.routes[entry.id.route.value]?.arrivals?.arrival(entry.id) : nil
                return Settled(result: result, arrival: arrival)
            }
            count { figures in
                tally.add(to: &figures.counts)
                figures.commits += entries.isEmpty ? 0 : 1
                if !entries.isEmpty { figures.isLedgerUp = true }
            }
            if !entries.isEmpty { recovered() }
            shadows?.take(zip(entries, results).compactMap { plan.outcomes.routes[$0.id.route.value]?.shadowTruth($0, $1) })
            var rest = settled[...]
            for draft in drafts { answer(draft, with: &rest) }
        } catch {
            let reason = failed(error)
            count { figures in
                figures.refused[reason, default: 0] += UInt64(drafts.count { $0.entries > 0 })
                figures.isLedgerUp = false
            }
            let refusal = reason.reply
            for draft in drafts { post(draft.job, draft.refusal ?? (draft.entries > 0 ? refusal : reply(draft, draft.results.map { $0 ?? "" }))) }
        }
    }

    /// Makes a new plan's outcomes countable by their names.
    private mutating func declare(_ plan: Plan, _ count: (Change) -> Void) {
        guard plan.generation != declared else { return }
        declared = plan.generation
        count { figures in
            for route in plan.outcomes.routes.values.sorted(by: { $0.route < $1.route }) where !route.current.isEmpty {
                figures.counts.declare(route: route.route, outcomes: route.current.sorted())
            }
        }
    }

    private mutating func draft(
        _ job: OutcomeJob, _ clerk: OutcomeClerk, _ entries: inout [OutcomeEntry], _ tally: inout OutcomeTally
    ) -> Draft {
        var draft = Draft(job: job)
        var body = job.body
        body.withUnsafeMutableBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            let batch = reader.read(start, count: job.count, isLines: job.isLines)
            draft.isList = batch.isList
            if let fault = batch.fault { return draft.refusal = Self.refusal(fault) }
            for index in 0..<batch.count {
                let item = clerk.decide(batch[index], of: job)
                switch item.decision {
                case .entry(let entry):
                    entries.append(entry)
                    draft.entries += 1
                    draft.results.append(nil)
                case .refused(let reason):
                    tally.add(reason.counted, item.route, item.name)
                    draft.results.append(reason.rawValue)
                }
            }
        }
        return draft
    }

    /// Answers a body with its share of what was settled.
    private func answer(_ draft: Draft, with settled: inout ArraySlice<Settled>) {
        if let refusal = draft.refusal { return post(draft.job, refusal) }
        let own = settled.prefix(draft.entries)
        settled.removeFirst(draft.entries)
        var rest = own
        let results = draft.results.map { $0 ?? rest.popFirst()?.result.counted.rawValue ?? "" }
        post(draft.job, reply(draft, results), own.compactMap(\.arrival))
    }

    /// `{"outcome":"recorded"}`, or for a list `{"outcomes":["recorded","late"]}`.
    private func reply(_ draft: Draft, _ results: [String]) -> OutcomeReply {
        let text = draft.isList ? "{\"outcomes\":[\(results.map { "\"\($0)\"" }.joined(separator: ","))]}" : "{\"outcome\":\"\(results.first ?? "")\"}"
        return OutcomeReply(status: 200, body: Array(text.utf8))
    }

    private static func refusal(_ fault: OutcomeFault) -> OutcomeReply {
        let report = fault.describe()
        let text = ErrorText.json(sentence: report.message, code: report.code, field: report.field, row: report.row)
        return OutcomeReply(status: 400, body: Array(text.utf8))
    }

    private func post(_ job: OutcomeJob, _ reply: OutcomeReply, _ arrivals: [OutcomeArrival] = []) {
        state.mailboxes[job.reactor].post(.outcomes(job.exchange, reply, arrivals))
    }

    /// Says once what is wrong with the ledger.
    private mutating func failed(_ error: LedgerError) -> OutcomeRefusal {
        let reason = OutcomeRefusal(error)
        if trouble.failed("\(error)", now: MonotonicTime.now()) { logger.error("outcomes cannot be stored", metadata: ["reason": "\(error)"]) }
        return reason
    }

    private mutating func recovered() {
        if trouble.succeeded(now: MonotonicTime.now()) { logger.notice("outcomes are stored again") }
    }
}

/// Answers of one group, counted before they are added to the figures.
private struct OutcomeTally {
    private struct Key: Hashable {
        let answer: Metrics.OutcomeAnswer
        let route: String
        let name: String
    }

    private var counts: [Key: UInt64] = [:]

    mutating func add(_ answer: Metrics.OutcomeAnswer, _ route: String, _ name: String) {
        counts[Key(answer: answer, route: route, name: name), default: 0] += 1
    }

    func add(to figures: inout OutcomeCounts) {
        for (key, times) in counts { figures.count(key.answer, route: key.route, outcome: key.name, times: times) }
    }
}

extension OutcomeResult {
    /// The word that clients and metrics get.
    fileprivate var counted: Metrics.OutcomeAnswer {
        switch self {
        case .recorded: .recorded
        case .duplicate: .duplicate
        case .replaced: .replaced
        case .late: .late
        }
    }
}

extension OutcomeRefusal {
    /// The metrics' word for a fault of the ledger.
    fileprivate init(_ error: LedgerError) {
        switch error {
        case .diskFull: self = .diskFull
        case .readOnly: self = .readOnly
        case .locked: self = .locked
        case .corrupt: self = .corrupt
        default: self = .failed
        }
    }

    /// What clients are told: nothing was stored, come back.
    fileprivate var reply: OutcomeReply {
        let text = ErrorText.json(
            sentence: "Outcomes cannot be stored at the moment (\(rawValue)); none of this body was. Send it again later.", code: "ledger-\(rawValue)")
        return OutcomeReply(status: 503, body: Array(text.utf8))
    }
}
