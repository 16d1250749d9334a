import Metrics
import Primitives
import Reactor
import TLS

// New connections, and the memory of requests on them.

extension UnsafeMutablePointer where Pointee == EventLoop {
    /// Takes connections from the backlog; each goes to the reactor that has the fewest.
    func accept() {
        for _ in 0..<GatewayLimits.acceptsPerTurn {
            switch pointee.listener._withUnsafeGuaranteedRef({ $0.accept() }) {
            case .none: return
            case .exhausted: return pauseAccepting()
            case .connection(let socket): place(socket)
            }
        }
    }

    private func place(_ socket: Int32) {
        let (number, isControl) = (pointee.number, pointee.isControl)
        let home = pointee.server._withUnsafeGuaranteedRef { $0.homeForConnection(acceptedBy: number, isControl: isControl) }
        guard let home else {
            pointee.meter.refused(.connectionLimit)
            StreamSocket.resetOnClose(socket)
            _ = Descriptor(owning: socket)
            return
        }
        if home == number { return adopt(socket) }
        pointee.server._withUnsafeGuaranteedRef { $0.mailboxes[home].post(.adopt(socket)) }
    }

    /// Serves an accepted connection on this reactor.
    func adopt(_ socket: Int32) {
        let descriptor = Descriptor(owning: socket)
        StreamSocket.sendAtOnce(socket)
        guard let tls = TLSConnection(pointee.tls.takeUnretainedValue(), pipe: pointee.pipe), let slot = pointee.freeSlots.popLast() else {
            pointee.meter.refused(.connectionLimit)
            pointee.server._withUnsafeGuaranteedRef { [number = pointee.number, isControl = pointee.isControl] in
                $0.connectionEnded(reactor: number, isControl: isControl)
            }
            return
        }
        let connection = ConnectionPointer.allocate(capacity: 1)
        connection.initialize(to: Connection(socket: descriptor, tls: tls, loop: self, slot: Int(slot), now: pointee.now))
        pointee.table[Int(slot)] = connection
        pointee.connectionCount += 1
        pointee.meter.count(.connectionsOpened)
        connection.arm(connection.nextDeadline())
        if !pointee.poller.add(socket, .read, token: UInt64(UInt(bitPattern: connection))) { connection.die() }
    }

    /// Out of descriptors: a level-triggered listener would wake the thread without end.
    private func pauseAccepting() {
        pointee.meter.refused(.descriptors)
        stopAccepting()
        pointee.acceptAgainAt = pointee.now.advanced(by: GatewayLimits.acceptPause)
    }

    func stopAccepting() {
        guard pointee.isAccepting else { return }
        pointee.isAccepting = false
        pointee.poller.remove(pointee.listener._withUnsafeGuaranteedRef { $0.number })
    }

    func acceptAgain() {
        pointee.acceptAgainAt = nil
        guard !pointee.isAccepting, !pointee.isDraining else { return }
        pointee.isAccepting = pointee.poller.add(
            pointee.listener._withUnsafeGuaranteedRef { $0.number }, .exclusiveAccept, token: EventLoop.listenerToken)
    }

    // MARK: - Exchanges

    /// Begins a request.
    func open(_ connection: ConnectionPointer, stream: Int32) -> ExchangePointer {
        let exchange = pointee.pool.take(connection: connection, stream: stream, planSlot: pointee.planSlot, now: pointee.now)
        pointee.planSlot.pointee.exchanges += 1
        connection.link(exchange)
        return exchange
    }

    /// Ends an exchange whose answer is written.
    func close(_ exchange: ExchangePointer) {
        exchange.pointee.connection.unlink(exchange)
        release(exchange)
    }

    /// Ends an exchange whose client is gone. One that waits in a queue is freed by who finds it there.
    func abandon(_ exchange: ExchangePointer) {
        exchange.pointee.connection.unlink(exchange)
        if exchange.pointee.stage != .answered { exchange.countCancelled() }
        switch exchange.pointee.stage {
        case .reading, .answered: release(exchange)
        case .running where exchange.pointee.ticket >= 0:
            leave(exchange)
            release(exchange)
        case .ready, .running:
            if exchange.pointee.connection.pointee.stage == .dead, exchange.pointee.stage == .ready { return release(exchange) }
            exchange.pointee.isGone = true
        }
    }

    /// Gives an exchange's memory back.
    func release(_ exchange: ExchangePointer) {
        if exchange.pointee.assigned != nil { copy(exchange, labels: nil, scores: nil) }
        pointee.bufferedBytes -= exchange.pointee.buffered
        if !exchange.pointee.places.isEmpty { exchange.givePlacesBack(self) }
        let slot = exchange.pointee.planSlot
        slot.pointee.exchanges -= 1
        if !slot.pointee.isCurrent { PlanSlot.releaseIfDone(slot) }
        pointee.pool.giveBack(exchange)
    }
}
