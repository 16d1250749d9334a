import Glibc
import Ledgers
import Logging
import Primitives
import Processes
import Reactor

// Starting workers, hearing from them, and what follows when one ends.

extension Supervisor {
    /// Starts the first worker; or new code beside the worker that was taken over.
    func begin() throws {
        guard worker(.current) != nil else { return try start(.current) }
        do { try start(.incoming) } catch { logger.error("the new code does not start; the old goes on", metadata: ["reason": "\(error)"]) }
    }

    /// Starts a worker. It is this program again, with the same flags and another verb.
    func start(_ role: WorkerProcess.Role) throws {
        let slots = try ThreadSlots.make(threads: CrewQuarters.slots(reactors: reactors))
        let status = try Pipe.open()
        let statusEnd = Descriptor(owning: status.reading)
        let given = Descriptor(owning: status.writing)
        let brief = try Pipe.open()
        let briefEnd = Descriptor(owning: brief.reading)
        var told = history
        if role == .incoming { told.noteUpgrade() }
        Pipe.send(
            WorkerBrief(supervisor: getpid(), reactors: reactors, isBesideAnother: role == .incoming, tickets: tickets, history: told).text, to: brief.writing)
        _ = Descriptor(owning: brief.writing)
        var passing: [(descriptor: WorkerDescriptor, from: Int32)] = [
            (.data, data.number), (.control, control.number), (.lock, lock.number), (.status, given.number), (.brief, briefEnd.number),
            (.slots, slots.number),
        ]
        if role == .current, let deadSlots { passing.append((.deadSlots, deadSlots.number)) }
        let child = try Child.spawn(
            executable: ProcessImage.running(foundAt: configuration.executable), arguments: ["worker"] + program.arguments,
            environment: program.environment, passing: passing.map { ($0.from, $0.descriptor.rawValue) }, blocked: Signals.blocked)
        let worker = WorkerProcess(child, status: statusEnd, slots: slots, born: MonotonicTime.now(), role: role)
        if role == .current { worker.evidence = deadSlots }
        if role == .incoming { worker.patienceEnds = worker.born.advanced(by: SupervisionLimits.renewalPatience) }
        watch(worker)
    }

    /// Follows a worker's words and its end.
    func watch(_ worker: WorkerProcess) {
        let number = takeNumber()
        workers[number] = worker
        _ = poller.add(worker.child.pidfd, .read, token: 2 * number)
        _ = poller.add(worker.statusNumber, .read, token: 2 * number + 1)
    }

    /// Starts a worker in place of one that died; when that fails, it is tried again later.
    func replace() {
        do {
            try start(.current)
        } catch {
            let pause = pace.pause(afterLifeOf: 0)
            restartAt = MonotonicTime.now().advanced(by: max(pause, RestartPace.firstPause))
            logger.error("a worker cannot be started", metadata: ["reason": "\(error)", "again_ms": "\(pause / 1_000_000)"])
        }
    }

    // MARK: - What a worker says

    /// Returns the number of routes when it became ready.
    func listen(to worker: WorkerProcess) -> Int? {
        let (reports, isOver) = worker.reports()
        if isOver { poller.remove(worker.statusNumber) }
        var routes: Int?
        for report in reports {
            switch report {
            case .ready(let count):
                routes = count
                welcome(worker)
            case .draining:
                // It has taken what waited; who comes later is refused instead of left waiting.
                if isStopping { data.refuse() }
            }
        }
        return routes
    }

    private func welcome(_ worker: WorkerProcess) {
        let milliseconds = MonotonicTime.now().since(worker.born) / 1_000_000
        switch worker.role {
        case .current:
            // One that was started for new code has not been told of a death since.
            if worker.evidence === deadSlots { deadSlots = nil }
            worker.evidence = nil
            guard hasServed else { return }
            logger.notice("worker ready", metadata: ["pid": "\(worker.child.pid)", "after_ms": "\(milliseconds)"])
        case .incoming:
            takeOver(worker)
            logger.notice("the new code answers", metadata: ["pid": "\(worker.child.pid)", "after_ms": "\(milliseconds)"])
        case .leaving: break
        }
    }

    // MARK: - How a worker ends

    /// Takes note of an end, and does what follows.
    func bury(_ worker: WorkerProcess, number: UInt64) {
        guard let end = try? worker.child.poll() else { return }
        poller.remove(worker.child.pidfd)
        poller.remove(worker.statusNumber)
        workers[number] = nil
        switch worker.role {
        case .current:
            if isStopping || !hasServed { conclude(end) } else { mourn(worker, end) }
        case .incoming:
            if isStopping { return }
            logger.error("the new code does not become ready; the old goes on", metadata: ["pid": "\(worker.child.pid)", "end": "\(end)"])
        case .leaving:
            guard end != .exited(0) else { return }
            logger.error("a worker died while it drained", metadata: ["pid": "\(worker.child.pid)", "end": "\(end)"])
        }
    }

    /// A worker died that was not asked to: the next one begins at once, or after a pause.
    private func mourn(_ worker: WorkerProcess, _ end: ChildEnd) {
        let now = MonotonicTime.now()
        let death: WorkerDeath =
            switch end {
            case .exited(let code): WorkerDeath(signal: nil, code: code, at: MonotonicTime.wallMilliseconds())
            case .signalled(let signal): WorkerDeath(signal: signal, code: 0, at: MonotonicTime.wallMilliseconds())
            }
        history.note(death)
        deadSlots = Self.evidence(worker.slots, orOlder: deadSlots)
        var facts: Logger.Metadata = ["pid": "\(worker.child.pid)", "end": "\(end)", "alive_ms": "\(now.since(worker.born) / 1_000_000)"]
        if let next = self.worker(.incoming) {
            // What was to take over takes over now, ready or not.
            next.role = .current
            next.patienceEnds = nil
            logger.error("worker died", metadata: facts)
            return
        }
        let pause = pace.pause(afterLifeOf: now.since(worker.born))
        facts["again_ms"] = "\(pause / 1_000_000)"
        logger.error("worker died", metadata: facts)
        if pause == 0 { replace() } else { restartAt = now.advanced(by: pause) }
    }

    /// What the next worker looks at: the newest slots, unless older ones that nobody has looked at name a crash, and these none. A worker that is
    /// killed while it starts must not take along what it was to find out.
    private static func evidence(_ new: ThreadSlots, orOlder old: ThreadSlots?) -> ThreadSlots {
        guard let old, old.reading().signal != nil, new.reading().signal == nil else { return new }
        return old
    }

    /// The end of the only worker is the end of all: it was asked to leave, or never came to serve.
    private func conclude(_ end: ChildEnd) {
        switch end {
        case .exited(let code): lastWords = Ending(code: code, reason: nil)
        case .signalled(let signal):
            let name = SignalName.text(signal)
            lastWords = Ending(code: 1, reason: hasServed ? "the worker was ended by \(name) while it drained" : "the worker was ended by \(name) before it was ready")
        }
    }

    /// How the server ends; nil while it goes on.
    func ending() -> Ending? {
        guard workers.isEmpty else { return nil }
        if isStopping { return lastWords ?? Ending(code: 0, reason: nil) }
        return hasServed ? nil : lastWords
    }
}
