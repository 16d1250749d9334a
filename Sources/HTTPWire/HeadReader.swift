/// Why reading a head stopped before its end.
enum HeadStop: Error {
    /// The bytes end before the head does, and what is there may still become a good one.
    case more
    case fault(WireFault)
}

/// One pass over the bytes of a head, in place (RFC 9112 sections 2 to 5). Nothing is told to anybody before the whole head was read, so a
/// refused head never opens an exchange.
///
/// A fault is reported once the line that holds it is complete, never earlier: then the answer to a request does not depend on how its
/// bytes were cut into pieces.
struct HeadReader {
    let bytes: UnsafePointer<UInt8>
    /// Bytes that may be looked at.
    let count: Int
    let names: UnsafeMutablePointer<UInt8>
    let fields: UnsafeMutablePointer<H1Scratch.Field>
    let limits: UnsafePointer<WireLimits>

    /// The next byte; after `read` the first one that is not of this head.
    private(set) var at = 0
    private(set) var line = RequestLine()
    private(set) var framing = BodyFraming()
    /// Fields in the scratch.
    private(set) var noted = 0
    private var lineStart = 0
    private var lines = 0

    init(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ scratch: UnsafeMutablePointer<H1Scratch>, _ limits: UnsafePointer<WireLimits>
    ) {
        self.bytes = bytes
        self.count = count
        self.limits = limits
        names = scratch.pointee.names
        fields = scratch.pointee.fields
    }

    /// Reads up to and including the empty line. One copy of it for both callers, with all that is hot inlined.
    @inline(never)
    mutating func read() throws(HeadStop) {
        try readRequestLine()
        try readFields()
        if let fault = framing.settle(isVersion10: line.isVersion10) { throw .fault(fault) }
    }

    // MARK: Request line

    @inline(__always)
    private mutating func readRequestLine() throws(HeadStop) {
        guard count >= 8, let method = H1Method.of(bytes) else { throw methodStop() }
        line.method = method
        let target = method.count &+ 1
        let end = ByteScan.targetEnd(bytes, from: target, to: count)
        guard end &+ 11 <= count else { throw targetStop(end) }
        guard end > target, bytes[end] == Byte.space else { throw targetStop(end) }
        if ByteScan.spells(bytes + end + 1, "HTTP/1.1\r\n") {
            line.isVersion10 = false
        } else if ByteScan.spells(bytes + end + 1, "HTTP/1.0\r\n") {
            line.isVersion10 = true
        } else {
            throw versionStop(end + 1)
        }
        guard end &+ 9 <= limits.pointee.requestLineBytes else { throw .fault(.requestLineTooLong) }
        guard method != .connect else { throw .fault(.connectUnsupported) }
        guard line.take(target: Slice(start: target, count: end &- target), in: bytes) else { throw .fault(.targetMalformed) }
        at = end &+ 11
    }

    /// A line that begins with no method we know: malformed, of another version (`PRI * HTTP/2.0`), or truly an unknown method.
    @inline(never)
    private mutating func methodStop() -> HeadStop {
        var index = 0
        while index < count, ByteScan.isToken(bytes[index]) { index += 1 }
        guard index > 0, index < count, bytes[index] == Byte.space else { return stop(lineEndFault(index) ?? .requestLineMalformed) }
        let target = index + 1
        let end = ByteScan.targetEnd(bytes, from: target, to: count)
        guard end > target, end < count, bytes[end] == Byte.space else { return targetStop(end) }
        switch version(end + 1) {
        case .served: return stop(.methodUnknown)
        case .other: return stop(.versionUnsupported)
        case .malformed: return versionStop(end + 1)
        }
    }

    /// A target that is empty, has a byte that may not be there, or has no version after it.
    @inline(never)
    private mutating func targetStop(_ end: Int) -> HeadStop {
        guard end < count else { return .more }
        switch bytes[end] {
        case Byte.space: return bytes[end - 1] == Byte.space ? stop(.requestLineMalformed) : versionStop(end + 1)
        case Byte.carriageReturn, Byte.lineFeed: return stop(lineEndFault(end) ?? .versionMissing)
        default: return stop(.targetMalformed)
        }
    }

