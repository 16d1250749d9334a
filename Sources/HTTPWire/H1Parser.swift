/// How far one call of `H1Parser.receive` came.
@frozen
public enum H1Progress: Equatable, Sendable {
    /// All bytes were taken; the request is not complete.
    case more
    /// One request is complete. Bytes that follow it were not taken: answer it, call `reset`, hand them in again.
    case requestComplete
    /// The bytes are no request that is served. Answer with the fault's status and close; see `H1Parser.exchange` for who else must know.
    case refused(WireFault)
}

/// Reads one HTTP/1.1 or HTTP/1.0 connection's requests, strictly after RFC 9110 and RFC 9112, and tells them to a `WireSink`.
///
/// A head that arrives whole is read where it lies, without an allocation; the beginning of one is kept until the rest comes. A request's
/// fields are delivered in this order: `:method`, `:path`, `:scheme` (only if the target names it), `:authority` (from the target, else
/// from Host), then the others as they came, without Host, Connection and Transfer-Encoding, which are spent here.
///
/// Belongs to one thread. None of its functions may be called from inside the sink.
public struct H1Parser: ~Copyable {
    private enum Phase: UInt8 {
        case head, sizedBody, chunkedBody, complete, refused
    }

    private enum BlankLine: UInt8 {
        case none, half, skipped
    }

    /// The exchange that the sink opened for the current request. Set from the head on until `reset` or `discardBody`; after `.refused` it
    /// says whether there is an exchange to be told that it is over. The parser never calls `WireSink.closed`.
    public private(set) var exchange: WireSink.Exchange?
    /// Whether the connection stays open after the current request's answer.
    public private(set) var keepAlive = true
    /// Whether the current request is of HTTP/1.0, whose clients must be told when the connection stays.
    public private(set) var isVersion10 = false
    /// Whether the current request is a HEAD: its answer has no body.
    public private(set) var isHead = false
    /// Whether the client holds its body back until it hears `100 Continue`; ends when the body begins.
    public private(set) var expectsContinue = false

    private var phase = Phase.head
    private var blankLine = BlankLine.none
    private var fault = WireFault.requestLineMalformed
    /// Bytes of the body still to come, when its length is known.
    private var remaining = 0
    /// Bytes of the body that may still be dropped.
    private var dropBudget = 0
    private var chunks = ChunkedCoding()
    private var partial = PartialHead()
    private let scratch: UnsafeMutablePointer<H1Scratch>

    /// A parser for a new connection. `scratch` is shared with the reactor's other parsers and must outlive this one.
    public init(scratch: UnsafeMutablePointer<H1Scratch>) {
        self.scratch = scratch
    }

    /// Whether a head has begun and is not complete: the head's deadline runs.
    public var hasPartialHead: Bool { partial.count > 0 }

    /// Whether a body has begun or is awaited: the body's deadline runs.
    public var isMidBody: Bool { phase == .sizedBody || phase == .chunkedBody }

    /// Makes ready for the next request of the connection. Only after `.requestComplete`.
    public mutating func reset() {
        assert(phase == .complete, "a request that is not complete cannot be followed by another")
        exchange = nil
        keepAlive = true
        isVersion10 = false
        isHead = false
        expectsContinue = false
        blankLine = .none
        phase = .head
    }

    /// `100 Continue` was sent: the body may come now.
    public mutating func didSendContinue() {
        expectsContinue = false
    }

    /// Whether the connection lives on when the current request is answered now, and at most `limit` bytes of its body are dropped. It must be
    /// closed instead when it was to be closed anyway, the rest is known to be longer, or the client waits for `100 Continue` and might never send
    /// it (RFC 9110 section 10.1.1).
    public func canDiscardBody(_ limit: Int) -> Bool {
        keepAlive && !expectsContinue && phase != .refused && phase != .head && !(phase == .sizedBody && remaining > limit)
    }

