private import Glibc
internal import Primitives

/// Sends rows through a running gateway and reports what came back, per variant.
///
/// Every row of every pass goes out under a unit of its own, `replay-<pass>-<row>-<run>`, so that each is assigned afresh. Blocks the
/// calling thread until the last answer; ignores SIGPIPE in the whole process, since libcurl writes to sockets that a server may have
/// closed. Outcomes that are asked for go out beside the rows and are no part of any duration. Throws if the rows cannot be read, an option cannot be used, or nothing answers at all.
package func replay(_ options: ReplayOptions) throws(ReplayError) -> ReplayReport {
    try options.check()
    let rows = try readRows(options.rows, label: options.label)
    if !options.outcomes.isEmpty, rows.allSatisfy({ $0.label == nil }) {
        throw .badOption(name: "--outcome", reason: "no row of \(options.rows) has a '\(options.label)'")
    }
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
    private var outcomes: OutcomeSender?
    private var meter: ProgressMeter
    private var connects = 0
    private var version = "h2"

    init(_ options: ReplayOptions, _ rows: [Row]) throws(ReplayError) {
        self.options = options
        self.rows = rows
        outcomes = try OutcomeSender(options)
        // One stream more, so that no row waits for outcomes.
        transfers = try Transfers(connections: options.connections, streams: options.streams + (outcomes == nil ? 0 : 1))
        start = monotonicNow()
        schedule = Schedule(rows: rows.count, passes: options.passes, connections: options.connections, rate: options.rate)
        meter = ProgressMeter(total: schedule.total, start: start)
        for _ in 0..<min(options.connections * options.streams, schedule.total) { exchanges.append(try Exchange(options.url, options)) }
        idle = exchanges
    }

    deinit {
        // libcurl wants every handle out of the set before either is freed.
        for exchange in exchanges { transfers.remove(exchange) }
        if let outcomes { transfers.remove(outcomes.exchange) }
    }

    /// Runs to the end.
    func finish() throws(ReplayError) -> ReplayReport {
        defer { if options.showsProgress { writeToStandardError(meter.ending()) } }
        var seconds: Double?
        while !isOver || outcomes?.queue.isDone == false {
            try launchDue()
            try outcomes?.launch(transfers, now: monotonicNow(), isLast: isOver)
            try transfers.perform()
            let finished = try collect()
            showProgress()
            if isOver && seconds == nil { seconds = Double(monotonicNow().since(start)) / 1e9 }
            if finished == 0 { try transfers.wait(until: nextWake()) }
        }
        return ReplayReport(
            requests: tally.requests, seconds: seconds ?? 0, version: version, connections: connects, run: options.run,
            variants: tally.variants(), failures: tally.failureList(),
            outcomes: outcomes.map { $0.queue.tally.report($0.queue.kinds) })
    }

    /// Whether every row is answered.
    private var isOver: Bool { tally.requests >= schedule.total }

    /// Starts every row that is due, as long as an exchange is idle.
    private func launchDue() throws(ReplayError) {
        if outcomes?.holdsRows == true { return }
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
            defer { transfers.remove(exchange) }
            connects += exchange.connects
            count += 1
            guard exchange !== outcomes?.exchange else {
                outcomes?.collect(code, now: now)
                continue
            }
            let truth = rows[exchange.turn.row - 1].label
            let ending = exchange.ending(code, truth: truth, now: now)
            if ending.status != nil { version = exchange.version }
            if let answer = tally.add(ending), let truth { outcomes?.add(answer, truth: truth, now: now) }
            idle.append(exchange)
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

    /// When the loop must run though no socket moves: at the next due row, if there is an idle exchange to send it, or when outcomes are.
    private func nextWake() -> Instant? {
        let row = idle.isEmpty || outcomes?.holdsRows == true ? nil : schedule.nextDue(at: monotonicNow())
        guard let outcome = outcomes?.queue.nextDue(isLast: isOver) else { return row }
        return min(row ?? outcome, outcome)
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