    /// What follows the second space is not exactly a version that is served and CRLF.
    @inline(never)
    private mutating func versionStop(_ start: Int) -> HeadStop {
        if version(start) == .other { return stop(.versionUnsupported) }
        var index = start
        while index < count, bytes[index] > Byte.space { index += 1 }
        return stop(index < count ? lineEndFault(index) ?? .requestLineMalformed : .requestLineMalformed)
    }

    private enum Version { case served, other, malformed }

    /// `HTTP/` DIGIT `.` DIGIT CRLF (RFC 9112 section 2.3).
    private mutating func version(_ start: Int) -> Version {
        guard start + 10 <= count, ByteScan.spells(bytes + start, "HTTP/"), ByteScan.isDigit(bytes[start + 5]), bytes[start + 6] == 0x2E,
            ByteScan.isDigit(bytes[start + 7]), ByteScan.isLineEnd(bytes + start + 8)
        else { return .malformed }
        return bytes[start + 5] == 0x31 && bytes[start + 7] <= 0x31 ? .served : .other
    }

    // MARK: Fields

    /// Reads field lines up to and including the empty line. The loop of the hot path: one function, so that its constants are loaded once.
    @inline(never)
    private mutating func readFields() throws(HeadStop) {
        let mostLines = limits.pointee.headerCount
        var name = names
        var field = fields
        while at < count, bytes[at] != Byte.carriageReturn {
            lineStart = at
            let nameCount = try readName(name) &- lineStart
            let value = try readValue(lineStart &+ nameCount &+ 1)
            lines &+= 1
            guard lines <= mostLines else { throw .fault(.tooManyFields) }
            let known = FieldName.of(name, nameCount)
            if Self.isFraming(known, nameCount), try spend(known, name, nameCount, value) { continue }
            field.pointee = H1Scratch.Field(
                name: known, nameCount: UInt32(truncatingIfNeeded: nameCount), valueStart: UInt32(truncatingIfNeeded: value.start),
                valueCount: UInt32(truncatingIfNeeded: value.count))
            field += 1
            name += nameCount
        }
        noted = field - fields
        lineStart = at
        guard at &+ 1 < count else { throw .more }
        guard ByteScan.isLineEnd(bytes + at) else { throw stop(.lineEndMalformed) }
        at &+= 2
    }

    /// Copies a field's name in lower case and returns where its colon is. Nearly every name ends within one block.
    @inline(__always)
    private mutating func readName(_ name: UnsafeMutablePointer<UInt8>) throws(HeadStop) -> Int {
        if let end = ByteScan.copyPlainBlock(bytes, from: lineStart, to: count, name), bytes[end] == Byte.colon, end > lineStart {
            return end
        }
        return try readRareName(name)
    }

    @inline(never)
    private mutating func readRareName(_ name: UnsafeMutablePointer<UInt8>) throws(HeadStop) -> Int {
        var index = lineStart
        while index < count, ByteScan.isToken(bytes[index]) {
            name[index &- lineStart] = ByteScan.lowered(bytes[index])
            index &+= 1
        }
        guard index < count else { throw .more }
        if bytes[index] == Byte.colon, index > lineStart { return index }
        throw nameStop(index)
    }

    /// A byte that may not be in a name.
    @inline(never)
    private mutating func nameStop(_ index: Int) -> HeadStop {
        if let fault = lineEndFault(index) { return stop(fault) }
        guard Byte.isBlank(bytes[index]) else { return stop(.fieldNameMalformed) }
        if index == lineStart { return stop(lines == 0 ? .blankBeforeFields : .lineFolded) }
        var next = index
        while next < count, Byte.isBlank(bytes[next]) { next += 1 }
        return stop(next < count && bytes[next] == Byte.colon ? .spaceBeforeColon : .fieldNameMalformed)
    }

