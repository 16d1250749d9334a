import Admission
import Breakers
import Metrics
import Primitives

// From the gate to the model: what is practised is played first; then a model runs inline with the others of its turn, or on its workers.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Sends a decoded request to the variant that serves it. Returns its predicted inference on this reactor in nanoseconds.
    func dispatch(_ exchange: ExchangePointer) -> Double {
        let variant = exchange.pointee.variant.unsafelyUnwrapped
        if variant.pointee.faultCount > 0 || exchange.pointee.practice.kind != .none, practise(exchange, variant) { return 0 }
        if let crew = variant.pointee.crew {
            submit(exchange, variant, crew)
            return 0
        }
        let lane = variant.pointee.lanes[pointee.number]
        lane.enqueue(exchange)
        if !lane.pointee.isActive {
            lane.pointee.isActive = true
            lane.pointee.nextActive = pointee.active
            pointee.active = lane
        }
        return Double(exchange.pointee.rows) * lane.pointee.rowCost
    }

    // MARK: - Practice

    /// Plays a fault, if one is due. Returns whether the request goes another way than to the model now.
    private func practise(_ exchange: ExchangePointer, _ variant: UnsafePointer<PlanVariant>) -> Bool {
        let practice = practice(exchange, variant)
        if practice.kind == .none || practice.kind == .delay && exchange.pointee.practised > 0 { return false }
        pointee.meter.count(.faultsInjected)
        switch practice.kind {
        case .none: return false
        case .abort: fail(exchange, .faulted)
        case .crash: crash(exchange)
        case .nonFinite:
            exchange.pointee.spoilsAnswer = true
            return false
        case .delay:
            exchange.pointee.practised = practice.delay
            wait(exchange, for: practice.delay)
        }
        return true
    }

    /// What is played on this request at this variant: what its caller asked for on the first variant, else what is set up there for its unit.
    private func practice(_ exchange: ExchangePointer, _ variant: UnsafePointer<PlanVariant>) -> Practice {
        if exchange.pointee.practice.kind != .none { return exchange.pointee.isRetried ? .none : exchange.pointee.practice }
        // The same units each time, others at each variant.
        var draw = SplitMix(seed: exchange.pointee.unitHash ^ UInt64(variant.pointee.hash.value))
        let place = draw.next() &>> 32
        for index in 0..<variant.pointee.faultCount {
            let fault = variant.pointee.faults[index]
            if place < fault.share, pointee.wallMilliseconds < fault.ends { return fault.practice }
        }
        return .none
    }

    /// Lets a request wait as if its model took that long, or until its deadline.
    private func wait(_ exchange: ExchangePointer, for delay: Nanoseconds) {
        let index = pointee.tickets.take()
        guard index >= 0 else { return refuseForRoom(exchange) }
        let ticket = pointee.tickets[index]
        ticket.pointee.exchange = exchange
        exchange.pointee.ticket = index
        exchange.pointee.stage = .running
        forgetRows(exchange)
        pointee.tickets.wheel.arm(Int(index), at: min(pointee.now.advanced(by: delay), exchange.deadline))
    }

    // MARK: - Workers

    /// Hands a request's rows to the workers of its model.
    private func submit(_ exchange: ExchangePointer, _ variant: UnsafePointer<PlanVariant>, _ crew: CrewHandle) {
        if isShed(exchange, variant, crew) {
            giveLeaseBack(exchange)
            return exchange.answer(.contended)
        }
        let index = pointee.tickets.take()
        guard index >= 0 else { return refuseForRoom(exchange) }
        let job = crew.take(reactor: pointee.number)
        let route = exchange.pointee.route.unsafelyUnwrapped
        job.pointee.ticket = UInt64(index)
        job.pointee.deadline = exchange.deadline
        job.pointee.limit = exchange.limit
        job.pointee.slow = exchange.pointee.ready.advanced(by: route.pointee.slow)
        job.pointee.queued = pointee.now
        job.pointee.route = route.pointee.hash.value
        job.pointee.variant = variant.pointee.hash.value
        crew.load(
            job, slots: exchange.pointee.slots.unsafelyUnwrapped, rows: exchange.pointee.rows, text: exchange.pointee.text.unsafelyUnwrapped)
        guard crew.submit(job) else {
            crew.giveBack(job, reactor: pointee.number)
            pointee.tickets.giveBack(index)
            return refuseForRoom(exchange)
        }
        let ticket = pointee.tickets[index]
        ticket.pointee.exchange = exchange
        ticket.pointee.job = job
        ticket.pointee.variant = variant
        ticket.pointee.planSlot = exchange.pointee.planSlot
        ticket.pointee.lease = exchange.pointee.lease
        ticket.pointee.identity = exchange.identity
        ticket.pointee.isOverride = exchange.pointee.reason == .override
        exchange.pointee.planSlot.pointee.exchanges += 1
        exchange.pointee.lease = nil
        exchange.pointee.ticket = index
        exchange.pointee.stage = .running
        exchange.pointee.hasRows = false
        exchange.pointee.slots = job.pointee.slots
        exchange.pointee.text = job.pointee.text
        exchange.pointee.textStart = 0
        pointee.tickets.wheel.arm(Int(index), at: exchange.deadline)
    }

    /// The turn that decoded the rows ends: they are decoded again when they are needed.
    func forgetRows(_ exchange: ExchangePointer) {
        exchange.pointee.hasRows = false
        exchange.pointee.slots = nil
        exchange.pointee.text = nil
    }

    /// Whether the queue of these workers stands. Asked behind the gate, since it is this variant's alone: the others of the route go on.
    private func isShed(_ exchange: ExchangePointer, _ variant: UnsafePointer<PlanVariant>, _ crew: CrewHandle) -> Bool {
        let mode = pointee.limits.pointee.shed
        guard mode != .off else { return false }
        let lane = variant.pointee.lanes[pointee.number]
        var shedder = lane.pointee.shedder ?? Shedder(pointee.limits.pointee.shedPolicy)
        if crew.waitingRows == 0 { shedder.sojourn(0, now: pointee.now) }
        let isShed = shedder.shouldShed(now: pointee.now)
        lane.pointee.shedder = shedder
        guard isShed else { return false }
        pointee.meter.count(mode == .enforce ? .shedRefused : .shedObserved)
        return mode == .enforce
    }

    /// The queue of its model is full: no capacity, which is no failure of the variant.
    private func refuseForRoom(_ exchange: ExchangePointer) {
        pointee.meter.count(.queueRefused)
        giveLeaseBack(exchange)
        exchange.answer(.overloaded)
    }

    // MARK: - Tickets

    /// What waited long enough: practised delays that are over, and requests whose deadline has passed.
    func expireTickets() {
        while let index = pointee.tickets.wheel.expire(now: pointee.now) { expire(Int32(index)) }
    }

    private func expire(_ index: Int32) {
        let ticket = pointee.tickets[index]
        guard let exchange = ticket.pointee.exchange else { return }
        let isLate = pointee.now >= exchange.deadline
        detach(exchange)
        if ticket.pointee.job == nil {
            pointee.tickets.giveBack(index)
            return isLate ? lateAfterDelay(exchange) : resume(exchange)
        }
        // The worker may be inside the model: what it finds is reported, and compared, when it is done.
        ticket.pointee.copy = takeCopySource(of: exchange)
        cancel(ticket)
        recover(exchange, .deadline)
    }

    private func lateAfterDelay(_ exchange: ExchangePointer) {
        report(exchange, .faulted, rows: exchange.pointee.rows)
        recover(exchange, .deadline)
    }

    /// Ends the waiting of a request whose client is gone. What a worker has not begun, it will not begin.
    func leave(_ exchange: ExchangePointer) {
        let index = exchange.pointee.ticket
        let ticket = pointee.tickets[index]
        detach(exchange)
        if ticket.pointee.job != nil {
            ticket.pointee.copy = takeCopySource(of: exchange)
            cancel(ticket)
            pointee.tickets.wheel.cancel(Int(index))
        } else {
            giveLeaseBack(exchange)
            pointee.tickets.giveBack(index)
        }
    }

    private func cancel(_ ticket: UnsafeMutablePointer<Ticket>) {
        guard let job = ticket.pointee.job, let crew = ticket.pointee.variant?.pointee.crew else { return }
        crew.cancel(job)
    }

    private func detach(_ exchange: ExchangePointer) {
        pointee.tickets[exchange.pointee.ticket].pointee.exchange = nil
        exchange.pointee.ticket = -1
    }

    /// Takes back what workers have done.
    func finishJobs() {
        pointee.completions.hear()
        while let job = pointee.completions.pop() { finish(job) }
    }

    private func finish(_ job: UnsafeMutablePointer<CrewJob>) {
        let index = Int32(truncatingIfNeeded: job.pointee.ticket)
        let ticket = pointee.tickets[index]
        let variant = ticket.pointee.variant.unsafelyUnwrapped
        variant.pointee.lanes[pointee.number].pointee.shedder?.sojourn(job.pointee.started.since(job.pointee.queued), now: pointee.now)
        if job.pointee.result == .terminated { pointee.meter.count(.callsTerminated) }
        if let exchange = ticket.pointee.exchange {
            detach(exchange)
            exchange.pointee.lease = ticket.pointee.lease
            answer(exchange, from: job)
        } else {
            reportUnanswered(ticket, job)
        }
        if let source = ticket.pointee.copy { copy(source, from: job) }
        let planSlot = ticket.pointee.planSlot.unsafelyUnwrapped
        variant.pointee.crew.unsafelyUnwrapped.giveBack(job, reactor: pointee.number)
        pointee.tickets.giveBack(index)
        planSlot.pointee.exchanges -= 1
        if !planSlot.pointee.isCurrent { PlanSlot.releaseIfDone(planSlot) }
    }

    /// Answers a request whose rows a worker has run, or could not.
    private func answer(_ exchange: ExchangePointer, from job: UnsafeMutablePointer<CrewJob>) {
        exchange.pointee.modelShare = job.share
        if job.pointee.took > 0 {
            let before = job.pointee.started.since(exchange.pointee.ready)
            exchange.pointee.modelTime = job.pointee.took &+ exchange.pointee.practised
            exchange.pointee.queueTime = before &- min(before, exchange.pointee.practised)
        }
        switch job.pointee.result {
        case .ok where pointee.now < exchange.deadline:
            conclude(exchange, labels: job.pointee.labels, scores: job.pointee.scores, began: job.pointee.started)
        case .ok, .terminated:
            if let result = lateResult(job) {
                report(exchange, result, rows: exchange.pointee.rows, began: job.pointee.started)
            }
            recover(exchange, .deadline)
        case .failed: fail(exchange, .failed, began: job.pointee.started)
        case .misfit: answerMisfit(exchange, column: job.pointee.misfit, row: job.pointee.misfitRow)
        case .cancelled, .late: recover(exchange, .deadline)
        }
    }

    /// Makes the copies of a request that was answered before its model was done, or whose client is gone.
    private func copy(_ source: CopySource, from job: UnsafeMutablePointer<CrewJob>) {
        var source = source
        source.modelShare = job.share
        let isAnswered = job.pointee.result == .ok
        copy(
            source, slots: job.pointee.slots, text: job.pointee.text, labels: isAnswered ? UnsafePointer(job.pointee.labels) : nil,
            scores: isAnswered ? UnsafePointer(job.pointee.scores) : nil)
    }

    /// Tells the breaker what came of a call whose request was answered before: its client gone, or its deadline passed.
    private func reportUnanswered(_ ticket: UnsafeMutablePointer<Ticket>, _ job: UnsafeMutablePointer<CrewJob>) {
        guard !ticket.pointee.isOverride else { return }
        let gate = ticket.pointee.variant.unsafelyUnwrapped.pointee.gate
        let result: CallResult?
        switch job.pointee.result {
        case .ok, .terminated: result = lateResult(job)
        case .failed: result = .failed
        case .cancelled, .late, .misfit: result = nil
        }
        if let result {
            gate.report(
                reactor: pointee.number, result, rows: job.pointee.rows, identity: ticket.pointee.identity, lease: ticket.pointee.lease,
                began: job.pointee.started, now: pointee.now)
        } else if let lease = ticket.pointee.lease {
            gate.giveBack(lease)
        }
    }

    /// What a call on a worker says about its variant when nobody waits for it any more.
    private func lateResult(_ job: UnsafeMutablePointer<CrewJob>) -> CallResult? {
        let ended = job.pointee.started.advanced(by: job.pointee.took)
        return CallResult.ofLateCall(
            isOK: job.pointee.result == .ok, isTerminated: job.pointee.result == .terminated, isSlow: ended > job.pointee.slow,
            isPastLimit: ended >= job.pointee.limit)
    }
}

extension UnsafeMutablePointer where Pointee == CrewJob {
    /// A row's share of the time inside the model.
    fileprivate var share: Nanoseconds { pointee.took / UInt64(max(1, pointee.rows)) }
}
