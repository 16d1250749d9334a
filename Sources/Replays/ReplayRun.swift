private import Glibc
internal import Primitives

/// Sends rows through a running gateway and reports what came back, per variant.
///
/// Every row of every pass goes out under a unit of its own, `replay-<pass>-<row>-<run>`, so that each is assigned afresh. Blocks the
/// calling thread until the last answer; ignores SIGPIPE in the whole process, since libcurl writes to sockets that a server may have
/// closed. Throws if the rows cannot be read, an option cannot be used, or nothing answers at all.
package func replay(_ options: ReplayOptions) throws(ReplayError) -> ReplayReport {
    try options.check()
    let rows = try readRows(options.rows, label: options.label)
    signal(SIGPIPE, SIG_IGN)
    return try ReplayRun(options, rows).finish()
}

/// One replay: the loop that keeps requests in flight. Lives on one thread.
private final class ReplayRun {
    private let options: ReplayOptions
    private let rows: [Row]
    private let transfers: Transfers
    private var exchanges: [Exchange] = []
    private var idle: [Exchange] = []
    private let start: Instant
    private var schedule: Schedule
    private var tally = ReplayTally()
    private var meter: ProgressMeter
    private var connects = 0
    private var version = "h2"

    init(_ options: ReplayOptions, _ rows: [Row]) throws(ReplayError) {
        self.options = options
        self.rows = rows
        transfers = try Transfers(connections: options.connections, streams: options.streams)
        start = monotonicNow()
        schedule = Schedule(rows: rows.count, passes: options.passes, connections: options.connections, rate: options.rate)
        meter = ProgressMeter(total: schedule.total, start: start)
        for _ in 0..<min(options.connections * options.streams, schedule.total) { exchanges.append(try Exchange(options)) }
        idle = exchanges
    }

    deinit {
        // libcurl wants every handle out of the set before either is freed.
        for exchange in exchanges { transfers.remove(exchange) }
    }

    /// Runs to the end.
    func finish() throws(ReplayError) -> ReplayReport {
        defer { if options.showsProgress { writeToStandardError(meter.ending()) } }
        while tally.requests < schedule.total {
            try launchDue()
            try transfers.perform()
            let finished = try collect()
            showProgress()
            if finished == 0 { try transfers.wait(until: nextWake()) }
        }
        let seconds = Double(monotonicNow().since(start)) / 1e9
        return ReplayReport(
            requests: tally.requests, seconds: seconds, version: version, connections: connects, run: options.run,
            variants: tally.variants(), failures: tally.failureList())
    }

    /// Starts every row that is due, as long as an exchange is idle.
    private func launchDue() throws(ReplayError) {
        let now = monotonicNow()
        while !idle.isEmpty, let turn = schedule.take(at: now) {
            let exchange = idle.removeLast()
            try exchange.prepare(turn, body: rows[turn.row - 1].body, options)
            try transfers.add(exchange)
        }
    }

    /// Counts what has ended, and says how many that were.
    private func collect() throws(ReplayError) -> Int {
        var count = 0
        let now = monotonicNow()
        while let (exchange, code) = transfers.nextFinished() {
            let truth = rows[exchange.turn.row - 1].label
            let ending = exchange.ending(code, truth: truth, now: now)
            connects += exchange.connects
            if ending.status != nil { version = exchange.version }
            tally.add(ending)
            transfers.remove(exchange)
            idle.append(exchange)
            count += 1
            try checkReachable(ending)
            if tally.requests == schedule.opening { schedule.begin(at: monotonicNow()) }
        }
        return count
    }

    /// Gives up when many requests, or all, ended without a single answer.
    private func checkReachable(_ ending: ReplayTally.Ending) throws(ReplayError) {
        guard !tally.isAnswered, tally.requests >= min(schedule.total, Limits.failuresBeforeFirstAnswer) else { return }
        throw .unreachable(url: options.url, reason: String(decoding: ending.text, as: UTF8.self))
    }

    /// When the loop must run though no socket moves: at the next due row, if there is an idle exchange to send it.
    private func nextWake() -> Instant? {
        idle.isEmpty ? nil : schedule.nextDue(at: monotonicNow())
    }

    private func showProgress() {
        guard options.showsProgress else { return }
        if let text = meter.text(done: tally.requests, errors: tally.errors, now: monotonicNow()) { writeToStandardError(text) }
    }
}

/// The system's monotonic clock.
private func monotonicNow() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
}
