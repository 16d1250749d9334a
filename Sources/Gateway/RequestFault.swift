/// Why a request is answered with something other than a prediction, apart from what the wire (`WireFault`) and the contract
/// (`ContractFault`) find: a status, a code for programs, a sentence for people. Whose fault it is follows from the status.
enum RequestFault: UInt8, CaseIterable {
    case none
    case tokenMissing
    case tokenUnknown
    case scopeMissing
    case routeForbidden
    case overrideForbidden
    case variantUnknown
    case routeUnknown
    case methodNotAllowed
    case methodUnknown
    case requestSlow
    case lengthRequired
    case bodyTooLarge
    case mediaTypeUnknown
    case encodingUnknown
    case expectationUnknown
    case unitTooLong
    case timeoutMalformed
    case faultMalformed
    case faultForbidden
    case rateExceeded
    case contended
    case modelFailed
    case overloaded
    case outcomesBusy
    case noVariant
    case draining
    case deadline

    var status: Int { text.0 }
    var code: StaticString { text.1 }
    var sentence: StaticString { text.2 }

    private var text: (Int, StaticString, StaticString) {
        switch self {
        case .none: (200, "ok", "")
        case .tokenMissing: (401, "token-missing", "This URL needs a token: send the header Authorization: Bearer and your token.")
        case .tokenUnknown: (401, "token-unknown", "The token is not known here, has expired or was revoked.")
        case .scopeMissing: (403, "scope-missing", "The token does not have the scope that this URL needs.")
        case .routeForbidden: (403, "route-forbidden", "The token is not for this route.")
        case .overrideForbidden: (403, "override-forbidden", "Naming a variant in x-weir-variant needs a token with the scope override.")
        case .routeUnknown: (404, "route-unknown", "There is no route with this path.")
        case .methodNotAllowed: (405, "method-not-allowed", "This URL does not serve this method; the field Allow says which it does.")
        case .requestSlow: (408, "request-slow", "The request took too long to arrive.")
        case .lengthRequired: (411, "length-required", "This URL needs a body: send Content-Length, or chunks.")
        case .bodyTooLarge: (413, "body-too-large", "The body is larger than this route accepts.")
        case .mediaTypeUnknown: (415, "media-type-unknown", "Send JSON: Content-Type application/json, any +json, or none.")
        case .encodingUnknown: (415, "content-encoding-unknown", "Send the body without Content-Encoding.")
        case .expectationUnknown: (417, "expectation-unknown", "The only expectation served is 100-continue.")
        case .variantUnknown: (400, "variant-unknown", "x-weir-variant names no variant of this route.")
        case .unitTooLong: (400, "unit-too-long", "The unit key must not be longer than 256 bytes.")
        case .timeoutMalformed: (400, "timeout-malformed", "x-weir-timeout-ms is a whole number of milliseconds, at least 1.")
        case .faultMalformed: (400, "fault-malformed", "x-weir-fault is abort, non-finite, crash, or delay=MILLISECONDS up to 60000.")
        case .faultForbidden: (403, "fault-forbidden", "x-weir-fault needs a token with the scope override; crash also --allow-crash-faults.")
        case .rateExceeded: (429, "rate-exceeded", "This token asks faster than its rate allows; try again later.")
        case .contended: (429, "contended", "More requests wait than can be answered in time; try again.")
        case .methodUnknown: (501, "method-unknown", "This method is not known; methods are written in capitals.")
        case .modelFailed: (500, "model-failed", "The model could not answer this request.")
        case .overloaded: (503, "overloaded", "The server has no room for this request at the moment; try again.")
        case .outcomesBusy: (503, "outcomes-busy", "More outcomes wait to be stored than the server keeps in memory; try again.")
        case .noVariant: (503, "no-variant", "None of this route's models could be loaded.")
        case .draining: (503, "draining", "The server is about to stop; connect again.")
        case .deadline: (504, "deadline", "The route's deadline passed before the model had answered.")
        }
    }
}

/// The answers to all faults, written out once so that refusing costs nothing: JSON bodies in memory that lives as long as the program.
struct FaultAnswers {
    private let bodies: UnsafeMutablePointer<UnsafeBufferPointer<UInt8>>

    init() {
        bodies = .allocate(capacity: RequestFault.allCases.count)
        for fault in RequestFault.allCases {
            let text = ErrorText.json(sentence: "\(fault.sentence)", code: "\(fault.code)")
            let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
            _ = bytes.initialize(from: text.utf8)
            (bodies + Int(fault.rawValue)).initialize(to: UnsafeBufferPointer(bytes))
        }
    }

    subscript(fault: RequestFault) -> UnsafeBufferPointer<UInt8> { bodies[Int(fault.rawValue)] }

    /// Frees the memory; the value is not used again.
    func free() {
        for fault in RequestFault.allCases { self[fault].deallocate() }
        bodies.deallocate()
    }
}

/// The body of an error: `{"error":"…","code":"…","field":"…","row":0}`.
enum ErrorText {
    static func json(sentence: String, code: String, field: String? = nil, row: Int? = nil) -> String {
        var text = "{\"error\":\(quoted(sentence)),\"code\":\(quoted(code))"
        if let field { text += ",\"field\":\(quoted(field))" }
        if let row { text += ",\"row\":\(row)" }
        return text + "}"
    }

    /// A JSON string (RFC 8259 section 7).
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
