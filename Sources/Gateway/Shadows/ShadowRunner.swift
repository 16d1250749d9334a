import Breakers
import Logging
import Metrics
import Primitives
import Processes
import Reactor
import Shadowing

/// One shadow: what waits for it, its process, its breaker, and the call under way. Every copy that it is given ends in exactly one count, as
/// compared or as dropped. Belongs to the thread that compares.
final class ShadowRunner {
    /// What its process is doing.
    enum Phase {
        /// None runs; one is started when the time has come.
        case down(until: Instant)
        /// It opens the model.
        case starting(any ShadowHost, since: Instant)
        case idle(any ShadowHost)
        case calling(any ShadowHost, ShadowCall)
    }

    let model: ShadowModel
    let breaker: VariantBreaker
    private(set) var phase: Phase
    private(set) var restarts: UInt64 = 0
    var findings = ShadowFindings()
    private var queue = CopyQueue<ShadowCopy>(rowsAtMost: ShadowLimits.queuedRows, bytesAtMost: ShadowLimits.queuedBytes)
    /// Its entry in the newest plan, and its number there.
    private var entry: ShadowSet.Shadow
    private let hosting: any ShadowHosting
    private let logger: Logger
    private var pace = RestartPace()
    private var born: Instant
    private var told: UInt64 = 0
    private var lastLook: (pid: Int32, at: Instant, waited: Nanoseconds) = (0, Instant(nanoseconds: 0), 0)

    init(_ entry: ShadowSet.Shadow, hosting: any ShadowHosting, seed: UInt64, logger: Logger, now: Instant) {
        self.entry = entry
        self.hosting = hosting
        model = entry.model
        breaker = VariantBreaker(policy: entry.policy, reactors: 1, seed: seed, now: now)
        phase = .down(until: now)
        born = now
        var logger = logger
        logger[metadataKey: "route"] = "\(entry.model.route)"
        logger[metadataKey: "shadow"] = "\(entry.model.name)"
        self.logger = logger
    }

    /// Takes up what a newer plan says of it.
    func follow(_ entry: ShadowSet.Shadow, now: Instant) {
        self.entry = entry
        breaker.set(policy: entry.policy, now: now)
    }

    /// Copies that wait, those of the call under way included.
    var waiting: Int {
        if case .calling(_, let call) = phase { return queue.count + call.copies.count }
        return queue.count
    }

    var pid: Int32? { host?.pid }

    /// Its process.
    private var host: (any ShadowHost)? {
        switch phase {
        case .down: nil
        case .starting(let host, _), .idle(let host), .calling(let host, _): host
        }
    }

    /// Takes a copy. Returns why not.
    func take(_ copy: ShadowCopy, now: Instant) -> ShadowDrop? {
        queue.push(copy, bytes: copy.bytes, now: now) ? nil : .queueFull
    }

    // MARK: - Turns

    /// Does what can be done without waiting. Rows that come out of it are compared by `judge`.
    func turn(now: Instant, wall: UInt64, judge: ShadowJudge) {
        if now.nanoseconds > ShadowLimits.wait {
            for copy in queue.expire(before: Instant(nanoseconds: now.nanoseconds - ShadowLimits.wait)) { drop(copy, .expired) }
        }
        host?.hear()
        switch phase {
        case .down(let until): if now >= until { start(now) }
        case .starting(let host, let since): watchStart(host, since, now, wall)
        case .idle(let host): if let end = host.end() { mourn(end, now) } else { beginCall(host, now, wall) }
        case .calling(let host, let call): watch(host, call, now, wall, judge)
        }
        tell()
    }

    /// Whether it has something to do that will not wait: another call at once.
    var isBusy: Bool {
        switch phase {
        case .down: false
        case .starting, .calling: true
        case .idle: !queue.isEmpty
        }
    }

