/// What is wrong with a request on the wire, before anybody looked at what it asks for. Every fault has one answer: a status, a code for
/// programs and a sentence for people. After any of them the HTTP/1.1 connection is closed, because where the next request would begin
/// is not known for certain.
@frozen
public enum WireFault: UInt8, CaseIterable, Sendable {
    // MARK: Request line

    /// Not `method SP target SP version` (RFC 9112 section 3).
    case requestLineMalformed
    /// Longer than `WireLimits.requestLineBytes` (RFC 9112 section 3: 414).
    case requestLineTooLong
    /// No version: HTTP/0.9 (RFC 9112 section 3).
    case versionMissing
    /// Neither HTTP/1.1 nor HTTP/1.0 (RFC 9110 section 15.6.6).
    case versionUnsupported
    /// Not a method of RFC 9110 section 9.3 or RFC 5789; methods are case-sensitive (RFC 9110 section 9.1: 501).
    case methodUnknown
    /// CONNECT: there are no tunnels here (RFC 9110 section 9.3.6).
    case connectUnsupported
    /// None of the forms of RFC 9112 section 3.2, a byte outside visible ASCII, or a fragment.
    case targetMalformed

    // MARK: Lines and fields

    /// Larger than `WireLimits.headBytes` (RFC 6585 section 5).
    case headTooLarge
    /// More than `WireLimits.headerCount` (RFC 6585 section 5).
    case tooManyFields
    /// A line feed without a carriage return before it, or a carriage return without a line feed after it (RFC 9112 section 2.2).
    case lineEndMalformed
    /// White space between the request line and the first field (RFC 9112 section 2.2).
    case blankBeforeFields
    /// A field value continued on the next line (RFC 9112 section 5.2).
    case lineFolded
    /// An empty field name, or one with a byte that is not of a token (RFC 9110 section 5.1).
    case fieldNameMalformed
    /// White space between a field name and its colon (RFC 9112 section 5.1: 400).
    case spaceBeforeColon
    /// A control character in a field value (RFC 9110 section 5.5).
    case fieldValueMalformed

    // MARK: Host

    /// HTTP/1.1 without Host (RFC 9112 section 3.2: 400).
    case hostMissing
    /// More than one Host (RFC 9112 section 3.2: 400).
    case hostRepeated
    /// Not `host [":" port]` of RFC 3986 section 3.2; user information is refused too (RFC 9110 section 4.2.4).
    case hostMalformed

    // MARK: Length of the body

    /// Content-Length is not digits alone, or does not fit in 63 bits (RFC 9112 section 6.3).
    case contentLengthMalformed
    /// More than one Content-Length, even of the same value (RFC 9112 section 6.3 lets us refuse).
    case contentLengthRepeated
    /// Content-Length next to Transfer-Encoding: two readers could disagree (RFC 9112 section 6.3).
    case lengthAmbiguous
    /// Transfer-Encoding that is no list of codings, is repeated, or does not end in exactly one `chunked` (RFC 9112 section 6.1).
    case transferEncodingMalformed
    /// A transfer coding other than `chunked` (RFC 9112 section 6.1: 501).
    case transferEncodingUnknown
    /// Transfer-Encoding in HTTP/1.0, where framing with it is faulty (RFC 9112 section 6.1).
    case transferEncodingTooOld
    /// An expectation other than `100-continue` (RFC 9110 section 10.1.1: 417).
    case expectationUnknown

    // MARK: Chunks

    /// A chunk size that is not hexadecimal, a bad extension or line end (RFC 9112 section 7.1).
    case chunkLineMalformed
    /// A chunk size that does not fit in 63 bits (RFC 9112 section 7.1).
    case chunkSizeTooLarge
    /// Longer than `WireLimits.chunkLineBytes` (RFC 9112 section 7.1.1).
    case chunkLineTooLong
    /// More than `WireLimits.chunkExtensionBytes` (RFC 9112 section 7.1.1).
    case chunkExtensionsTooLarge
    /// Chunk data that is not followed by CRLF (RFC 9112 section 7.1).
    case chunkEndMissing
    /// A trailer line that is no field line (RFC 9112 section 7.1.2).
    case trailerMalformed
    /// More than `WireLimits.trailerBytes` (RFC 6585 section 5).
    case trailersTooLarge

    // MARK: Ours

    /// The owner had no room for another exchange (RFC 9110 section 15.6.4).
    case exchangeRefused
    /// After an early answer more body came than we are willing to drop. The answer is out already; only the closing remains.
    case bodyTooLongToDrop
}

extension WireFault {
    /// The HTTP status of the answer.
    public var status: Int { answer.status }

    /// The fault's name for programs, in kebab case; part of the API.
    public var code: StaticString { answer.code }

    /// What is wrong, in a sentence that the person who wrote the client can act on.
    public var sentence: StaticString { answer.sentence }

    private struct Answer {
        let status: Int
        let code: StaticString
        let sentence: StaticString