    /// The current request is answered already, so the rest of its body is dropped, at most `limit` bytes. Afterwards the exchange is not
    /// touched again; `receive` reads on and says `requestComplete` at the body's end, or refuses when it is too long.
    ///
    /// Returns false when the connection must be closed instead, see `canDiscardBody`.
    public mutating func discardBody(_ limit: Int) -> Bool {
        guard canDiscardBody(limit) else { return false }
        exchange = nil
        dropBudget = limit
        return true
    }

    /// Takes the connection's next bytes, up to the end of one request.
    ///
    /// `consumed` becomes the number of bytes taken, all of them with `.more`. `connection` is handed to `WireSink.open`. `limits` are the
    /// same for all calls, and none larger than those the scratch was made for. Once refused, a connection stays refused.
    public mutating func receive(
        _ input: UnsafePointer<UInt8>, _ count: Int, consumed: inout Int, connection: UnsafeMutableRawPointer,
        sink: UnsafePointer<WireSink>, limits: UnsafePointer<WireLimits>
    ) -> H1Progress {
        var at = 0
        defer { consumed = at }
        if phase == .head {
            skipBlankLine(input, count, &at)
            guard at < count || phase == .refused else { return .more }
            if phase == .head, !receiveHead(input, count, &at, connection, sink, limits) { return progress }
        }
        switch phase {
        case .sizedBody: receiveSized(input, count, &at, sink)
        case .chunkedBody: receiveChunked(input, count, &at, sink, limits)
        case .head, .complete, .refused: break
        }
        return progress
    }

    private var progress: H1Progress {
        switch phase {
        case .complete: .requestComplete
        case .refused: .refused(fault)
        case .head, .sizedBody, .chunkedBody: .more
        }
    }

    private mutating func refuse(_ fault: WireFault) {
        self.fault = fault
        phase = .refused
        keepAlive = false
        partial.clear()
    }

    // MARK: Head

    /// Skips the one empty line that may stand before a request line (RFC 9112 section 2.2).
    @inline(__always)
    private mutating func skipBlankLine(_ input: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int) {
        guard count > 0, blankLine != .skipped, partial.count == 0 else { return }
        if blankLine == .none {
            guard input[0] == Byte.carriageReturn else { return }
            blankLine = .half
            at = 1
        }
        guard at < count else { return }
        guard input[at] == Byte.lineFeed else { return refuse(.lineEndMalformed) }
        blankLine = .skipped
        at += 1
    }

    /// Reads a head; false when it is not complete or refused.
    @inline(__always)
    private mutating func receiveHead(
        _ input: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ connection: WireSink.Connection,
        _ sink: UnsafePointer<WireSink>, _ limits: UnsafePointer<WireLimits>
    ) -> Bool {
        if partial.count > 0 { return receiveRest(input, count, &at, connection, sink, limits) }
        let window = min(count &- at, limits.pointee.headBytes)
        var reader = HeadReader(input + at, window, scratch, limits)
        do throws(HeadStop) {
            try reader.read()
        } catch {
            return keep(error, input, count, &at, limits)
        }
        at &+= reader.at
        return deliver(&reader, connection, sink)
    }

    /// The head did not end in `input`: keeps its beginning, or refuses it.
    @inline(never)
    private mutating func keep(
        _ stop: HeadStop, _ input: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ limits: UnsafePointer<WireLimits>
    ) -> Bool {
        if case .fault(let fault) = stop {
            refuse(fault)
            return false
        }
        let taken = min(count - at, limits.pointee.headBytes)
        _ = partial.append(input + at, taken, limit: limits.pointee.headBytes)
        at += taken
        boundPartial(limits)
        return false
    }

    /// Refuses a head that already is too large although it is not complete.
    private mutating func boundPartial(_ limits: UnsafePointer<WireLimits>) {
        // Without its line feed a request line may still end in a carriage return that does not count.
        if !partial.hasLine, partial.count >= limits.pointee.requestLineBytes + 2 { return refuse(.requestLineTooLong) }
        if partial.count >= limits.pointee.headBytes { refuse(.headTooLarge) }
    }

