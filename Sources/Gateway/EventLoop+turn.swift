import HTTPWire
import Metrics
import Primitives
import Reactor
import TLS

// One turn of a reactor: wait, read, decode, infer, answer, send.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Turns until told to drain and nothing is left, or the drain's deadline has passed.
    func run() {
        while !hasDrained { turn() }
        for slot in 0..<pointee.wheel.capacity { pointee.table[slot]?.die() }
        buryDead()
    }

    private var hasDrained: Bool {
        guard pointee.isDraining else { return false }
        return pointee.now >= (pointee.connectionCount == 0 ? pointee.drainFloor : pointee.drainEnds)
    }

    private func turn() {
        let count = awaitEvents(timeout: timeout)
        pointee.wallMilliseconds = MonotonicTime.wallMilliseconds()
        pointee.date.renew(pointee.wallMilliseconds)
        pointee.meter.count(.turns)
        pointee.handshakes = 0
        pickUpPlan()
        for index in 0..<count { handle(pointee.poller.event(index)) }
        goOnWithRests()
        expireTimers()
        expireTickets()
        answerReady()
        flushDirty()
        buryDead()
    }

    /// How long the poller may sleep when no work waits: until the next timer.
    private func timeout() -> Nanoseconds? {
        var nearest = pointee.wheel.nextDeadline
        if let waited = pointee.tickets.wheel.nextDeadline { nearest = min(nearest ?? waited, waited) }
        if let resume = pointee.acceptAgainAt { nearest = min(nearest ?? resume, resume) }
        if pointee.isDraining {
            let end = pointee.connectionCount == 0 ? pointee.drainFloor : pointee.drainEnds
            nearest = min(nearest ?? end, end)
        }
        return nearest.map { $0.since(MonotonicTime.now()) }
    }

    private func handle(_ event: Poller.Event) {
        switch event.token {
        case EventLoop.listenerToken: accept()
        case EventLoop.mailboxToken: takeOrders()
        case EventLoop.completionsToken: finishJobs()
        default:
            guard let connection = ConnectionPointer(bitPattern: UInt(event.token)), connection.pointee.stage != .dead else { return }
            if connection.pointee.stage == .handshaking {
                pointee.handshakes += 1
                guard pointee.handshakes <= GatewayLimits.handshakesPerTurn else { return }
            }
            if event.isWritable { connection.markDirty() }
            guard event.isReadable else { return }
            if pointee.limits.pointee.shed != .off { pointee.readAt = MonotonicTime.now() }
            connection.receive()
        }
    }

    /// HTTP/1.1 requests that came behind one that has been answered.
    private func goOnWithRests() {
        var next = pointee.again
        pointee.again = nil
        while let connection = next {
            next = connection.pointee.nextAgain
            connection.pointee.isAgain = false
            connection.parseRest()
        }
    }

    private func expireTimers() {
        while let slot = pointee.wheel.expire(now: pointee.now) { pointee.table[slot]?.expire() }
        if let resume = pointee.acceptAgainAt, resume <= pointee.now { acceptAgain() }
    }

    /// Takes up a newer plan, if there is one. Requests that began under the old one finish under it.
    private func pickUpPlan() {
        let box = pointee.server._withUnsafeGuaranteedRef { $0.plans }
        let current = pointee.planSlot
        guard box.generation != current.pointee.plan._withUnsafeGuaranteedRef({ $0.generation }) else { return }
        let plan = box.plan
        pointee.planSlot = PlanSlot.make(plan, of: box)
        current.pointee.isCurrent = false
        PlanSlot.releaseIfDone(current)
        if plan.slotsAtMost > pointee.rows.capacity {
            pointee.rows = RowArena(slotsAtMost: plan.slotsAtMost, bodyBytes: pointee.limits.pointee.bodyBytes)
        }
    }

    private func takeOrders() {
        let orders = pointee.server._withUnsafeGuaranteedRef { [isControl = pointee.isControl, number = pointee.number] in
            (isControl ? $0.controlMailbox : $0.mailboxes[number]).take()
        }
        for order in orders {
            switch order {
            case .adopt(let socket): adopt(socket)
            case .newPlan: break  // picked up at the start of this turn
            case .outcomes(let address, let answer, let arrivals): finishOutcomes(address, answer, arrivals)
            case .drain(let deadline): drain(by: deadline)
            case .leave(let deadline): leave(by: deadline)
            }
        }
    }

    private func drain(by deadline: Instant) {
        pointee.drainEnds = min(pointee.drainEnds, deadline)
        guard !pointee.isDraining else { return }
        accept()
        beginDraining()
    }

    /// Leaves the backlog to another worker, and gives clients time to come back there by themselves.
    private func leave(by deadline: Instant) {
        pointee.drainEnds = min(pointee.drainEnds, deadline)
        guard !pointee.isDraining else { return }
        pointee.drainPause = GatewayLimits.leavePause
        pointee.drainFloor = pointee.now.advanced(by: GatewayLimits.leaveFloor)
        beginDraining()
    }

    private func beginDraining() {
        pointee.isDraining = true
        stopAccepting()
        for slot in 0..<pointee.wheel.capacity { pointee.table[slot]?.beginDraining() }
    }

    // MARK: - Lists

    func markReady(_ connection: ConnectionPointer) {
        guard !connection.pointee.isReady else { return }
        connection.pointee.isReady = true
        connection.pointee.nextReady = nil
        if let last = pointee.readyLast { last.pointee.nextReady = connection } else { pointee.readyFirst = connection }
        pointee.readyLast = connection
    }

    func markAgain(_ connection: ConnectionPointer) {
        guard !connection.pointee.isAgain, connection.pointee.stage != .dead else { return }
        connection.pointee.isAgain = true
        connection.pointee.nextAgain = pointee.again
        pointee.again = connection
    }

    func bury(_ connection: ConnectionPointer) {
        connection.pointee.nextDead = pointee.dead
        pointee.dead = connection
    }

    /// Sends what connections have to send.
    func flushDirty() {
        while let connection = pointee.dirty {
            pointee.dirty = connection.pointee.nextDirty
            connection.pointee.isDirty = false
            connection.flush()
        }
    }

    /// Frees the connections that ended in this turn; until now, events and lists could still hold them.
    private func buryDead() {
        guard pointee.dead != nil else { return }
        forgetDead()
        while let connection = pointee.dead {
            pointee.dead = connection.pointee.nextDead
            let slot = connection.pointee.slot
            pointee.table[slot] = nil
            pointee.freeSlots.append(Int32(slot))
            connection.deinitialize(count: 1)
            connection.deallocate()
            pointee.connectionCount -= 1
            pointee.meter.count(.connectionsClosed)
            pointee.server._withUnsafeGuaranteedRef { [number = pointee.number, isControl = pointee.isControl] in
                $0.connectionEnded(reactor: number, isControl: isControl)
            }
        }
        if pointee.acceptAgainAt != nil { acceptAgain() }
    }

    /// Takes dead connections out of the lists that outlive a turn.
    private func forgetDead() {
        var ready = pointee.readyFirst
        pointee.readyFirst = nil
        pointee.readyLast = nil
        while let connection = ready {
            ready = connection.pointee.nextReady
            connection.pointee.isReady = false
            if connection.pointee.stage != .dead { markReady(connection) }
        }
        var again = pointee.again
        pointee.again = nil
        while let connection = again {
            again = connection.pointee.nextAgain
            connection.pointee.isAgain = false
            markAgain(connection)
        }
    }
}
