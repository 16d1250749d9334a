/// The methods of RFC 9110 section 9.3 and PATCH (RFC 5789). CONNECT is known so that it can be refused by name.
enum H1Method: UInt8 {
    case get, head, post, put, delete, options, patch, trace, connect

    /// The method that a line begins with, if a space follows it. Eight bytes must be readable.
    @inline(__always)
    static func of(_ line: UnsafePointer<UInt8>) -> H1Method? {
        if ByteScan.spells(line, "POST ") { return .post }
        if ByteScan.spells(line, "GET ") { return .get }
        return rare(line)
    }

    private static func rare(_ line: UnsafePointer<UInt8>) -> H1Method? {
        if ByteScan.spells(line, "HEAD ") { return .head }
        if ByteScan.spells(line, "PUT ") { return .put }
        if ByteScan.spells(line, "DELETE ") { return .delete }
        if ByteScan.spells(line, "OPTIONS ") { return .options }
        if ByteScan.spells(line, "PATCH ") { return .patch }
        if ByteScan.spells(line, "TRACE ") { return .trace }
        if ByteScan.spells(line, "CONNECT ") { return .connect }
        return nil
    }

    /// Bytes of the method's name.
    @inline(__always)
    var count: Int {
        switch self {
        case .get, .put: 3
        case .head, .post: 4
        case .patch, .trace: 5
        case .delete: 6
        case .options, .connect: 7
        }
    }
}

/// A stretch of the head.
struct Slice {
    var start = 0
    var count = 0
}

/// What a request line says (RFC 9112 section 3).
struct RequestLine {
    enum Scheme: UInt8 {
        /// The target has no scheme: origin-form or asterisk-form.
        case none
        case http, https
    }

    var method = H1Method.get
    /// Where the line begins; the method's name begins there too.
    var start = 0
    var isVersion10 = false
    var path = Slice()
    var scheme = Scheme.none
    /// From an absolute-form target; it has precedence over Host (RFC 9112 section 3.2.2). Else empty.
    var authority = Slice()
    /// An absolute-form target without a path stands for `/`, or for `*` with OPTIONS (RFC 9112 section 3.2.4).
    var pathIsImplied = false

    /// Sorts a target into its form; false: it has none. `target` holds visible ASCII without `#` and is not empty.
    @inline(__always)
    mutating func take(target: Slice, in bytes: UnsafePointer<UInt8>) -> Bool {
        if bytes[target.start] == Byte.slash {
            path = target
            return true
        }
        return takeRare(target: target, in: bytes)
    }

    @inline(never)
    private mutating func takeRare(target: Slice, in bytes: UnsafePointer<UInt8>) -> Bool {
        if target.count == 1, bytes[target.start] == Byte.asterisk {
            path = target
            return method == .options
        }
        return takeAbsolute(target: target, in: bytes)
    }

    /// absolute-form: `http://host[:port]/path`. A query without a path before it is refused: clients send the slash.
    private mutating func takeAbsolute(target: Slice, in bytes: UnsafePointer<UInt8>) -> Bool {
        let end = target.start + target.count
        guard let colon = (target.start..<end).first(where: { bytes[$0] == Byte.colon }) else { return false }
        let word = bytes + target.start
        if ByteScan.spellsInAnyCase(word, colon - target.start, "https") {
            scheme = .https
        } else if ByteScan.spellsInAnyCase(word, colon - target.start, "http") {
            scheme = .http
        } else {
            return false
        }
        guard colon + 2 < end, bytes[colon + 1] == Byte.slash, bytes[colon + 2] == Byte.slash else { return false }
        let first = colon + 3
        let slash = (first..<end).first(where: { bytes[$0] == Byte.slash }) ?? end
        authority = Slice(start: first, count: slash - first)
        path = Slice(start: slash, count: end - slash)
        pathIsImplied = path.count == 0
        return HostSyntax.accepts(bytes, authority, readable: end)
    }
}
