import CNghttp2

/// The callbacks and options that all HTTP/2 sessions of one reactor share.
public struct H2Rules: ~Copyable {
    let callbacks: OpaquePointer
    let options: OpaquePointer

    /// nil when memory is short.
    public init?(limits: WireLimits) {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0, let callbacks, let options else { return nil }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, beginHeaders)
        nghttp2_session_callbacks_set_on_header_callback(callbacks, receiveField)
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, receiveFrame)
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, receiveBody)
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, closeStream)
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_stream_reset_rate_limit(options, UInt64(limits.resetBurst), UInt64(limits.resetsPerSecond))
        nghttp2_option_set_max_continuations(options, limits.continuations)
        nghttp2_option_set_max_outbound_ack(options, limits.queuedAcknowledgements)
        self.callbacks = callbacks
        self.options = options
    }

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(options)
    }
}

// The callbacks are free functions: inside a type or closure they could be bound to an actor and trap on a reactor's thread. nghttp2 calls them
// from within mem_recv, on the connection's reactor, with the session's `H2Head` as `user`.

/// Gives up one stream; the connection goes on.
private let refuseStream = Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
/// Gives up the connection.
private let refuseConnection = Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
/// A head this many times over its limit is an attack on the decoder: a 16 KB block can unfold into 45 MB.
private let hopelessFactor = 4

private func requestHead(_ user: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<H2Head> {
    user.unsafelyUnwrapped.assumingMemoryBound(to: H2Head.self)
}

@inline(__always)
private func beginHeaders(_ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?) -> Int32 {
    let head = requestHead(user)
    head.pointee.bytes = 0
    head.pointee.count = 0
    head.pointee.fault = nil
    head.pointee.exchange = nil
    guard let frame, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }  // trailers are counted and dropped
    let stream = frame.pointee.hd.stream_id
    guard let exchange = head.pointee.sink.pointee.open(head.pointee.connection, stream) else { return refuseStream }
    head.pointee.exchange = exchange
    nghttp2_session_set_stream_user_data(session, stream, exchange)
    return 0
}

@inline(__always)
private func receiveField(
    _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ name: UnsafePointer<UInt8>?, _ nameCount: Int,
    _ value: UnsafePointer<UInt8>?, _ valueCount: Int, _ flags: UInt8, _ user: UnsafeMutableRawPointer?
) -> Int32 {
    let head = requestHead(user)
    head.pointee.bytes += nameCount + valueCount + 32
    head.pointee.count += 1
    let limits = head.pointee.limits
    if head.pointee.bytes > limits.pointee.headBytes || head.pointee.count > limits.pointee.headerCount {
        head.pointee.fault = head.pointee.bytes > limits.pointee.headBytes ? .headTooLarge : .tooManyFields
        return head.pointee.bytes > hopelessFactor * limits.pointee.headBytes ? refuseConnection : 0
    }
    guard let exchange = head.pointee.exchange, let name, let value else { return 0 }
    head.pointee.sink.pointee.field(exchange, FieldName.of(name, nameCount).rawValue, name, nameCount, value, valueCount)
    return 0
}

@inline(__always)
private func receiveFrame(_ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?) -> Int32 {
    guard let frame else { return 0 }
    let head = requestHead(user)
    let ends = frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(frame.pointee.hd.type) {
    case NGHTTP2_HEADERS.rawValue:
        if let exchange = head.pointee.exchange {
            head.pointee.exchange = nil
            head.pointee.sink.pointee.head(exchange, ends)
            if ends { head.pointee.sink.pointee.end(exchange) }
            return 0
        }
        fallthrough  // trailers end a body as DATA does
    case NGHTTP2_DATA.rawValue:
        guard ends, let exchange = nghttp2_session_get_stream_user_data(session, frame.pointee.hd.stream_id) else { return 0 }
        head.pointee.sink.pointee.end(exchange)
    default: break
    }
    return 0
}

@inline(__always)
private func receiveBody(
    _ session: OpaquePointer?, _ flags: UInt8, _ stream: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int32 {
    guard let exchange = nghttp2_session_get_stream_user_data(session, stream), let bytes else { return 0 }
    requestHead(user).pointee.sink.pointee.body(exchange, bytes, count)
    return 0
}

@inline(__always)
private func closeStream(_ session: OpaquePointer?, _ stream: Int32, _ code: UInt32, _ user: UnsafeMutableRawPointer?) -> Int32 {
    guard let exchange = nghttp2_session_get_stream_user_data(session, stream) else { return 0 }
    let head = requestHead(user)
    if head.pointee.exchange == exchange { head.pointee.exchange = nil }
    head.pointee.sink.pointee.closed(exchange, code)
    return 0
}

/// Copies the next piece of an answer's body into a DATA frame.
@inline(__always)
func provideBody(
    _ session: OpaquePointer?, _ stream: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int, _ flags: UnsafeMutablePointer<UInt32>?,
    _ source: UnsafeMutablePointer<nghttp2_data_source>?, _ user: UnsafeMutableRawPointer?
) -> Int {
    let body = source.unsafelyUnwrapped.pointee.ptr.assumingMemoryBound(to: WireBody.self)
    let count = min(capacity, body.pointee.count - body.pointee.offset)
    buffer.unsafelyUnwrapped.update(from: body.pointee.bytes + body.pointee.offset, count: count)
    body.pointee.offset += count
    if body.pointee.offset == body.pointee.count { flags.unsafelyUnwrapped.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue) }
    return count
}
