import Ledgers
import Logging
import Primitives
import Processes
import Reactor
import RouteFiles
import Synchronization

/// Finds out which variant the worker before this one died in, keeps it out of traffic, and has it tried again in quarantine, with the rows
/// that were inside. Only when it answers those may its breaker probe it; otherwise it stays out until a person acts.
final class Inquest: Sendable {
    /// A variant that is to blame, and what a rerun needs.
    struct Case: Sendable {
        var fact: CrashFact
        /// The rows that were inside, and how many more there were.
        var rows: [KeptRows]
        var rowsLost: Int
        var candidate: Candidate?
    }

    private let cases: [Case]
    private let ledger: Ledger
    private let logger: Logger

    /// What the ledger says of a variant that waits for its rerun.
    static let pending = "a worker died in it; the rerun in quarantine is to come"
    /// What it says when that never came about: the rows that were inside are gone.
    static let cutShort = "a worker died in it; the rerun in quarantine was cut short, so nobody knows whether it would happen again"

    /// What became of the variants that the worker before died in: as they are known so far.
    var facts: [CrashFact] { cases.map(\.fact) }

    /// Looks at what the dead worker left, and puts aside who is to blame.
    ///
    /// - Parameters:
    ///   - ledger: a connection for the caller's thread, and later for the rerun's.
    ///   - reading: the route files, for the names of those who are to blame.
    /// - Throws: the faults of the ledger: a variant that cannot be put aside would be served.
    init(_ inheritance: WorkerInheritance, reading: RouteReading, ledger: Ledger, logger: Logger) throws {
        self.ledger = ledger
        self.logger = logger
        var cases: [Case] = []
        let slots = inheritance.takeDeadSlots()
        if let death = inheritance.brief.history.death, let found = slots?.reading() {
            let guilty = Self.guilty(found, ledger.folder, logger)
            cases = guilty.flatMap { Self.cases(of: $0, found, death, reading) }
            // Suspects are noted once a death, whatever comes of this start.
            if found.signal == nil { Self.erase(slots, logger) }
        }
        for old in try ledger.held() where old.verdict == Self.pending && !cases.contains(where: { $0.fact.isAbout(old) }) {
            _ = try ledger.hold(
                route: old.route, variant: old.variant, sha256: old.sha256, signal: old.signal, verdict: Self.cutShort, now: .now)
        }
        for entry in cases {
            let fact = entry.fact
            _ = try ledger.hold(
                route: fact.route, variant: fact.variant, sha256: fact.sha256, signal: fact.signal, verdict: Self.pending, now: .now)
            logger.error(
                "a worker died in a variant, which is put aside",
                metadata: [
                    "route": "\(fact.route)", "variant": "\(fact.variant)", "signal": "\(SignalName.text(fact.signal))",
                    "rows": "\(entry.rows.reduce(0) { $0 + $1.slots.count / max(1, $1.width) })",
                ])
        }
        // Not before it is written down: if that fails, the next worker has to find it.
        Self.erase(slots, logger)
        self.cases = cases
    }

    private static func erase(_ slots: ThreadSlots?, _ logger: Logger) {
        do { try slots?.erase() } catch { logger.error("rows of a dead worker stay in memory", metadata: ["reason": "\(error)"]) }
    }

    // MARK: - Who is to blame

    private static func guilty(_ found: CrashReading, _ folder: StateFolder, _ logger: Logger) -> Set<Suspect> {
        switch Blame(found) {
        case .named(let suspect): return [suspect]
        case .ours:
            logger.error("a worker crashed outside of all models", metadata: ["signal": "\(SignalName.text(found.signal ?? 0))"])
            return []
        case .unknown(let suspects):
            var list = SuspectList((try? FileBytes(folder.suspectsPath).withBytes { String(decoding: $0, as: UTF8.self) }) ?? "")
            let guilty = list.note(suspects)
            do { try folder.write(list.text, to: folder.suspectsPath) } catch {
                logger.error("suspects of this death are not remembered", metadata: ["reason": "\(error)"])
            }
            logger.warning(
                "a worker was ended without a word about why", metadata: ["inside": "\(suspects.count)", "put_aside": "\(guilty.count)"])
            return guilty
        }
    }

