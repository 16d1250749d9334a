import Ledgers
import Logging
import Metrics
import Primitives
import Reactor
import Recordings
import Synchronization

/// The thread that keeps the books: once a second it copies the counters to disk, adds outcomes and exposures to the sums, and moves what is
/// finished into the ledger; now and then it removes what is older than retention allows.
///
/// Nothing that it does is lost when it fails or is killed in the middle: every step is a transaction that says what it has done.
///
/// While one worker takes over from another, the older one's keeper keeps the books until it has left; the younger one's only copies its
/// counters meanwhile. What the older one leaves behind is added by the younger one before it begins.
final class Keeper: Sendable {
    private let recorder: Recorder
    private let ledger: Ledger
    private let desk: OutcomeDesk
    private let logger: Logger
    private let limits: GatewayLimits
    private let stopped = Atomic(false)
    private let bell: Mailbox<Bool>
    /// When the last checkpoint was made, and the moment up to which every outcome is in the sums; 0 before the first.
    private let checkpointed = Atomic<UInt64>(0)
    private let folded = Atomic<UInt64>(0)

    private static let pause: Nanoseconds = .seconds(1)
    /// Pauses from one look at retention to the next.
    private static let pruneEvery = 60
    /// Milliseconds after its end in which a slice is still open: a reactor may be in the middle of a turn.
    private static let sliceGrace: UInt64 = 2_000
    /// Outcomes that one transaction adds to the sums, and transactions in a round: more wait for the next, so that other work is done too.
    private static let outcomesPerFold = 20_000
    private static let foldSteps = 50
    /// With thousands of routes a checkpoint takes longer, and so does the pause after it: copying takes a twentieth of one CPU at most.
    private static let checkpointShare: UInt64 = 20
    /// Steps of retention in a row, some ten milliseconds of the ledger's lock each.
    private static let pruneSteps = 50

    init(_ recorder: Recorder, ledger: Ledger, desk: OutcomeDesk, limits: GatewayLimits, logger: Logger) throws(SystemError) {
        self.recorder = recorder
        self.ledger = ledger
        self.desk = desk
        self.limits = limits
        self.logger = logger
        bell = try Mailbox()
    }

    /// Milliseconds since 1970 of the last checkpoint; nil before the first.
    var lastCheckpoint: UInt64? { value(checkpointed) }
    /// Milliseconds since 1970 up to which every outcome is in the sums; nil before the first fold.
    var lastFold: UInt64? { value(folded) }

    private func value(_ moment: borrowing Atomic<UInt64>) -> UInt64? {
        let value = moment.load(ordering: .relaxed)
        return value == 0 ? nil : value
    }

    func start() throws(SystemError) -> Thread.Handle {
        let poller = try Poller()
        _ = poller.add(bell.number, .read, token: 0)
        let box = PollerBox(poller)
        return try Thread.start("weir-keeper", niceness: 5) { [self] in
            var work = KeeperWork(logger: logger)
            var books = BooksLock(taking: ledger.folder, &work)
            let isLate = books == nil
            var round = 0
            while !stopped.load(ordering: .acquiring) {
                _ = box.poller.wait(timeout: Self.pause)
                if books == nil {
                    books = BooksLock(taking: ledger.folder, &work)
                    if isLate, books != nil { recorder.recover(into: ledger) }
                }
                keep(&work, now: MonotonicTime.wallMilliseconds(), prunes: round % Self.pruneEvery == 0, hasBooks: books != nil)
                round += 1
            }
            keep(&work, now: MonotonicTime.wallMilliseconds(), prunes: false, hasBooks: books != nil)
            work.attempt("counters stay in their files until the next start", MonotonicTime.wallMilliseconds()) { try recorder.finish(into: ledger) }
        }
    }

    /// Ends the thread after a last round.
    func stop() {
        stopped.store(true, ordering: .releasing)
        bell.post(true)
    }