    /// Ends it: what waits is dropped, the process is ended.
    func stop() {
        if case .calling(_, let call) = phase { for copy in call.copies { drop(copy, .shutdown) } }
        for copy in queue.drain() { drop(copy, .shutdown) }
        host?.kill()
        phase = .down(until: Instant(nanoseconds: .max))
    }

    // MARK: - The process

    private func start(_ now: Instant) {
        born = now
        do {
            phase = .starting(try hosting.start(model), since: now)
        } catch {
            rest("it cannot be started: \(error)", now)
        }
    }

    private func watchStart(_ host: any ShadowHost, _ since: Instant, _ now: Instant, _ wall: UInt64) {
        switch host.standing {
        case .ready:
            logger.notice("a shadow is ready", metadata: ["pid": "\(host.pid)", "after_ms": "\(now.since(since) / 1_000_000)"])
            phase = .idle(host)
            beginCall(host, now, wall)
        case .refused:
            let reason = host.reason
            host.kill()
            rest("its model is refused: \(reason)", now)
        case .starting:
            if let end = host.end() { return mourn(end, now) }
            guard now.since(since) > ShadowLimits.start,
                CallPatience(limit: ShadowLimits.start).isOver(elapsed: now.since(since), waited: host.waited())
            else { return }
            host.kill()
            rest("its model is not open after \(ShadowLimits.start / 1_000_000_000) s", now)
        }
    }

    /// The process ended by itself.
    private func mourn(_ end: ChildEnd, _ now: Instant) {
        if case .calling(_, let call) = phase { lose(call, .shadowCrash, .failed, now) }
        rest("its process ended: \(end)", now)
    }

    /// Waits before the next start: longer each time, unless it had lived for a while.
    private func rest(_ reason: String, _ now: Instant) {
        restarts += 1
        let pause = max(pace.pause(afterLifeOf: now.since(born)), ShadowLimits.pause.lowerBound)
        logger.warning("a shadow is down", metadata: ["reason": "\(reason)", "again_ms": "\(pause / 1_000_000)"])
        phase = .down(until: now.advanced(by: pause))
    }

    // MARK: - Calls

    /// Sends what waits, as far as the breaker lets it.
    private func beginCall(_ host: any ShadowHost, _ now: Instant, _ wall: UInt64) {
        var call = ShadowCall(began: now, waitedBefore: 0)
        while let copy = queue.next, call.hasRoom(for: copy) {
            _ = queue.pop()
            admit(copy, to: &call, now, wall)
            if call.lease != nil { break }
        }
        guard !call.copies.isEmpty else { return }
        call.waitedBefore = waited(host, now)
        call.write(to: host.slate)
        host.begin(ShadowSlate.Order(rows: call.copies.count, delay: call.delay, crashes: call.crashes))
        phase = .calling(host, call)
    }

    /// How long the process has waited for a CPU so far, as of a moment ago: asking costs some microseconds.
    private func waited(_ host: any ShadowHost, _ now: Instant) -> Nanoseconds {
        if now.since(lastLook.at) > ShadowLimits.lookPause || lastLook.pid != host.pid { lastLook = (host.pid, now, host.waited()) }
        return lastLook.waited
    }

    /// Puts a copy into the call, or counts what stands in its way: the breaker, what is practised, its size.
    private func admit(_ copy: ShadowCopy, to call: inout ShadowCall, _ now: Instant, _ wall: UInt64) {
        var lease: BreakerLease?
        if !breaker.gate.isClear {
            switch breaker.gate.ask(now: now, draw: UInt32(truncatingIfNeeded: copy.note.unit >> 32)) {
            case .serve: break
            case .probe(let given):
                // A probe goes alone.
                lease = given
            case .elsewhere, .held: return drop(copy, .shadowBreaker)
            }
        }
        let practice = entry.practice(on: copy, wall: wall)
        guard practice.kind != .abort else { return fail(copy, .shadowFailed, .faulted, began: now, lease: lease, now) }
        guard call.take(copy, practice) else { return fail(copy, .shadowFailed, nil, began: now, lease: lease, now) }
        call.lease = lease
    }

