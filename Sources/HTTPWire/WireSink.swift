/// What a parsed connection tells its owner, the same for HTTP/1.1 and HTTP/2. Every function runs on the connection's reactor, inside the
/// call that delivers bytes; pointers are valid during the call only. They are C functions, so that a call costs one indirect jump and no
/// retain.
public struct WireSink: Sendable {
    /// The owner's connection, as it was given to the wire.
    public typealias Connection = UnsafeMutableRawPointer
    /// The owner's exchange, as `open` answered it.
    public typealias Exchange = UnsafeMutableRawPointer

    /// A request begins. `stream` is the HTTP/2 stream id, 0 for HTTP/1.1. nil refuses it.
    public var open: @convention(c) (_ connection: Connection, _ stream: Int32) -> Exchange?

    /// One field (pseudo-fields of HTTP/2 and the request line of HTTP/1.1 included). `name` is a `FieldName` raw value; nameBytes is lower
    /// case.
    public var field:
        @convention(c) (
            _ exchange: Exchange, _ name: Int32, _ nameBytes: UnsafePointer<UInt8>, _ nameCount: Int,
            _ value: UnsafePointer<UInt8>, _ valueCount: Int
        ) -> Void

    /// All fields were delivered. `endsHere`: no body follows.
    public var head: @convention(c) (_ exchange: Exchange, _ endsHere: Bool) -> Void

    /// A piece of the (decoded) body.
    public var body: @convention(c) (_ exchange: Exchange, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Void

    /// The request is complete (also called after head(endsHere: true)).
    public var end: @convention(c) (_ exchange: Exchange) -> Void

    /// The exchange is over on the wire; the pointer is not used again. `code`: HTTP/2 error code, 0 = normal.
    public var closed: @convention(c) (_ exchange: Exchange, _ code: UInt32) -> Void

    @inlinable public init(
        open: @escaping @convention(c) (Connection, Int32) -> Exchange?,
        field: @escaping @convention(c) (Exchange, Int32, UnsafePointer<UInt8>, Int, UnsafePointer<UInt8>, Int) -> Void,
        head: @escaping @convention(c) (Exchange, Bool) -> Void,
        body: @escaping @convention(c) (Exchange, UnsafePointer<UInt8>, Int) -> Void,
        end: @escaping @convention(c) (Exchange) -> Void,
        closed: @escaping @convention(c) (Exchange, UInt32) -> Void
    ) {
        self.open = open
        self.field = field
        self.head = head
        self.body = body
        self.end = end
        self.closed = closed
    }
}