    /// One round.
    ///
    /// - Parameters:
    ///   - now: our clock, in milliseconds since 1970.
    ///   - prunes: whether it looks at retention as well.
    ///   - hasBooks: whether no other worker keeps the books; else it only copies counters.
    func keep(_ work: inout KeeperWork, now: UInt64, prunes: Bool, hasBooks: Bool = true) {
        if now >= work.nextCheckpoint {
            let before = MonotonicTime.now()
            work.attempt("counters cannot be copied to the state folder", now) {
                try recorder.checkpoint()
                checkpointed.store(now, ordering: .relaxed)
            }
            work.nextCheckpoint = now + Self.checkpointShare * MonotonicTime.now().since(before) / 1_000_000
        }
        guard hasBooks else { return }
        work.attempt("outcomes cannot be added to the sums", now) {
            // Exposures first: a slice that the sums call matured must have its denominators.
            let drained = desk.drained(now: now)
            try foldExposures(now: now)
            for _ in 0..<Self.foldSteps {
                let step = try ledger.foldOutcomes(asOf: Timestamp(milliseconds: Int64(drained)), limit: Self.outcomesPerFold)
                guard step.isComplete else { continue }
                return folded.store(drained, ordering: .relaxed)
            }
        }
        work.attempt("finished counters cannot be moved to the ledger", now) { try foldFinished() }
        guard prunes else { return }
        work.attempt("retention cannot be kept", now) { try prune(now: now) }
    }

    /// Adds closed slices to the ledger, then lets reactors have their room again.
    private func foldExposures(now: UInt64) throws(LedgerError) {
        let records = recorder.cells.exposureRecords { key in
            let closed = (now - min(now, Self.sliceGrace)) / key.sliceMilliseconds
            return closed == 0 ? 0 : closed - 1
        }
        guard !records.isEmpty else { return }
        var marks: [Metrics.BlockIdentity: UInt64] = [:]
        let folds = records.compactMap { record -> ExposureFold? in
            guard let last = record.slices.last?.slice else { return nil }
            marks[Metrics.BlockIdentity(reactor: record.reactor, serial: record.head.serial)] = last
            let block = Ledgers.BlockIdentity(worker: recorder.nonce, reactor: UInt8(record.reactor), serial: record.head.serial)
            return ExposureFold(head: record.head, block: block, through: Int64(last), slices: record.slices)
        }
        try ledger.foldExposures(folds)
        recorder.cells.markFolded(marks)
    }

    /// Moves the counters of revisions that are over into the ledger.
    private func foldFinished() throws(LedgerError) {
        let finished = recorder.cells.takeFinished()
        guard !finished.isEmpty else { return }
        try ledger.foldCells(finished.flatMap(\.blocks).map { CellFold($0, worker: recorder.nonce) })
        try ledger.foldExposures(
            finished.flatMap(\.exposures).map { ExposureFold($0, worker: recorder.nonce) })
        recorder.cells.recycle(finished.map(\.id))
    }

    private func prune(now: UInt64) throws(LedgerError) {
        _ = try ledger.mergeMatured()
        let day: UInt64 = 86_400_000
        // The same outcome sent again is a duplicate only as long as the first one's row is there.
        let outcomes = Timestamp(milliseconds: Int64(now) - max(Int64(limits.outcomeDays * day), try ledger.longestWindow() + Int64(day)))
        let predictions = Timestamp(milliseconds: Int64(now) - Int64(limits.predictionDays * day))
        for _ in 0..<Self.pruneSteps where try ledger.pruneOutcomes(olderThan: outcomes) == 0 { break }
        for _ in 0..<Self.pruneSteps {
            let step = try ledger.prunePredictions(
                olderThan: predictions, maxRows: Int64(limits.predictionRows), maxBytes: Int64(limits.predictionBytes))
            if step.isDone { return }
        }
    }
}

/// One thread's memory of what went wrong, so that the log tells of each trouble once, and of its end.
struct KeeperWork {
    let logger: Logger
    /// When the counters are to be copied next, in milliseconds since 1970.
    var nextCheckpoint: UInt64 = 0
    private var troubles: [String: Trouble] = [:]

    init(logger: Logger) {
        self.logger = logger
    }

    /// Takes a step. `trouble` is what the log is told when it fails; `now` is our clock, in milliseconds since 1970.
    mutating func attempt(_ trouble: String, _ now: UInt64, _ step: () throws -> Void) {
        let now = Instant(nanoseconds: now * 1_000_000)
        do {
            try step()
            guard troubles[trouble]?.succeeded(now: now) == true else { return }
            logger.notice("no longer: \(trouble)")
        } catch {
            guard troubles[trouble, default: Trouble()].failed("\(error)", now: now) else { return }
            logger.error("\(trouble)", metadata: ["reason": "\(error)"])
        }
    }
}

extension BooksLock {
    /// Takes the lock if nobody has it; nil too when that cannot be found out, of which the log tells.
    fileprivate init?(taking folder: StateFolder, _ work: inout KeeperWork) {
        do {
            guard let lock = try BooksLock(folder) else { return nil }
            self = lock
        } catch {
            work.attempt("the books cannot be locked", MonotonicTime.wallMilliseconds()) { throw error }
            return nil
        }
    }
}