    /// Whoever the files know by those hashes, and with that model.
    private static func cases(of suspect: Suspect, _ found: CrashReading, _ death: WorkerDeath, _ reading: RouteReading) -> [Case] {
        let inside = found.occupants.filter { Suspect($0) == suspect }
        let rows = inside.flatMap(\.rows)
        let lost = inside.reduce(0) { $0 + $1.rowsLost }
        return reading.routes.filter { NameHash(of: $0.file.name).value == suspect.route }.flatMap { route in
            // A shadow that was live is among them.
            route.models.filter { NameHash(of: $0.name).value == suspect.variant && $0.candidate.model == suspect.model }.map { model in
                let fact = CrashFact(
                    route: route.file.name, variant: model.name, sha256: model.candidate.sha256, signal: found.signal ?? death.signal ?? 0,
                    at: death.at, verdict: .pending)
                return Case(fact: fact, rows: rows, rowsLost: lost, candidate: model.candidate)
            }
        }
    }

    // MARK: - Trying again

    /// Tries each again, on a thread of its own, and writes down what was found. The ledger belongs to that thread from now on.
    ///
    /// - Parameter tell: given all facts whenever one has changed; called on that thread.
    /// - Returns: nil when nobody is to be tried.
    func start(_ quarantine: Quarantine, tell: @escaping @Sendable ([CrashFact]) -> Void) throws(SystemError) -> Thread.Handle? {
        guard !cases.isEmpty else { return nil }
        return try Thread.start("weir-inquest", niceness: 5) { [self] in
            var facts = facts
            for (index, entry) in cases.enumerated() {
                guard let verdict = practised(entry.fact) ?? Self.verdict(on: entry, quarantine) else { continue }
                facts[index].verdict = verdict
                write(facts[index])
                tell(facts)
            }
        }
    }

    /// A crash that is practised does not happen in quarantine: the variant stays out, or its first probe would meet the same fault again.
    private func practised(_ fact: CrashFact) -> CrashFact.Verdict? {
        guard let faults = try? ledger.faults(route: fact.route, now: .now),
            faults.contains(where: { $0.variant == fact.variant && $0.kind == .crash })
        else { return nil }
        return .failed("a crash is practised on it; release it when that has ended")
    }

    /// What a rerun found; nil when it did not come about.
    private static func verdict(on entry: Case, _ quarantine: Quarantine) -> CrashFact.Verdict? {
        guard let candidate = entry.candidate else { return .failed("the route files no longer name it") }
        switch quarantine.rerun(candidate, suspects: entry.rows) {
        case .passed where entry.rowsLost > 0: return .failed("it passed, but \(entry.rowsLost) rows that were inside had no room to be kept")
        case .passed: return .passed
        case .refused(.untried): return nil
        case .refused(let refusal): return .failed(refusal.sentence(about: candidate.path))
        }
    }

    private func write(_ fact: CrashFact) {
        let about: Logger.Metadata = ["route": "\(fact.route)", "variant": "\(fact.variant)"]
        do throws(LedgerError) {
            switch fact.verdict {
            case .pending: return
            case .passed:
                _ = try ledger.release(
                    route: fact.route, variant: fact.variant, sha256: fact.sha256, author: HeldVariant.finder,
                    reason: "answered in quarantine what it had died of", now: .now)
                logger.notice("a variant passed its rerun in quarantine: its breaker may probe it", metadata: about)
            case .failed(let reason):
                let verdict = Self.cut("failed its rerun in quarantine: \(reason)")
                _ = try ledger.hold(
                    route: fact.route, variant: fact.variant, sha256: fact.sha256, signal: fact.signal, verdict: verdict, now: .now)
                logger.error(
                    "a variant failed its rerun in quarantine: it stays out until a person releases it",
                    metadata: about.merging(["reason": "\(reason)"]) { $1 })
            }
        } catch {
            logger.error("what a rerun found cannot be written down", metadata: about.merging(["reason": "\(error)"]) { $1 })
        }
    }

    /// What the ledger takes of a sentence: not too much, and no blank at its end.
    static func cut(_ sentence: String) -> String {
        var cut = sentence.prefix(verdictCharacters)
        while cut.last?.isWhitespace == true { cut.removeLast() }
        return String(cut)
    }

    /// Characters of a verdict that the ledger surely takes.
    private static let verdictCharacters = 200
}

extension CrashFact {
    fileprivate func isAbout(_ held: HeldVariant) -> Bool {
        (route, variant, sha256) == (held.route, held.variant, held.sha256)
    }
}