    /// Reads from behind the colon to behind the CRLF; the value without the blanks around it (RFC 9112 section 5.1).
    @inline(__always)
    private mutating func readValue(_ start: Int) throws(HeadStop) -> Slice {
        var first = start
        if first < count, bytes[first] == Byte.space { first &+= 1 }
        if first < count, bytes[first] <= Byte.space { first = blanksEnd(first) }
        var end = ByteScan.textEnd(bytes, from: first, to: count)
        if end < count, bytes[end] == Byte.tab { end = textEndBehindTabs(end) }
        guard end &+ 1 < count, ByteScan.isLineEnd(bytes + end) else { throw stop(lineEndFault(end) ?? .fieldValueMalformed) }
        at = end &+ 2
        // The byte before an empty value's end is a colon or a blank.
        if bytes[end &- 1] <= Byte.space { end = blanksStart(end, first) }
        return Slice(start: first, count: end &- first)
    }

    @inline(never)
    private mutating func blanksEnd(_ start: Int) -> Int {
        var end = start
        while end < count, Byte.isBlank(bytes[end]) { end &+= 1 }
        return end
    }

    @inline(never)
    private mutating func blanksStart(_ end: Int, _ first: Int) -> Int {
        var start = end
        while start > first, Byte.isBlank(bytes[start &- 1]) { start &-= 1 }
        return start
    }

    /// The end of a value with tabs inside, which are good, but end a search for control characters.
    @inline(never)
    private mutating func textEndBehindTabs(_ tab: Int) -> Int {
        var end = tab
        while end < count, bytes[end] == Byte.tab { end = ByteScan.textEnd(bytes, from: end &+ 1, to: count) }
        return end
    }

    /// Whether a field may be about the message itself; Connection has 10 bytes, Transfer-Encoding 17.
    @inline(__always)
    private static func isFraming(_ known: FieldName, _ nameCount: Int) -> Bool {
        switch known {
        case .other: nameCount == 10 || nameCount == 17
        case .contentLength, .host, .expect: true
        default: false
        }
    }

    /// Gives a field that is about the message itself to the framing. True: the field is spent, because HTTP/2 has none like it, or, Host,
    /// because it is delivered as the authority.
    @inline(never)
    private mutating func spend(
        _ known: FieldName, _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: Slice
    ) throws(HeadStop) -> Bool {
        var fault: WireFault?
        var isSpent = false
        switch known {
        case .contentLength: fault = framing.takeContentLength(bytes, value)
        case .expect: fault = framing.takeExpect(bytes, value)
        case .host:
            fault = framing.takeHost(bytes, value, readable: count)
            isSpent = true
        case .other:
            if nameCount == 10, ByteScan.spells(name, "connection") {
                framing.takeConnection(bytes, value)
                isSpent = true
            } else if nameCount == 17, ByteScan.isTransferEncoding(name) {
                fault = framing.takeTransferEncoding(bytes, value)
                isSpent = true
            }
        default: break
        }
        if let fault { throw .fault(fault) }
        return isSpent
    }

    // MARK: Faults

    // These only look, but are mutating so that a caller does not copy the reader for them.

    /// The fault of a lone CR or LF at `index`; nil when something else is there, or a whole CRLF.
    private mutating func lineEndFault(_ index: Int) -> WireFault? {
        guard index < count else { return nil }
        if bytes[index] == Byte.lineFeed { return .lineEndMalformed }
        guard bytes[index] == Byte.carriageReturn, index + 1 < count else { return nil }
        return bytes[index + 1] == Byte.lineFeed ? nil : .lineEndMalformed
    }

    /// A fault of the current line, if the line is complete. A request line that is too long is nothing but that.
    @inline(never)
    private mutating func stop(_ fault: WireFault) -> HeadStop {
        guard let end = ByteScan.lineFeed(bytes, from: lineStart, to: count) else { return .more }
        let content = end > lineStart && bytes[end - 1] == Byte.carriageReturn ? end - 1 : end
        return .fault(lineStart == 0 && content > limits.pointee.requestLineBytes ? .requestLineTooLong : fault)
    }
}
