/// What the fields of a head say about the message itself: how long its body is (RFC 9112 section 6), whether the connection stays
/// (section 9.3), and whether the client waits for `100 Continue` (RFC 9110 section 10.1.1).
///
/// Wherever two readers of the same bytes could disagree about where the next request begins, the request is refused.
struct BodyFraming {
    /// nil until a Content-Length was seen.
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var expectsContinue = false
    /// The value of Host, once seen.
    private(set) var host: Slice?
    private var asksToClose = false
    private var asksToKeep = false

    /// Content-Length: digits alone, once, below 2^63.
    @inline(__always)
    mutating func takeContentLength(_ bytes: UnsafePointer<UInt8>, _ value: Slice) -> WireFault? {
        if contentLength != nil { return .contentLengthRepeated }
        guard value.count > 0 else { return .contentLengthMalformed }
        var length = 0
        for index in value.start..<value.start &+ value.count {
            let byte = bytes[index]
            guard ByteScan.isDigit(byte) else { return .contentLengthMalformed }
            let (tens, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte &- 0x30))
            if overflow || carry { return .contentLengthMalformed }
            length = sum
        }
        contentLength = length
        return nil
    }

    /// Host: once, and well formed. `readable`: the end of the bytes that may be looked at.
    @inline(__always)
    mutating func takeHost(_ bytes: UnsafePointer<UInt8>, _ value: Slice, readable: Int) -> WireFault? {
        if host != nil { return .hostRepeated }
        guard HostSyntax.accepts(bytes, value, readable: readable) else { return .hostMalformed }
        host = value
        return nil
    }

    /// Transfer-Encoding: exactly `chunked`, once. In a list, `chunked` must be last and alone of its kind, else nobody knows where the
    /// body ends (400); a list that ends well but names other codings asks for what is not served (501).
    @inline(never)
    mutating func takeTransferEncoding(_ bytes: UnsafePointer<UInt8>, _ value: Slice) -> WireFault? {
        if isChunked { return .transferEncodingMalformed }
        if ByteScan.spellsInAnyCase(bytes + value.start, value.count, "chunked") {
            isChunked = true
            return nil
        }
        var list = TokenList(bytes, value)
        var sawChunked = false
        while let item = list.next() {
            guard item.count > 0, isToken(bytes, item), !sawChunked else { return .transferEncodingMalformed }
            sawChunked = ByteScan.spellsInAnyCase(bytes + item.start, item.count, "chunked")
        }
        return .transferEncodingUnknown
    }

    private func isToken(_ bytes: UnsafePointer<UInt8>, _ item: Slice) -> Bool {
        (item.start..<item.start + item.count).allSatisfy { ByteScan.isToken(bytes[$0]) }
    }

    /// Connection: of its options only `close` and `keep-alive` matter here; upgrades are not offered, so asking for one is ignored
    /// (RFC 9110 section 7.8).
    @inline(never)
    mutating func takeConnection(_ bytes: UnsafePointer<UInt8>, _ value: Slice) {
        var list = TokenList(bytes, value)
        while let item = list.next() {
            if ByteScan.spellsInAnyCase(bytes + item.start, item.count, "close") { asksToClose = true }
            if ByteScan.spellsInAnyCase(bytes + item.start, item.count, "keep-alive") { asksToKeep = true }
        }
    }

    /// Expect: `100-continue` or nothing.
    @inline(never)
    mutating func takeExpect(_ bytes: UnsafePointer<UInt8>, _ value: Slice) -> WireFault? {
        guard ByteScan.spellsInAnyCase(bytes + value.start, value.count, "100-continue") else { return .expectationUnknown }
        expectsContinue = true
        return nil
    }

    /// What the fields contradict together, once all were seen. Afterwards `expectsContinue` holds only for HTTP/1.1 with a body.
    @inline(__always)
    mutating func settle(isVersion10: Bool) -> WireFault? {
        if isChunked {
            if isVersion10 { return .transferEncodingTooOld }
            if contentLength != nil { return .lengthAmbiguous }
        }
        if host == nil, !isVersion10 { return .hostMissing }
        if isVersion10 || !hasBody { expectsContinue = false }
        return nil
    }

    /// Without either field a request has no body (RFC 9112 section 6.3, rule 7).
    @inline(__always)
    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// Whether the connection stays after the answer: HTTP/1.1 unless told otherwise, HTTP/1.0 only when asked (RFC 9112 section 9.3).
    @inline(__always)
    func keepsAlive(isVersion10: Bool) -> Bool { !asksToClose && (!isVersion10 || asksToKeep) }
}

/// The members of a comma-separated list without the blanks around them; empty members too (RFC 9110 section 5.6.1).
private struct TokenList {
    private let bytes: UnsafePointer<UInt8>
    private let end: Int
    private var at: Int

    init(_ bytes: UnsafePointer<UInt8>, _ value: Slice) {
        self.bytes = bytes
        at = value.start
        end = value.start + value.count
    }

    mutating func next() -> Slice? {
        guard at <= end else { return nil }
        var first = at
        while at < end, bytes[at] != Byte.comma { at += 1 }
        var last = at
        at += 1
        while first < last, Byte.isBlank(bytes[first]) { first += 1 }
        while last > first, Byte.isBlank(bytes[last - 1]) { last -= 1 }
        return Slice(start: first, count: last - first)
    }
}
