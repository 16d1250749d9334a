import Gateway
import Ledgers

/// Why a request to the control plane is refused: a status, a code for programs, a sentence for people, the field that is to blame, and
/// more fields for the answer's head.
struct AdminFault: Error {
    let status: Int
    let code: String
    let sentence: String
    var field: String?
    var fields: [ControlAnswer.Field] = []

    init(_ status: Int, _ code: String, _ sentence: String, field: String? = nil, fields: [ControlAnswer.Field] = []) {
        self.status = status
        self.code = code
        self.sentence = sentence
        self.field = field
        self.fields = fields
    }

    var answer: ControlAnswer { .fault(status, code, sentence, field: field, fields: fields) }
}

extension AdminFault {
    static let pathUnknown = AdminFault(404, "path-unknown", "The control plane has no such path; GET /api/v1 lists those it has.")

    static func methodNotAllowed(_ allowed: String) -> AdminFault {
        AdminFault(405, "method-not-allowed", "This URL does not serve this method; it serves \(allowed).", fields: [("allow", allowed)])
    }

    static func tokenMissing(_ scope: String) -> AdminFault {
        AdminFault(
            401, "token-missing", "This needs a token with the scope \(scope): send the header Authorization: Bearer and your token.",
            fields: [challenge])
    }

    static let tokenUnknown = AdminFault(
        401, "token-unknown", "The token is not known here, has expired or was revoked.", fields: [challenge])

    static func scopeMissing(_ scope: String) -> AdminFault {
        AdminFault(403, "scope-missing", "This needs a token with the scope \(scope).")
    }

    static func routeForbidden(_ route: String) -> AdminFault {
        AdminFault(403, "route-forbidden", "The token is for the route \(route) alone.")
    }

    static func authorReserved(_ name: String) -> AdminFault {
        AdminFault(403, "author-reserved", "A token called \(name) cannot change anything: the name stands for the route file.")
    }

    static func routeUnknown(_ route: String) -> AdminFault {
        AdminFault(404, "route-unknown", "There is no route called \(route).")
    }

    static func revisionUnknown(_ number: String) -> AdminFault {
        AdminFault(404, "revision-unknown", "The route has no revision \(number).")
    }

    static func parameterUnknown(_ name: String, known: String) -> AdminFault {
        AdminFault(400, "parameter-unknown", known.isEmpty ? "This takes no parameters." : "The parameters here are \(known).", field: name)
    }

    static func parameterMalformed(_ name: String, _ rule: String) -> AdminFault {
        AdminFault(400, "parameter-malformed", "\(name) \(rule).", field: name)
    }

    static func bodyMalformed(_ reason: String, field: String? = nil) -> AdminFault {
        AdminFault(400, "body-malformed", reason, field: field)
    }

    static func splitMalformed(_ reason: String, field: String) -> AdminFault {
        AdminFault(400, "split-malformed", reason, field: field)
    }

    static func faultMalformed(_ reason: String, field: String) -> AdminFault {
        AdminFault(400, "fault-malformed", reason, field: field)
    }

    static func tooManyFaults(_ limit: Int) -> AdminFault {
        AdminFault(409, "too-many-faults", "There are \(limit) faults going on in the route, as many as may be; end some.")
    }

    static func notHeld(_ variant: String) -> AdminFault {
        AdminFault(409, "not-held", "The variant \(variant) is not held; its breaker opens and closes by itself.")
    }

    static func shadowUnknown(_ shadow: String) -> AdminFault {
        AdminFault(404, "shadow-unknown", "The route's file lists no shadow called \(shadow).")
    }

    static func alreadyLive(_ shadow: String, in revision: UInt32) -> AdminFault {
        AdminFault(409, "already-live", "The shadow \(shadow) is live in revision \(revision); its weight is moved like any other.")
    }

    static func objection(_ obstacle: Promotion.Obstacle, to promotion: Promotion) -> AdminFault {
        let sentence =
            "The shadow \(promotion.declaration.name) does not go live: \(promotion.objection(obstacle)). Send \"anyway\":true to overrule that."
        return switch obstacle {
        case .neverCompared: AdminFault(409, "never-compared", sentence)
        case .diverges: AdminFault(409, "diverges", sentence)
        }
    }

    static let preconditionMissing = AdminFault(
        428, "precondition-missing",
        "Say which revision you have seen: If-Match with the ETag of the revisions, such as \"7\"; or * to replace whatever is there.",
        field: "If-Match")

    static let preconditionMalformed = AdminFault(
        400, "precondition-malformed", "If-Match takes one ETag of the revisions, such as \"7\", or *.", field: "If-Match")

    static func preconditionFailed(_ newest: RevisionEntry) -> AdminFault {
        AdminFault(
            412, "precondition-failed",
            "Revision \(newest.number) is in force, by \(newest.author), \(newest.at): \(newest.reason)", field: "If-Match",
            fields: [EntityTag.field(newest.number)])
    }

    /// What a caller may know of a ledger that cannot be read or written now; the log says more.
    static func ledgerUnavailable(_ retryAfter: Int) -> AdminFault {
        AdminFault(
            503, "ledger-unavailable", "The ledger cannot be used at the moment; nothing was changed.",
            fields: [("retry-after", "\(retryAfter)")])
    }

    /// What a 401 has to say (RFC 6750 section 3).
    private static var challenge: ControlAnswer.Field { ("www-authenticate", "Bearer realm=\"weir\"") }
}

/// The number of a revision as an entity tag (RFC 9110 section 8.8.3).
enum EntityTag {
    static func field(_ number: UInt32) -> ControlAnswer.Field { ("etag", "\"\(number)\"") }

    /// The number that `If-Match` asks for; nil for `*`.
    /// - Throws: for weak tags, lists, and what is no number of ours.
    static func number(_ text: String) throws(AdminFault) -> UInt32? {
        if text == "*" { return nil }
        guard text.count > 2, text.first == "\"", text.last == "\"" else { throw .preconditionMalformed }
        let digits = text.dropFirst().dropLast()
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(digits) else { throw .preconditionMalformed }
        return number
    }
}