    private func watch(_ host: any ShadowHost, _ call: ShadowCall, _ now: Instant, _ wall: UInt64, _ judge: ShadowJudge) {
        if let time = host.slate.answer {
            phase = .idle(host)
            finish(call, host.slate, time: time, now, judge)
            return beginCall(host, now, wall)
        }
        if let end = host.end() { return mourn(end, now) }
        let elapsed = now.since(call.began)
        let patience = entry.model.patience
        guard elapsed > patience, case let waited = host.waited(),
            CallPatience(limit: patience).isOver(elapsed: elapsed, waited: waited &- min(waited, call.waitedBefore))
        else { return }
        host.kill()
        lose(call, .shadowFailed, .late, now)
        rest("a call took longer than \(patience / 1_000_000) ms", now)
    }

    /// Counts what a call came to, row by row.
    private func finish(_ call: ShadowCall, _ slate: ShadowSlate, time: Nanoseconds, _ now: Instant, _ judge: ShadowJudge) {
        let share = max(1, time / UInt64(call.copies.count))
        for (row, copy) in call.copies.enumerated() {
            guard let answer = call.answer(row, slate, of: model) else {
                fail(copy, .shadowFailed, .failed, began: call.began, lease: call.lease, now)
                continue
            }
            report(answer.isFinite ? .ok : .invalid, copy, began: call.began, lease: call.lease, now)
            judge.judge(copy, answer, time: share, entry: entry(of: copy), into: &findings)
        }
    }

    // MARK: - Counting

    private func fail(_ copy: ShadowCopy, _ reason: ShadowDrop, _ result: CallResult?, began: Instant, lease: BreakerLease?, _ now: Instant) {
        drop(copy, reason)
        if let result { report(result, copy, began: began, lease: lease, now) } else if let lease { breaker.gate.giveBack(lease) }
    }

    /// A call came to nothing: one failure, however many rows it was for, and nobody's: which of them was to blame is not known.
    private func lose(_ call: ShadowCall, _ reason: ShadowDrop, _ result: CallResult, _ now: Instant) {
        for copy in call.copies { drop(copy, reason) }
        breaker.gate.report(
            reactor: 0, result, rows: 1, identity: call.began.nanoseconds, lease: call.lease, began: call.began, now: now)
    }

    private func report(_ result: CallResult, _ copy: ShadowCopy, began: Instant, lease: BreakerLease?, _ now: Instant) {
        breaker.gate.report(reactor: 0, result, rows: 1, identity: copy.note.unit, lease: lease, began: began, now: now)
    }

    private func drop(_ copy: ShadowCopy, _ reason: ShadowDrop) {
        entry(of: copy)?.cells[copy.variant].pairs.dropped(reason)
    }

    /// Its entry in the plan that the copy was made under.
    private func entry(of copy: ShadowCopy) -> ShadowSet.Shadow? {
        copy.set.shadows.first { $0.model.identity == model.identity }
    }

    /// Tells the log how the breaker moved.
    private func tell() {
        guard breaker.transitionCount > told else { return }
        for transition in breaker.transitions(after: told) {
            told = transition.number
            logger.notice(
                "a shadow's breaker is \(transition.to)",
                metadata: ["event.action": "breaker", "from": "\(transition.from)", "to": "\(transition.to)", "reason": "\(transition.reason.label)"])
        }
    }
}

extension ShadowSet.Shadow {
    /// What is practised on a copy: on the same units each time, others at each shadow.
    fileprivate func practice(on copy: ShadowCopy, wall: UInt64) -> Practice {
        guard !faults.isEmpty else { return .none }
        var draw = SplitMix(seed: copy.note.unit ^ UInt64(NameHash(of: model.name).value))
        let place = draw.next() &>> 32
        return faults.first { place < $0.share && wall < $0.ends }?.practice ?? .none
    }
}
