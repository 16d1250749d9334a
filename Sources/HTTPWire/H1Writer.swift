/// What an HTTP/1.1 answer says about its connection (RFC 9112 section 9.3).
@frozen
public enum H1Persistence: Sendable {
    /// The connection stays, as HTTP/1.1 connections do: nothing is said.
    case implied
    /// The connection stays; an HTTP/1.0 client has to be told.
    case announced
    /// The connection is closed after this answer.
    case closing

    /// What to say to the sender of a request; see `H1Parser.keepAlive` and `isVersion10`.
    @inlinable public static func of(keepAlive: Bool, isVersion10: Bool) -> H1Persistence {
        !keepAlive ? .closing : isVersion10 ? .announced : .implied
    }
}

/// The part of an answer's head that every answer has. Borrowed bytes, valid while it is written.
public struct H1ResponseHead {
    public var status: Int
    public var persistence: H1Persistence
    /// `date` as in RFC 9110 section 5.6.7: `H1Writer.dateBytes` bytes, `Sun, 06 Nov 1994 08:49:37 GMT`.
    public var date: UnsafePointer<UInt8>
    /// nil: there is no content, and no field about its type.
    public var contentType: UnsafePointer<UInt8>?
    public var contentTypeCount: Int
    /// Bytes of the body, or of the one that a HEAD is not sent; nil for 204 and 304, which have none (RFC 9110 section 8.6).
    public var contentLength: Int?

    @inlinable public init(
        status: Int, persistence: H1Persistence, date: UnsafePointer<UInt8>, contentType: UnsafePointer<UInt8>?, contentTypeCount: Int,
        contentLength: Int?
    ) {
        self.status = status
        self.persistence = persistence
        self.date = date
        self.contentType = contentType
        self.contentTypeCount = contentTypeCount
        self.contentLength = contentLength
    }
}

/// Writes HTTP/1.1 answers' heads into memory of the caller's. No state, any thread.
public enum H1Writer {
    /// The interim answer to `Expect: 100-continue` (RFC 9110 section 15.2.1).
    public static var continueResponse: StaticString { "HTTP/1.1 100 Continue\r\n\r\n" }

    /// Bytes of a date.
    public static var dateBytes: Int { 29 }

    /// The most that a head takes besides the bytes of its content type and of its extra fields: the longest status line (46), three
    /// fields' names and line ends, the date (29), a length (19), `keep-alive` (10) and the empty line, rounded up.
    public static var fixedBytes: Int { 192 }

    /// The most that `head` writes for these fields.
    public static func bound(_ head: borrowing H1ResponseHead, _ fields: UnsafePointer<WireField>?, _ fieldCount: Int) -> Int {
        var bytes = fixedBytes &+ head.contentTypeCount
        guard let fields else { return bytes }
        for index in 0..<fieldCount {
            bytes &+= fields[index].nameCount &+ fields[index].valueCount &+ 4
        }
        return bytes
    }

    /// Writes a whole head, empty line included, and returns how many bytes it took; nil, with nothing written, when `bound` exceeds
    /// `capacity`.
    public static func write(
        _ head: borrowing H1ResponseHead, _ fields: UnsafePointer<WireField>?, _ fieldCount: Int,
        to buffer: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> Int? {
        guard bound(head, fields, fieldCount) <= capacity else { return nil }
        var output = ByteOutput(buffer)
        writeStatus(head.status, &output)
        output.text("date: ")
        output.copy(head.date, dateBytes)
        output.text("\r\n")
        if let contentType = head.contentType {
            output.text("content-type: ")
            output.trusted(contentType, head.contentTypeCount)
            output.text("\r\n")
        }
        if let length = head.contentLength {
            output.text("content-length: ")
            output.decimal(UInt64(max(length, 0)))
            output.text("\r\n")
        }
        switch head.persistence {
        case .implied: break
        case .announced: output.text("connection: keep-alive\r\n")
        case .closing: output.text("connection: close\r\n")
        }
        if let fields { writeFields(fields, fieldCount, &output) }
        output.text("\r\n")
        return output.count(since: buffer)
    }

    @inline(__always)
    private static func writeStatus(_ status: Int, _ output: inout ByteOutput) {
        if let line = H1Status.line(status) { return output.copy(line.utf8Start, line.utf8CodeUnitCount) }
        assert((100...999).contains(status), "a status has three digits")
        output.text("HTTP/1.1 ")
        output.decimal(UInt64(status))
        // The space stays when there is no reason phrase (RFC 9112 section 4).
        output.text(" \r\n")
    }

    @inline(__always)
    private static func writeFields(_ fields: UnsafePointer<WireField>, _ count: Int, _ output: inout ByteOutput) {
        for index in 0..<count {
            let field = fields[index]
            output.trusted(field.name, field.nameCount)
            output.text(": ")
            output.trusted(field.value, field.valueCount)
            output.text("\r\n")
        }
    }
}

/// A place in memory that is known to be large enough, and moves on as bytes are written.
struct ByteOutput {
    private var at: UnsafeMutablePointer<UInt8>

    init(_ start: UnsafeMutablePointer<UInt8>) { at = start }

    func count(since start: UnsafeMutablePointer<UInt8>) -> Int { at - start }

    /// The bytes of a literal; inlined, a few stores.
    @inline(__always)
    mutating func text(_ text: StaticString) {
        at.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        at += text.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func copy(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        at.update(from: bytes, count: count)
        at += count
    }

    /// Bytes of ours that must not end a line.
    @inline(__always)
    mutating func trusted(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        assert(
            (0..<count).allSatisfy { bytes[$0] != Byte.carriageReturn && bytes[$0] != Byte.lineFeed }, "a line end inside a field of ours")
        copy(bytes, count)
    }

    /// A number in decimal digits.
    @inline(__always)
    mutating func decimal(_ value: UInt64) {
        var digits = 1
        var bound: UInt64 = 10
        // Twenty digits are the most; the power of ten above them does not fit in 64 bits.
        while digits < 20, value >= bound {
            digits &+= 1
            bound = digits < 20 ? bound &* 10 : .max
        }
        var rest = value
        var index = digits
        while index > 0 {
            index &-= 1
            let (tens, digit) = rest.quotientAndRemainder(dividingBy: 10)
            at[index] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            rest = tens
        }
        at += digits
    }
}
