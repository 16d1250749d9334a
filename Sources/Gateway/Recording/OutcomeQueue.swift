import Primitives
import Synchronization

/// One body of outcomes on its way from a reactor to the ledger.
struct OutcomeJob: Sendable {
    /// Address of the exchange that waits for the answer, and its reactor.
    let exchange: UInt
    let reactor: Int
    /// The body, with the padding behind it that its reader needs.
    var body: [UInt8]
    /// Bytes of the body without the padding.
    let count: Int
    /// One outcome a line, by its media type.
    let isLines: Bool
    /// The only route that the token is for; nil: all.
    let route: NameHash?
    /// Name of the token, for the audit.
    let author: String
    /// Our clock when the body was complete, in milliseconds since 1970: what "late" is measured by.
    let arrived: UInt64
}

/// What the client is told once its outcomes are committed, or cannot be.
struct OutcomeReply: Sendable {
    let status: Int
    let body: [UInt8]
}

/// The bodies of outcomes that wait for the ledger: bounded in bytes, filled by every reactor, emptied by one thread.
///
/// Also tells how far the ledger has drained: an outcome that arrived before `drained` is committed, or was refused.
final class OutcomeQueue: Sendable {
    private struct State {
        var jobs: [OutcomeJob] = []
        var bytes = 0
        /// Arrival of the oldest job that was taken and is not finished.
        var inHand: UInt64?
        var isClosed = false
    }

    // The lock protects the list of bodies; held for an append or a swap, never for a prediction.
    private let state = Mutex(State())
    private let bytesAtMost: Int

    init(bytesAtMost: Int) {
        self.bytesAtMost = bytesAtMost
    }

    /// Adds a body. Returns false when there is no room, or nobody left to take it.
    func push(_ job: OutcomeJob) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.bytes + job.count <= bytesAtMost else { return false }
            state.bytes += job.count
            state.jobs.append(job)
            return true
        }
    }

    /// Takes bodies, oldest first, until they hold `bytes` bytes or more; they are in hand until `finish`.
    func take(bytes: Int) -> [OutcomeJob] {
        state.withLock { state in
            var taken = 0
            var sum = 0
            while taken < state.jobs.count, sum < bytes {
                sum += state.jobs[taken].count
                taken += 1
            }
            let jobs = Array(state.jobs.prefix(taken))
            state.jobs.removeFirst(taken)
            state.bytes -= sum
            state.inHand = jobs.first?.arrived
            return jobs
        }
    }

    /// What was taken is committed or refused.
    func finish() {
        state.withLock { $0.inHand = nil }
    }

    /// Refuses further bodies: nobody will take them.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Bodies that wait.
    var count: Int { state.withLock { $0.jobs.count } }

    /// The moment before which everything that arrived is settled, in milliseconds since 1970; `now` when nothing waits.
    func drained(now: UInt64) -> UInt64 {
        state.withLock { min(now, $0.inHand ?? now, $0.jobs.first?.arrived ?? now) }
    }
}
