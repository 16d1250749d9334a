import Ledgers
import Logging
import Metrics
import Primitives
import Shadowing
import TLS

/// What the thread that compares has in hand: the plans' sets, and a runner for each shadow of the newest plan.
struct ShadowWork {
    private let rings: [CopyRing]
    private let hosting: any ShadowHosting
    private let judge: ShadowJudge
    private let logger: Logger
    /// Sets of plans that a copy may still come from.
    private var sets: [UInt32: Known] = [:]
    /// The newest set of each route.
    private var newest: [String: ShadowSet] = [:]
    private var runners: [ShadowModel.Identity: ShadowRunner] = [:]
    private var nextRest = Instant(nanoseconds: 0)

    private struct Known {
        let set: ShadowSet
        weak var lease: ShadowLease?
    }

    /// Pause between two rounds of what need not be done at once.
    private static let restPause: Nanoseconds = .seconds(1)

    init(rings: [CopyRing], hosting: any ShadowHosting, judge: ShadowJudge, logger: Logger) {
        self.rings = rings
        self.hosting = hosting
        self.judge = judge
        self.logger = logger
    }

    /// Whether anything may come without an order.
    var isNeeded: Bool { !sets.isEmpty || !runners.isEmpty }

    /// Takes up the shadows of a plan. Those that it does not name any more are ended.
    mutating func follow(_ leases: [ShadowLease], now: Instant) {
        newest = Dictionary(leases.map { ($0.set.route, $0.set) }) { $1 }
        for lease in leases { sets[lease.set.number] = Known(set: lease.set, lease: lease) }
        let wanted = Dictionary(leases.flatMap(\.set.shadows).map { ($0.model.identity, $0) }) { $1 }
        for (identity, runner) in runners where wanted[identity] == nil {
            part(with: runner)
            runners[identity] = nil
        }
        for (identity, entry) in wanted {
            if let runner = runners[identity] {
                runner.follow(entry, now: now)
            } else {
                runners[identity] = ShadowRunner(entry, hosting: hosting, seed: SecureRandom.word(), logger: logger, now: now)
            }
        }
    }

    /// One round. Returns whether there is more to do soon.
    mutating func turn(now: Instant, wall: UInt64) -> Bool {
        // Looked at before the rings are: what a freed plan's reactors had written is in them by now.
        let over = sets.filter { $0.value.lease == nil }.keys
        let drained = drain(now: now)
        var isBusy = drained.hasCome
        if drained.isEmpty { for number in over { sets[number] = nil } }
        for runner in runners.values {
            runner.turn(now: now, wall: wall, judge: judge)
            if runner.isBusy { isBusy = true }
        }
        if now >= nextRest {
            nextRest = now.advanced(by: Self.restPause)
            rest(now: now, wall: wall)
        }
        return isBusy
    }

    /// Ends everything: what is not compared by now is dropped.
    mutating func stop() {
        for runner in runners.values { part(with: runner) }
        runners = [:]
        _ = drain(now: Instant(nanoseconds: 0))
        hosting.awaitEnds()
    }

    /// Ends a runner; what it has found is kept.
    private func part(with runner: ShadowRunner) {
        runner.stop()
        runner.findings.pairs.close()
        judge.hand(runner.findings.examples.take())
    }

    /// Where the shadows stand, by route and name.
    var standings: [ServedShadow] {
        runners.values.map(\.standing).sorted { ($0.route, $0.name) < ($1.route, $1.name) }
    }

    // MARK: - Copies

    /// Hands out what is in the rings. Returns whether there was anything, and whether nothing is left.
    ///
    /// A plan may have been published, and copied under, since orders were taken: its copies, and what is behind them, wait for the next round. So
    /// does what a reactor writes faster than it is read.
    private func drain(now: Instant) -> (hasCome: Bool, isEmpty: Bool) {
        var (hasCome, isEmpty) = (false, true)
        for ring in rings {
            var left = ShadowLimits.queuedRows
            while let record = ring.ring.first() {
                let head = record.loadUnaligned(as: CopyNote.self)
                guard left > 0, let set = sets[head.set]?.set else {
                    isEmpty = false
                    break
                }
                left -= 1
                hasCome = true
                hand(out: ShadowCopy(record, head: head, set: set), mask: head.mask, now: now)
                ring.ring.removeFirst()
            }
        }
        return (hasCome, isEmpty)
    }

    private func hand(out copy: ShadowCopy, mask: UInt32, now: Instant) {
        for (index, shadow) in copy.set.shadows.enumerated() where mask & (1 << UInt32(index)) != 0 {
            let reason = runners[shadow.model.identity].map { $0.take(copy, now: now) } ?? .shutdown
            if let reason { shadow.cells[copy.variant].pairs.dropped(reason) }
        }
    }

    // MARK: - Outcomes

    /// Counts label outcomes for the shadows that got copies of their predictions.
    func take(_ truths: [ShadowTruth], now: Instant) {
        for truth in truths {
            guard let set = newest[truth.route], set.truth?.name == truth.name else { continue }
            let id = truth.id
            let key = PairKey(nonce: id.nonce, reactor: id.reactor, sequence: id.sequence)
            for shadow in set.shadows {
                runners[shadow.model.identity]?.findings.pairs.take(
                    ShadowPairs.Truth(
                        key: key, label: truth.truth, cells: set.cells(of: shadow, expecting: truth), isReplacement: truth.isReplacement,
                        arrived: now))
            }
        }
    }

    /// What is done once a second: pairs are forgotten, examples go to be stored.
    private func rest(now: Instant, wall: UInt64) {
        let thresholds = judge.thresholds
        for (identity, runner) in runners {
            let window = (min(newest[identity.route]?.truth?.window ?? 0, ShadowLimits.pairTime) + ShadowLimits.pairGrace) / 1_000_000
            runner.findings.pairs.forget(now: now, pairsBefore: wall - min(wall, window))
            runner.findings.examples.threshold = thresholds[ShadowJudge.Place(identity)]
            guard !runner.findings.examples.isEmpty else { continue }
            judge.hand(runner.findings.examples.take())
        }
    }
}

extension ShadowSet {
    /// Where an outcome counts whose pair does not come, when the shadow gets a copy of such a prediction.
    fileprivate func cells(of shadow: Shadow, expecting truth: ShadowTruth) -> ShadowCells? {
        guard let variant = variants.firstIndex(where: { $0.shape.variant == truth.assigned }), shadow.follows & (1 << UInt32(variant)) != 0 else { return nil }
        let draw = PredictionDraw.draw(nonce: truth.id.nonce, reactor: Int(truth.id.reactor), sequence: truth.id.sequence)
        return draw < shadow.share ? shadow.cells[variant] : nil
    }
}

extension ShadowRunner {
    fileprivate var standing: ServedShadow {
        let process =
            switch phase {
            case .down: "down"
            case .starting: "starting"
            case .idle, .calling: "running"
            }
        return ServedShadow(
            route: model.route, name: model.name, sha256: model.candidate.sha256, process: process, pid: pid, waiting: waiting, restarts: restarts,
            breaker: breaker)
    }
}
