import HTTPWire
import Metrics
import Primitives
import Reactor

// Every wait has an end. One timer a connection: it is armed for the nearest end and, when that has moved away meanwhile, armed again.

extension UnsafeMutablePointer where Pointee == Connection {
    /// Arms the timer, unless it fires earlier anyway.
    func arm(_ deadline: Instant) {
        guard deadline < pointee.armed else { return }
        pointee.armed = deadline
        pointee.loop.pointee.wheel.arm(pointee.slot, at: deadline)
    }

    /// The nearest end of a wait, or an earlier moment to look again.
    func nextDeadline() -> Instant {
        let limits = pointee.loop.pointee.limits
        var nearest: Instant
        switch pointee.stage {
        case .handshaking: nearest = pointee.stageSince.advanced(by: limits.pointee.handshake)
        case .closing: nearest = pointee.lastSent.advanced(by: limits.pointee.writeStall)
        case .lingering: return pointee.stageSince.advanced(by: limits.pointee.linger)
        case .dead: return Instant(nanoseconds: .max)
        case .open:
            if let oldest = pointee.oldest {
                nearest = oldest.pointee.stage == .reading
                    ? oldest.pointee.started.advanced(by: limits.pointee.body)
                    : pointee.loop.pointee.now.advanced(by: min(limits.pointee.body, limits.pointee.writeStall))
            } else if pointee.h1 != nil, pointee.h1.unsafelyUnwrapped.pointee.hasPartialHead {
                nearest = pointee.headSince.advanced(by: limits.pointee.head)
            } else if !pointee.unsent.isEmpty {
                nearest = Instant(nanoseconds: .max)  // the peer is not idle while it has to read: `writeStall` runs
            } else {
                nearest = max(pointee.lastReceived, pointee.lastSent).advanced(by: limits.pointee.idle)
            }
            if pointee.drainSince.nanoseconds != .max { nearest = min(nearest, pointee.drainSince.advanced(by: pointee.loop.pointee.drainPause)) }
        }
        if !pointee.unsent.isEmpty { nearest = min(nearest, pointee.lastSent.advanced(by: limits.pointee.writeStall)) }
        return nearest
    }

    /// The timer fired: ends what has waited too long.
    func expire() {
        let now = pointee.loop.pointee.now
        let limits = pointee.loop.pointee.limits
        pointee.armed = Instant(nanoseconds: .max)
        if !pointee.unsent.isEmpty, now.since(pointee.lastSent) >= limits.pointee.writeStall {
            pointee.loop.pointee.meter.refused(.slowReader)
            StreamSocket.resetOnClose(pointee.socket.number)
            return die()
        }
        switch pointee.stage {
        case .handshaking, .closing, .lingering:
            if nextDeadline() <= now {
                if pointee.stage == .handshaking { pointee.loop.pointee.meter.refused(.slowHandshake) }
                return die()
            }
        case .open:
            finishDrain(now)
            expireExchanges(now)
            if pointee.stage == .open, pointee.oldest == nil { expireIdle(now) }
        case .dead: return
        }
        if pointee.stage != .dead { flush() }
    }

    private func expireIdle(_ now: Instant) {
        let limits = pointee.loop.pointee.limits
        if let parser = pointee.h1, parser.pointee.hasPartialHead {
            guard now.since(pointee.headSince) >= limits.pointee.head else { return }
            pointee.isLast = true
            pointee.loop.pointee.meter.refused(.slowHead)
            return pointee.loop.open(self, stream: 0).answer(.requestSlow)
        }
        guard pointee.unsent.isEmpty, now.since(max(pointee.lastReceived, pointee.lastSent)) >= limits.pointee.idle else { return }
        if let session = pointee.h2 { session.pointee.refuseNewStreams() }
        pointee.isLast = true
        markDirty()
    }

    /// Requests that do not arrive, and answers that are not fetched.
    private func expireExchanges(_ now: Instant) {
        let limits = pointee.loop.pointee.limits
        var next = pointee.oldest
        while let exchange = next {
            next = exchange.pointee.newer
            if exchange.pointee.stage == .reading, now.since(exchange.pointee.started) >= limits.pointee.body {
                if pointee.h1 != nil { pointee.isLast = true }
                pointee.loop.pointee.meter.refused(.slowBody)
                exchange.answer(.requestSlow)
            } else if exchange.pointee.stage == .answered, now.since(exchange.pointee.answered) >= limits.pointee.writeStall,
                let session = pointee.h2
            {
                if exchange.pointee.reply.offset != exchange.pointee.seenOffset {
                    exchange.pointee.seenOffset = exchange.pointee.reply.offset
                    exchange.pointee.answered = now
                    continue
                }
                pointee.loop.pointee.meter.refused(.slowReader)
                session.pointee.reset(stream: exchange.pointee.stream, code: 8 /* CANCEL */)
                markDirty()
            }
        }
    }

    /// Starts to end the connection without losing a request that is on its way: HTTP/2 says GOAWAY now and again after a round trip; HTTP/1.1
    /// ends with its next answer, or after the same time when none is asked for.
    func beginDraining() {
        guard pointee.stage == .open else { return }
        pointee.drainSince = pointee.loop.pointee.now
        if let session = pointee.h2 { session.pointee.announceEnd() }
        markDirty()
    }

    private func finishDrain(_ now: Instant) {
        guard now.since(pointee.drainSince) >= pointee.loop.pointee.drainPause else { return }
        pointee.drainSince = Instant(nanoseconds: .max)
        if let session = pointee.h2 {
            session.pointee.refuseNewStreams()
        } else if pointee.oldest != nil || pointee.h1?.pointee.hasPartialHead == true {
            return  // its answer will be the last
        }
        pointee.isLast = true
        markDirty()
    }
}
