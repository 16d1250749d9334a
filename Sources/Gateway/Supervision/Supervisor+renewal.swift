import Glibc
import Ledgers
import Logging
import Primitives
import Processes
import Reactor

// New code without an outage. SIGUSR2 asks the program's file whether it would take over; if so, this process becomes that program, with the
// same id, sockets, lock, keys and workers. The new program starts a worker of its own, and has the old one leave when that is ready.

extension Supervisor {
    /// Starts the program's file as it is now, only to be asked.
    func askCandidate() {
        guard candidate == nil, worker(.incoming) == nil, worker(.current)?.isReady == true, !isStopping else {
            return logger.warning("not the time for new code", metadata: ["reason": "the last change, a start or the end is under way"])
        }
        var environment = program.environment
        environment[Handover.variable] = Handover.question
        do {
            let child = try Child.spawn(executable: program.path, arguments: ["serve"] + program.arguments, environment: environment)
            candidate = (child, MonotonicTime.now().advanced(by: SupervisionLimits.questionPatience))
            _ = poller.add(child.pidfd, .read, token: Self.candidateToken)
        } catch {
            refuseCandidate("\(error)")
        }
    }

    /// The program that was asked has ended: 0 means yes.
    func judgeCandidate() {
        guard let child = candidate?.child, let end = try? child.poll() else { return }
        poller.remove(child.pidfd)
        candidate = nil
        guard end == .exited(0) else { return refuseCandidate("asked whether it would take over, \(program.path) ended with \(end)") }
        guard !isStopping, worker(.current)?.isReady == true else { return refuseCandidate("the server is about to end, or to begin") }
        become()
    }

    private func refuseCandidate(_ reason: String) {
        logger.error("the new code is not taken; the old goes on", metadata: ["reason": "\(reason)"])
    }

    /// Becomes the new program. Comes back only when that fails.
    private func become() {
        let handover = Handover(
            data: data.number, control: control.number, lock: lock.number, reactors: reactors, tickets: tickets, history: history,
            streak: pace.streak,
            workers: workers.values.map {
                Handover.Worker(
                    pid: $0.child.pid, status: $0.statusNumber, slots: $0.slots.number, born: $0.born.nanoseconds, isLeaving: $0.role == .leaving)
            })
        let ends: (reading: Int32, writing: Int32)
        do { ends = try Pipe.open() } catch { return refuseCandidate("\(error)") }
        let reading = Descriptor(owning: ends.reading)
        let writing = Descriptor(owning: ends.writing)
        Pipe.send(handover.text, to: writing.number)
        logger.notice("becoming the new code", metadata: ["program": "\(program.path)"])
        log.flush()
        let kept = handover.descriptors + [reading.number]
        for number in kept { Pipe.closeOnExec(number, false) }
        var environment = program.environment
        environment[Handover.variable] = "\(reading.number)"
        let error = ProcessImage.replace(by: program.path, arguments: [program.path, "serve"] + program.arguments, environment: environment)
        for number in kept { Pipe.closeOnExec(number) }
        refuseCandidate("\(error)")
    }

    /// Takes over the workers of the program that this one follows.
    func adopt(_ handover: Handover) throws {
        for number in handover.descriptors { Pipe.closeOnExec(number) }
        for entry in handover.workers {
            let worker = WorkerProcess(
                try Child(adopting: entry.pid), status: Descriptor(owning: entry.status), slots: try ThreadSlots(adopting: entry.slots),
                born: Instant(nanoseconds: entry.born), role: entry.isLeaving ? .leaving : .current, isReady: true)
            if entry.isLeaving { worker.patienceEnds = MonotonicTime.now().advanced(by: configuration.limits.drain + SupervisionLimits.drainGrace) }
            watch(worker)
        }
    }

    /// The new worker is ready: it answers from now on, and the old one finishes what it has.
    func takeOver(_ worker: WorkerProcess) {
        history.noteUpgrade()
        if let old = self.worker(.current) {
            old.role = .leaving
            end(old, by: SIGUSR2)
        }
        worker.role = .current
        worker.patienceEnds = nil
    }
}

/// How this program was started, so that it can be started again.
package struct Program: Sendable {
    /// Its file as it was called: what SIGUSR2 puts in its place.
    package var path: String
    /// The arguments after the verb.
    package var arguments: [String]
    /// The environment, without what one program of this process leaves to the next.
    package private(set) var environment: [String: String]
    private let left: String?

    package init(path: String, arguments: [String], environment: [String: String]) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        left = self.environment.removeValue(forKey: Handover.variable)
    }

    /// Whether it is only asked if it would take over: it has read its flags by now, which is the answer.
    package var isOnlyAsked: Bool { left?.hasPrefix("understood") == true }

    /// Why it would not take over; nil when it would.
    package var objection: String? {
        left == Handover.question ? nil : "this program does not know what the running one would leave to it; stop that one and start this one"
    }

    /// What the program before this one left; nil when there was none.
    func handover() throws -> Handover? {
        guard let left else { return nil }
        guard let number = Int32(left) else { throw ServerError.failed("\(Handover.variable) is set by weir itself; unset it") }
        let descriptor = Descriptor(owning: number)
        guard let handover = Handover(String(decoding: Pipe.take(from: descriptor.number).bytes, as: UTF8.self)) else {
            throw ServerError.failed("\(Handover.variable) is set by weir itself; unset it")
        }
        return handover
    }
}
