import CNghttp2

/// The server's end of one HTTP/2 connection over libnghttp2: plain bytes in, plain bytes out.
///
/// Confined to one thread. Requests are told to the `WireSink`; `nextOutput` must not be called from inside it (nghttp2 forbids it), nor while
/// earlier output is unsent: that is the back-pressure.
public struct H2Session: ~Copyable {
    private let session: OpaquePointer
    private let head: UnsafeMutablePointer<H2Head>

    /// nil when memory is short. `connection` and `sink` must outlive the session.
    public init?(rules: borrowing H2Rules, connection: UnsafeMutableRawPointer, sink: UnsafePointer<WireSink>, limits: UnsafePointer<WireLimits>) {
        let head = UnsafeMutablePointer<H2Head>.allocate(capacity: 1)
        head.initialize(to: H2Head(connection: connection, sink: sink, limits: limits))
        var made: OpaquePointer?
        guard nghttp2_session_server_new2(&made, rules.callbacks, head, rules.options) == 0, let session = made else {
            head.pointee.deallocate()
            head.deallocate()
            return nil
        }
        self.session = session
        self.head = head
        let settings = [
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: UInt32(limits.pointee.streams)),
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(limits.pointee.headBytes)),
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
        ]
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
    }

    deinit {
        nghttp2_session_del(session)
        head.pointee.deallocate()
        head.deallocate()
    }

    /// Takes plain bytes from the peer.
    /// - Returns: whether the connection can go on. If not, send what `nextOutput` still has (a GOAWAY) and close.
    public borrowing func receive(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
        if nghttp2_session_mem_recv(session, bytes, count) == count { return true }
        // nghttp2 drops some floods without a word (its CONTINUATION limit, for one): say why ourselves.
        nghttp2_session_terminate_session(session, UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue))
        return false
    }

    /// The next plain bytes for the peer, valid until the next call; 0 when there is nothing to send.
    public borrowing func nextOutput(_ bytes: inout UnsafePointer<UInt8>?) -> Int {
        max(0, nghttp2_session_mem_send(session, &bytes))
    }

    /// Nothing more is to be received or sent: the connection can be closed.
    public var isFinished: Bool {
        nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Why the head that is being told at this moment cannot be served, if it cannot. To be read inside `WireSink.head`.
    public var headFault: WireFault? { head.pointee.fault }

    /// Answers a stream. `status` is three digits; `body` stays in place until the exchange is closed (nil: no body).
    /// - Returns: false when the stream is gone.
    public borrowing func answer(
        stream: Int32, status: UnsafePointer<UInt8>, fields: UnsafePointer<WireField>, fieldCount: Int, body: UnsafeMutablePointer<WireBody>?
    ) -> Bool {
        let names = head.pointee.names
        names[0] = pair(":status", status, 3)
        for index in 0..<fieldCount { names[index + 1] = pair(fields[index]) }
        guard let body else { return nghttp2_submit_response(session, stream, names, fieldCount + 1, nil) == 0 }
        var provider = nghttp2_data_provider()
        provider.source.ptr = UnsafeMutableRawPointer(body)
        provider.read_callback = provideBody
        return nghttp2_submit_response(session, stream, names, fieldCount + 1, &provider) == 0
    }

    /// Tells a client that waits with its body to send it (`100 Continue`).
    public borrowing func answerContinue(stream: Int32) {
        let status: StaticString = "100"
        var names = pair(":status", status.utf8Start, 3)
        nghttp2_submit_headers(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, nil, &names, 1, nil)
    }

    /// Tells nothing more of a stream whose exchange is over before the stream is.
    public borrowing func forget(stream: Int32) {
        let exchange = nghttp2_session_get_stream_user_data(session, stream)
        if head.pointee.exchange == exchange { head.pointee.exchange = nil }
        nghttp2_session_set_stream_user_data(session, stream, nil)
    }

    /// Gives a stream up with an HTTP/2 error code (RFC 9113 section 7).
    public borrowing func reset(stream: Int32, code: UInt32) {
        nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code)
    }

    /// Says that no new stream will be served after one round trip (RFC 9113 section 6.8, the first of two GOAWAYs).
    public borrowing func announceEnd() {
        nghttp2_submit_shutdown_notice(session)
    }

    /// Serves the streams that were begun and no others (the second GOAWAY).
    public borrowing func refuseNewStreams() {
        nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session), UInt32(NGHTTP2_NO_ERROR.rawValue), nil, 0)
    }

    @inline(__always) private borrowing func pair(_ name: StaticString, _ value: UnsafePointer<UInt8>, _ count: Int) -> nghttp2_nv {
        pair(WireField(name, value, count))
    }

    @inline(__always) private borrowing func pair(_ field: WireField) -> nghttp2_nv {
        let borrowed = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        return nghttp2_nv(
            name: UnsafeMutablePointer(mutating: field.name), value: UnsafeMutablePointer(mutating: field.value), namelen: field.nameCount,
            valuelen: field.valueCount, flags: field.isVolatile ? borrowed | UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) : borrowed)
    }
}

/// The fields of an answer at most, `:status` included.
let answerFieldsAtMost = 16

/// What a session remembers between callbacks: the head that is being told. Heads never interleave (RFC 9113 section 4.3), so that one is
/// enough, and no callback has to look the stream up for each field.
struct H2Head {
    let connection: UnsafeMutableRawPointer
    let sink: UnsafePointer<WireSink>
    let limits: UnsafePointer<WireLimits>
    /// Scratch for the fields of an answer.
    let names: UnsafeMutablePointer<nghttp2_nv>
    var exchange: UnsafeMutableRawPointer?
    var bytes = 0
    var count = 0
    var fault: WireFault?

    init(connection: UnsafeMutableRawPointer, sink: UnsafePointer<WireSink>, limits: UnsafePointer<WireLimits>) {
        self.connection = connection
        self.sink = sink
        self.limits = limits
        names = .allocate(capacity: answerFieldsAtMost)
    }

    func deallocate() {
        names.deallocate()
    }
}
