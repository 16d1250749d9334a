import HTTPWire
import Metrics
import Primitives
import Reactor
import TLS

// From the wire to the socket: serialize, encrypt, send. One SSL_write for as many answers as fit in a record, one send for all.

extension UnsafeMutablePointer where Pointee == Connection {
    /// Remembers that this connection has something to send at the end of the turn.
    func markDirty() {
        guard !pointee.isDirty, pointee.stage != .dead else { return }
        pointee.isDirty = true
        pointee.nextDirty = pointee.loop.pointee.dirty
        pointee.loop.pointee.dirty = self
    }

    /// Sends everything that is ready, as far as the peer takes it. While earlier bytes are unsent nothing new is made: the back-pressure.
    func flush() {
        guard pointee.stage != .dead, sendUnsent() else { return settle() }
        if pointee.stage == .open { flushWire() }
        guard pointee.stage != .dead else { return }
        sendPipe()
        if pointee.stage == .open, pointee.unsent.isEmpty, isFinished { closeWhenSent() }
        if pointee.stage == .closing, pointee.unsent.isEmpty { linger() }
        settle()
    }

    private func flushWire() {
        if let session = pointee.h2 { flushSession(session) } else { flushAnswer() }
    }

    /// Nothing is open, and nothing more is wanted.
    private var isFinished: Bool {
        if let session = pointee.h2 { return session.pointee.isFinished || pointee.isLast && pointee.oldest == nil }
        return pointee.isLast && pointee.oldest == nil
    }

    private func flushSession(_ session: UnsafeMutablePointer<H2Session>) {
        let loop = pointee.loop
        let buffer = loop.pointee.plainOut
        var filled = 0
        while pointee.stage != .dead, pointee.unsent.isEmpty {
            var bytes: UnsafePointer<UInt8>?
            let count = session.pointee.nextOutput(&bytes)
            if filled > 0, count == 0 || filled + count > GatewayLimits.recordBytes {
                encrypt(buffer, filled)
                filled = 0
            }
            guard pointee.stage != .dead, count > 0, let bytes else { return }
            if count > GatewayLimits.recordBytes {
                encrypt(bytes, count)
            } else {
                (buffer + filled).update(from: bytes, count: count)
                filled += count
            }
        }
        if filled > 0, pointee.stage != .dead { encrypt(buffer, filled) }
    }

    /// Writes the oldest HTTP/1.1 answer, if it is there, and goes on to the next request.
    private func flushAnswer() {
        guard let exchange = pointee.oldest, let parser = pointee.h1 else { return }
        guard exchange.pointee.stage == .answered else { return sendContinue(exchange, parser) }
        let loop = pointee.loop
        let canFollow = !parser.pointee.isMidBody || parser.pointee.canDiscardBody(loop.pointee.wireLimits.pointee.drainBytes)
        let keepsAlive = parser.pointee.keepAlive && canFollow && !pointee.isLast && !loop.pointee.isDraining
        let buffer = loop.pointee.plainOut
        let headCount = exchange.writeHead(into: buffer, keepsAlive: keepsAlive, isVersion10: parser.pointee.isVersion10)
        let reply = exchange.pointee.reply
        let bodyCount = exchange.pointee.method == .head ? 0 : reply.count
        let first = min(bodyCount, GatewayLimits.recordBytes - headCount)
        (buffer + headCount).update(from: reply.bytes, count: first)
        encrypt(buffer, headCount + first)
        if bodyCount > first, pointee.stage != .dead { encrypt(reply.bytes + first, bodyCount - first) }
        guard pointee.stage != .dead else { return }  // it took the exchange with it
        finishAnswer(parser, keepsAlive: keepsAlive)
        loop.close(exchange)
    }

    /// Asks for the body of a client that waits to be asked.
    private func sendContinue(_ exchange: ExchangePointer, _ parser: UnsafeMutablePointer<H1Parser>) {
        guard exchange.pointee.stage == .reading, exchange.pointee.expectsContinue, parser.pointee.expectsContinue else { return }
        let text = H1Writer.continueResponse
        encrypt(text.utf8Start, text.utf8CodeUnitCount)
        parser.pointee.didSendContinue()
    }

    private func finishAnswer(_ parser: UnsafeMutablePointer<H1Parser>, keepsAlive: Bool) {
        let isMidBody = parser.pointee.isMidBody
        guard keepsAlive, !isMidBody || parser.pointee.discardBody(pointee.loop.pointee.wireLimits.pointee.drainBytes) else {
            pointee.isLast = true
            return
        }
        if !isMidBody { parser.pointee.reset() }
        pointee.headSince = pointee.loop.pointee.now
        if !pointee.rest.isEmpty { pointee.loop.markAgain(self) }
    }

    private func encrypt(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        guard pointee.tls.write(bytes, count: count) else { return die() }
        if pointee.loop.pointee.pipe.pointee.outputCount >= GatewayLimits.bytesPerRead { sendPipe() }
    }

    /// Sends what the pipe holds; what the kernel does not take waits in `unsent`.
    func sendPipe() {
        let pipe = pointee.loop.pointee.pipe
        let count = pipe.pointee.outputCount
        guard count > 0 else { return }
        pipe.pointee.outputCount = 0
        guard pointee.unsent.isEmpty else { return pointee.unsent.append(pipe.pointee.output, count) }
        var sent = 0
        while sent < count {
            switch StreamSocket.send(pointee.socket.number, pipe.pointee.output + sent, count: count - sent) {
            case .bytes(let taken):
                sent += taken
                pointee.lastSent = pointee.loop.pointee.now
            case .wouldBlock:
                pointee.unsent.append(pipe.pointee.output + sent, count - sent)
                pointee.loop.pointee.meter.count(.bytesSent, sent)
                return updateInterest()
            case .ended: return die()
            }
        }
        pointee.loop.pointee.meter.count(.bytesSent, sent)
    }

    /// Sends what waited. Returns whether nothing waits any more.
    private func sendUnsent() -> Bool {
        while !pointee.unsent.isEmpty {
            switch StreamSocket.send(pointee.socket.number, pointee.unsent.first, count: pointee.unsent.count) {
            case .bytes(let taken):
                pointee.unsent.drop(taken)
                pointee.lastSent = pointee.loop.pointee.now
                pointee.loop.pointee.meter.count(.bytesSent, taken)
            case .wouldBlock: return false
            case .ended:
                die()
                return false
            }
        }
        return true
    }

    /// Says goodbye; the connection ends when the goodbye is sent.
    func closeWhenSent() {
        guard pointee.stage == .open else { return }
        enter(.closing)
        pointee.tls.close()
        sendPipe()
    }

    private func linger() {
        if pointee.peerEnded { return die() }
        enter(.lingering)
        StreamSocket.endSending(pointee.socket.number)
    }

    /// Watches the socket for what can be used now. While a peer does not take what we have for it, we take nothing from it: whatever it sends
    /// makes more to be sent (a refused stream, an acknowledgement), and that queue would have no end.
    func updateInterest() {
        guard pointee.stage != .dead else { return }
        let reads = !pointee.peerEnded && pointee.rest.count < GatewayLimits.bytesPerRead
        let wanted: Poller.Interest = !pointee.unsent.isEmpty ? .write : reads ? .read : .none
        guard wanted != pointee.interest else { return }
        pointee.interest = wanted
        pointee.loop.pointee.poller.modify(pointee.socket.number, wanted, token: UInt64(UInt(bitPattern: self)))
    }

    /// After a turn: watches for the right things until the right time.
    private func settle() {
        guard pointee.stage != .dead else { return }
        updateInterest()
        arm(nextDeadline())
    }
}