    /// Adds to a head that was begun before and reads it again from its start, but only if a line was completed: at most as often as a
    /// head may have lines.
    @inline(never)
    private mutating func receiveRest(
        _ input: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ connection: WireSink.Connection,
        _ sink: UnsafePointer<WireSink>, _ limits: UnsafePointer<WireLimits>
    ) -> Bool {
        let before = partial.count
        let taken = min(count - at, limits.pointee.headBytes - before)
        let completesLine = partial.append(input + at, taken, limit: limits.pointee.headBytes)
        guard completesLine, let bytes = partial.bytes else {
            at += taken
            boundPartial(limits)
            return false
        }
        var reader = HeadReader(bytes, partial.count, scratch, limits)
        do throws(HeadStop) {
            try reader.read()
        } catch {
            at += taken
            if case .fault(let fault) = error { refuse(fault) } else { boundPartial(limits) }
            return false
        }
        at += reader.at - before
        let isOpen = deliver(&reader, connection, sink)
        partial.clear()
        return isOpen
    }

    /// Tells the sink a head, and prepares for its body; false when the sink has no room for it.
    @inline(__always)
    private mutating func deliver(_ reader: inout HeadReader, _ connection: WireSink.Connection, _ sink: UnsafePointer<WireSink>) -> Bool {
        isVersion10 = reader.line.isVersion10
        isHead = reader.line.method == .head
        keepAlive = reader.framing.keepsAlive(isVersion10: isVersion10)
        guard let exchange = sink.pointee.open(connection, 0) else {
            refuse(.exchangeRefused)
            return false
        }
        self.exchange = exchange
        reader.deliver(to: exchange, sink)
        let hasBody = reader.framing.hasBody
        sink.pointee.head(exchange, !hasBody)
        if !hasBody {
            phase = .complete
            sink.pointee.end(exchange)
        } else if reader.framing.isChunked {
            phase = .chunkedBody
            chunks = ChunkedCoding()
        } else {
            phase = .sizedBody
            remaining = reader.framing.contentLength ?? 0
        }
        expectsContinue = reader.framing.expectsContinue
        return true
    }

    // MARK: Body

    @inline(__always)
    private mutating func receiveSized(_ input: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ sink: UnsafePointer<WireSink>) {
        let piece = min(remaining, count &- at)
        guard piece > 0, hand(input + at, piece, sink) else { return }
        at &+= piece
        remaining &-= piece
        if remaining == 0 { finish(sink) }
    }

    @inline(never)
    private mutating func receiveChunked(
        _ input: UnsafePointer<UInt8>, _ count: Int, _ at: inout Int, _ sink: UnsafePointer<WireSink>, _ limits: UnsafePointer<WireLimits>
    ) {
        if at < count { expectsContinue = false }
        while true {
            switch chunks.next(input, count, &at, limits) {
            case .more: return
            case .data(let piece):
                guard hand(input + at, piece, sink) else { return }
                at += piece
            case .end: return finish(sink)
            case .fault(let fault): return refuse(fault)
            }
        }
    }

    /// Gives a piece of the body to the exchange, or drops it; false when too much was dropped.
    @inline(__always)
    private mutating func hand(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ sink: UnsafePointer<WireSink>) -> Bool {
        expectsContinue = false
        if let exchange {
            sink.pointee.body(exchange, bytes, count)
        } else {
            guard count <= dropBudget else {
                refuse(.bodyTooLongToDrop)
                return false
            }
            dropBudget &-= count
        }
        return true
    }

    private mutating func finish(_ sink: UnsafePointer<WireSink>) {
        phase = .complete
        if let exchange { sink.pointee.end(exchange) }
    }
}
