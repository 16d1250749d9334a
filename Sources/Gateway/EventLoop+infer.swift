import Breakers
import Contracts
import Inference
import Metrics
import Primitives
import Processes
import Reactor
import Routing

// The middle of a turn: complete requests are decoded and assigned, gathered per model, and answered by one call for many of them.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Answers the requests that are complete, within the turn's bounds: cheap models first, each one's answers on their way before the next
    /// runs, so that a slow arm does not slow a fast one.
    func answerReady() {
        guard pointee.readyFirst != nil || pointee.resumedFirst != nil else { return }
        pointee.rows.clear()
        pointee.sketchBudget = GatewayLimits.sketchedRowsPerTurn
        gather()
        while let lane = takeCheapest() {
            if lane.pointee.predicted >= Self.worthSending { flushDirty() }
            run(lane)
        }
    }

    /// A model that takes longer than sending (about 20 us: a record, a system call) lets finished answers go first.
    private static var worthSending: Double { 20_000 }

    /// Takes requests round robin, some from each connection, until the turn is full.
    private func gather() {
        var predicted = 0.0
        while predicted < Double(GatewayLimits.inferencePerTurn), let exchange = pointee.resumedFirst, hasRoom(for: exchange) {
            _ = takeResumed()
            predicted += prepare(exchange)
        }
        var next = pointee.readyFirst
        pointee.readyFirst = nil
        pointee.readyLast = nil
        while let connection = next {
            next = connection.pointee.nextReady
            connection.pointee.isReady = false
            var taken = 0
            while taken < GatewayLimits.requestsPerTurn, predicted < Double(GatewayLimits.inferencePerTurn),
                let waiting = connection.pointee.readyFirst, hasRoom(for: waiting), let exchange = connection.dequeueReady()
            {
                predicted += prepare(exchange)
                taken += 1
            }
            if connection.pointee.readyFirst != nil { markReady(connection) }
        }
    }

    private func hasRoom(for exchange: ExchangePointer) -> Bool {
        guard let route = exchange.pointee.route else { return true }
        return pointee.rows.hasRoom(slots: route.pointee.slotsAtMost, bytes: exchange.pointee.count)
    }

    /// Decodes and assigns one request, or answers it when it needs no model. Returns its predicted inference in nanoseconds.
    private func prepare(_ exchange: ExchangePointer) -> Double {
        if exchange.pointee.isGone {
            release(exchange)
            return 0
        }
        switch exchange.pointee.endpoint {
        case .predict: return predict(exchange)
        case .control: answerControl(exchange)
        case .outcomes: submitOutcomes(exchange)
        case .health: exchange.answerText("ok\n")
        case .readiness: answerReadiness(exchange)
        case .unknown: exchange.answer(.routeUnknown)
        }
        return 0
    }

    private func predict(_ exchange: ExchangePointer) -> Double {
        let route = exchange.pointee.route.unsafelyUnwrapped
        if exchange.pointee.isResumed { return goOn(exchange, route) }
        guard route.pointee.variantCount > 0 else { return refuse(exchange, .noVariant) }
        guard pointee.now < exchange.deadline else { return refuse(exchange, .deadline) }
        guard decode(exchange, route) else { return 0 }
        assign(exchange, route)
        return gate(exchange, route) ? dispatch(exchange) : 0
    }

    /// Takes up a request that was assigned in an earlier turn.
    private func goOn(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) -> Double {
        guard pointee.now < exchange.deadline else {
            recover(exchange, .deadline)
            return 0
        }
        return decode(exchange, route) ? dispatch(exchange) : 0
    }

    private func refuse(_ exchange: ExchangePointer, _ fault: RequestFault) -> Double {
        exchange.answer(fault)
        return 0
    }

    /// Reads the body into rows of the turn's arena. Returns whether it could; if not, it is answered.
    private func decode(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) -> Bool {
        exchange.pointee.reserve(exchange.pointee.count)
        let slots = pointee.rows.slots + pointee.rows.used
        let textStart = pointee.rows.text.count
        let decoded = pointee.decoder.decode(
            exchange.pointee.buffer, count: exchange.pointee.count, contract: route.pointee.contract, slots: slots, text: &pointee.rows.text)
        if let fault = decoded.fault {
            exchange.answer(fault, contract: route)
            return false
        }
        exchange.pointee.slots = slots
        exchange.pointee.text = pointee.rows.text.bytes
        exchange.pointee.textStart = Int(textStart)
        exchange.pointee.textCount = Int(pointee.rows.text.count - textStart)
        exchange.pointee.hasRows = true
        exchange.pointee.rows = decoded.rows
        exchange.pointee.isList = decoded.isList
        pointee.rows.used += decoded.rows * route.pointee.fieldCount
        if let unit = decoded.unit, let start = unit.baseAddress {
            exchange.keepUnit(start, unit.count)
            guard exchange.pointee.fault == .none else {
                exchange.answer(exchange.pointee.fault)
                return false
            }
        }
        return true
    }

    /// Chooses the variant: from the unit and the revision alone, or as a token with the scope to do so has asked.
    private func assign(_ exchange: ExchangePointer, _ route: UnsafePointer<PlanRoute>) {
        exchange.pointee.sequence = pointee.sequence
        pointee.sequence += UInt64(exchange.pointee.rows)
        if exchange.pointee.unitCount == 0 { giveOwnUnit(exchange) }
        let unit = UnsafeRawBufferPointer(start: exchange.pointee.notes, count: exchange.pointee.unitCount)
        let plan = pointee.planSlot.pointee.plan
        exchange.pointee.unitHash = plan._withUnsafeGuaranteedRef { SipHash.hash64(unit.bytes, key: $0.unitKey) }
        let assigned = UnsafePointer(route.pointee.variants + route.pointee.split.pointee.choose(unit: unit.bytes))
        exchange.pointee.assigned = assigned
        exchange.pointee.assignedAt = pointee.wallMilliseconds
        exchange.pointee.flags.formUnion(route.pointee.flags)
        guard exchange.pointee.askedVariant < 0 else {
            exchange.pointee.reason = .override
            exchange.pointee.variant = UnsafePointer(route.pointee.variants + Int(exchange.pointee.askedVariant))
            return
        }
        exchange.pointee.variant = assigned
        exchange.pointee.sketched = min(exchange.pointee.rows, pointee.sketchBudget)
        pointee.sketchBudget -= exchange.pointee.sketched
        exchange.countExposure(route, assigned)
    }

    /// A request that names no unit is its own: the sixteen bytes that also make its id unique.
    private func giveOwnUnit(_ exchange: ExchangePointer) {
        let words = UnsafeMutableRawPointer(exchange.pointee.notes)
        words.storeBytes(of: pointee.predictionNonce.littleEndian, as: UInt64.self)
        let place = UInt64(pointee.number) << 56 | exchange.pointee.sequence
        words.storeBytes(of: place.littleEndian, toByteOffset: 8, as: UInt64.self)
        exchange.pointee.unitCount = 16
        exchange.pointee.flags = .ownUnit
    }
}
