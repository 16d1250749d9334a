import HTTPWire
import Metrics
import Primitives
import Reactor
import TLS

// From the socket to the wire: receive, decrypt, parse.

extension UnsafeMutablePointer where Pointee == Connection {
    /// Reads what the socket has, once, and passes it on.
    func receive() {
        let loop = pointee.loop
        guard !pointee.peerEnded else { return die() }
        switch StreamSocket.receive(pointee.socket.number, into: loop.pointee.cipherIn, capacity: GatewayLimits.bytesPerRead) {
        case .wouldBlock: return
        case .ended: endOfInput()
        case .bytes(let count):
            loop.pointee.meter.count(.bytesReceived, count)
            pointee.lastReceived = loop.pointee.now
            if pointee.stage == .lingering { return }
            loop.pointee.pipe.pointee.input = UnsafePointer(loop.pointee.cipherIn)
            loop.pointee.pipe.pointee.inputCount = count
            decrypt(count)
            if pointee.stage != .dead { sendPipe() }
            if !pointee.isDirty { arm(nextDeadline()) }  // a partial head or body: `flush`, which arms otherwise, is not due
        }
    }

    /// The peer sends no more. What it asked for is still answered.
    private func endOfInput() {
        guard pointee.stage != .dead else { return }
        pointee.peerEnded = true
        if pointee.stage == .handshaking || pointee.stage == .lingering || isQuiet { return die() }
        abandonIncomplete()
        if pointee.rest.isEmpty { pointee.isLast = true }
        markDirty()
    }

    /// Nothing is asked, answered or waiting to be sent.
    private var isQuiet: Bool { pointee.oldest == nil && pointee.rest.isEmpty && pointee.unsent.isEmpty }

    /// A request whose end can no longer come. nghttp2 still knows its stream, and must not tell of it again.
    private func abandonIncomplete() {
        var next = pointee.oldest
        while let exchange = next {
            next = exchange.pointee.newer
            guard exchange.pointee.stage == .reading else { continue }
            pointee.h2?.pointee.forget(stream: exchange.pointee.stream)
            pointee.loop.abandon(exchange)
        }
    }

    private func decrypt(_ count: Int) {
        let loop = pointee.loop
        pointee.fruitlessBytes += count
        if pointee.stage == .handshaking, !shakeHands() { return }
        while pointee.stage == .open {
            switch pointee.tls.read(into: loop.pointee.plainIn, capacity: GatewayLimits.recordBytes) {
            case .bytes(let count):
                pointee.fruitlessBytes = 0
                consume(loop.pointee.plainIn, count)
            case .wantsInput:
                if pointee.fruitlessBytes > GatewayLimits.fruitlessBytes { die() }
                return
            case .closed:
                if isQuiet {
                    pointee.tls.close()
                    sendPipe()
                }
                return endOfInput()
            case .failed:
                sendPipe()  // the alert that says why
                return die()
            }
        }
    }

    /// Goes on with the handshake. Returns whether it is complete.
    private func shakeHands() -> Bool {
        switch pointee.tls.handshake() {
        case .bytes: return openProtocol()
        case .wantsInput:
            if pointee.fruitlessBytes > GatewayLimits.bytesPerRead { die() }
            return false
        case .closed, .failed:
            pointee.loop.pointee.meter.count(.handshakesFailed)
            sendPipe()
            die()
            return false
        }
    }

    private func openProtocol() -> Bool {
        let loop = pointee.loop
        enter(.open)
        pointee.headSince = loop.pointee.now
        switch pointee.tls.applicationProtocol() {
        case .http1:
            let parser = UnsafeMutablePointer<H1Parser>.allocate(capacity: 1)
            parser.initialize(to: H1Parser(scratch: loop.pointee.scratch))
            pointee.h1 = parser
        case .http2:
            guard
                let session = H2Session(
                    rules: loop.pointee.rules, connection: UnsafeMutableRawPointer(self), sink: UnsafePointer(loop.pointee.sink),
                    limits: UnsafePointer(loop.pointee.wireLimits))
            else {
                die()
                return false
            }
            let memory = UnsafeMutablePointer<H2Session>.allocate(capacity: 1)
            memory.initialize(to: session)
            pointee.h2 = memory
            markDirty()
        }
        if loop.pointee.isDraining { beginDraining() }
        return true
    }

    /// Takes plain text.
    private func consume(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        if let session = pointee.h2 {
            markDirty()
            if !session.pointee.receive(bytes, count: count) { failWire() }
            return
        }
        if pointee.oldest != nil && pointee.oldest.unsafelyUnwrapped.pointee.stage != .reading || !pointee.rest.isEmpty {
            pointee.rest.append(bytes, count)
            updateInterest()
            return
        }
        let used = parse(bytes, count)
        if pointee.stage == .open { pointee.rest.append(bytes + used, count - used) }
    }

    /// HTTP/2 that cannot go on: says so and closes.
    private func failWire() {
        pointee.loop.pointee.meter.refused(.malformed)
        pointee.isLast = true
        abandonIncomplete()
        flush()
        if pointee.stage == .open { closeWhenSent() }
    }

    /// Parses one HTTP/1.1 request at most. Returns the bytes used.
    private func parse(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard let parser = pointee.h1, count > 0 else { return 0 }
        let loop = pointee.loop
        var used = 0
        let hadPartialHead = parser.pointee.hasPartialHead
        let progress = parser.pointee.receive(
            bytes, count, consumed: &used, connection: UnsafeMutableRawPointer(self), sink: UnsafePointer(loop.pointee.sink),
            limits: UnsafePointer(loop.pointee.wireLimits))
        switch progress {
        case .more:
            if !hadPartialHead { pointee.headSince = loop.pointee.now }
        case .requestComplete:
            if parser.pointee.exchange == nil {  // the end of a body that was answered early and dropped
                parser.pointee.reset()
                pointee.loop.markAgain(self)
            }
        case .refused(let fault): refuse(fault)
        }
        return used
    }

    /// Parses what lies behind an answered request.
    func parseRest() {
        guard pointee.stage == .open, !pointee.rest.isEmpty, pointee.oldest == nil else { return }
        let used = parse(pointee.rest.first, pointee.rest.count)
        if pointee.stage != .dead { pointee.rest.drop(used) }
        if pointee.peerEnded, pointee.rest.isEmpty {
            abandonIncomplete()
            pointee.isLast = true
            markDirty()
        }
        updateInterest()
    }

    /// Answers what cannot be parsed, then closes.
    private func refuse(_ fault: WireFault) {
        pointee.isLast = true
        pointee.loop.pointee.meter.refused(fault.status == 431 ? .headTooLarge : .malformed)
        if fault == .bodyTooLongToDrop { return closeWhenSent() }
        if let open = pointee.oldest, open.pointee.stage == .answered { return markDirty() }
        let exchange = pointee.oldest ?? pointee.loop.open(self, stream: 0)
        exchange.answer(fault)
    }
}