        init(_ status: Int, _ code: StaticString, _ sentence: StaticString) {
            self.status = status
            self.code = code
            self.sentence = sentence
        }
    }

    private var answer: Answer {
        switch self {
        case .requestLineMalformed, .requestLineTooLong, .versionMissing, .versionUnsupported, .methodUnknown, .connectUnsupported,
            .targetMalformed:
            requestLineAnswer
        case .headTooLarge, .tooManyFields, .lineEndMalformed, .blankBeforeFields, .lineFolded, .fieldNameMalformed, .spaceBeforeColon,
            .fieldValueMalformed, .hostMissing, .hostRepeated, .hostMalformed:
            fieldAnswer
        case .contentLengthMalformed, .contentLengthRepeated, .lengthAmbiguous, .transferEncodingMalformed, .transferEncodingUnknown,
            .transferEncodingTooOld, .expectationUnknown:
            framingAnswer
        default:
            bodyAnswer
        }
    }

    private var requestLineAnswer: Answer {
        switch self {
        case .requestLineTooLong: Answer(414, "request-line-too-long", "The request line is too long.")
        case .versionMissing: Answer(400, "version-missing", "The request line names no HTTP version; HTTP/0.9 is not served.")
        case .versionUnsupported: Answer(505, "version-unsupported", "Only HTTP/1.1, HTTP/1.0 and HTTP/2 (by ALPN) are served.")
        case .methodUnknown: Answer(501, "method-unknown", "This method is not known; methods are written in capitals.")
        case .connectUnsupported: Answer(501, "connect-unsupported", "CONNECT is not served.")
        case .targetMalformed:
            Answer(400, "target-malformed", "The request target must be a path in visible ASCII without a fragment, or an http(s) URL.")
        default: Answer(400, "request-line-malformed", "The request line must be a method, a target and a version, one space apart.")
        }
    }

    private var fieldAnswer: Answer {
        switch self {
        case .headTooLarge: Answer(431, "head-too-large", "The header fields are too large.")
        case .tooManyFields: Answer(431, "too-many-fields", "There are too many header fields.")
        case .lineEndMalformed: Answer(400, "line-end-malformed", "Every line must end with a carriage return and a line feed.")
        case .blankBeforeFields: Answer(400, "blank-before-fields", "The first header field must not begin with white space.")
        case .lineFolded: Answer(400, "line-folded", "A header field must not continue on the next line.")
        case .spaceBeforeColon: Answer(400, "space-before-colon", "There must be no white space before the colon of a header field.")
        case .fieldValueMalformed: Answer(400, "field-value-malformed", "A header field's value holds a control character.")
        case .hostMissing: Answer(400, "host-missing", "HTTP/1.1 needs a Host field.")
        case .hostRepeated: Answer(400, "host-repeated", "There is more than one Host field.")
        case .hostMalformed: Answer(400, "host-malformed", "The host must be a name or an address, optionally with a port.")
        default: Answer(400, "field-name-malformed", "A header field's name is empty or holds a character that is not allowed there.")
        }
    }

    private var framingAnswer: Answer {
        switch self {
        case .contentLengthRepeated: Answer(400, "content-length-repeated", "There is more than one Content-Length.")
        case .lengthAmbiguous: Answer(400, "length-ambiguous", "Content-Length and Transfer-Encoding exclude each other.")
        case .transferEncodingMalformed: Answer(400, "transfer-encoding-malformed", "Transfer-Encoding must be exactly: chunked.")
        case .transferEncodingUnknown: Answer(501, "transfer-encoding-unknown", "The only transfer coding served is chunked.")
        case .transferEncodingTooOld: Answer(400, "transfer-encoding-too-old", "HTTP/1.0 has no Transfer-Encoding.")
        case .expectationUnknown: Answer(417, "expectation-unknown", "The only expectation served is 100-continue.")
        default: Answer(400, "content-length-malformed", "Content-Length must be one decimal number.")
        }
    }

    private var bodyAnswer: Answer {
        switch self {
        case .chunkSizeTooLarge: Answer(400, "chunk-size-too-large", "A chunk's size is too large.")
        case .chunkLineTooLong: Answer(400, "chunk-line-too-long", "A chunk's size line is too long.")
        case .chunkExtensionsTooLarge: Answer(400, "chunk-extensions-too-large", "The chunk extensions are too large.")
        case .chunkEndMissing: Answer(400, "chunk-end-missing", "A chunk's data is not followed by CRLF.")
        case .trailerMalformed: Answer(400, "trailer-malformed", "A trailer line is not a header field.")
        case .trailersTooLarge: Answer(431, "trailers-too-large", "The trailer fields are too large.")
        case .exchangeRefused: Answer(503, "overloaded", "The server has no room for another request; try again.")
        case .bodyTooLongToDrop: Answer(413, "body-too-long-to-drop", "The rest of the body is too long to be skipped.")
        default: Answer(400, "chunk-line-malformed", "A chunk must begin with its size in hexadecimal and CRLF.")
        }
    }
}
