/// Every cap on what a peer may send before a body is handed on, with its unit and its reason. What the peer sees when it goes past one
/// is a `WireFault`. How long a body may be is the route's matter, not the wire's.
public struct WireLimits: Sendable {
    /// Bytes of a request line without its CRLF, HTTP/1.1 only. RFC 9112 section 3 recommends room for 8000.
    /// Past it: 414 `request-line-too-long`.
    public var requestLineBytes = 8 * 1_024

    /// Decoded bytes of a head. HTTP/1.1: request line and fields with their line ends; HTTP/2: names, values and 32 for each field
    /// (RFC 9113 section 6.5.2), counted after HPACK so that a small block cannot unfold into a large one.
    /// Room for a 4 KiB cookie and a 4 KiB token. Past it: 431 `head-too-large`.
    public var headBytes = 16 * 1_024

    /// Fields of a head. Clients send about 10, a chain of proxies adds about 10. Past it: 431 `too-many-fields`.
    public var headerCount = 100

    /// Bytes of one chunk's line: size, extensions, CRLF. Sixteen hexadecimal digits and a little more; nobody uses extensions.
    /// Past it: 400 `chunk-line-too-long`.
    public var chunkLineBytes = 256

    /// Bytes of all chunk extensions of one body: they are thrown away, so they must not be a way to send for ever.
    /// Past it: 400 `chunk-extensions-too-large`.
    public var chunkExtensionBytes = 4 * 1_024

    /// Bytes of the trailer section of one body with its line ends; it is checked and dropped. Past it: 431 `trailers-too-large`.
    public var trailerBytes = 4 * 1_024

    /// Bytes of a body that are read and dropped after an early answer, so that the connection can be kept. More than this costs more
    /// than a new handshake. Past it: the connection is closed.
    public var drainBytes = 64 * 1_024

    /// Streams that one HTTP/2 connection may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS). Past it: REFUSED_STREAM.
    public var streams = 128

    /// Streams a peer may reset at once, and each second from then on (rapid reset, CVE-2023-44487). Past it: GOAWAY.
    public var resetBurst = 200
    public var resetsPerSecond = 20

    /// CONTINUATION frames of one HTTP/2 head. Past it: GOAWAY, and the connection is closed.
    public var continuations = 8

    /// PING and SETTINGS answers that wait for a peer that does not read. Past it: the connection is closed.
    public var queuedAcknowledgements = 200

    @inlinable public init() {}
}
