/// The HTTP status codes that are counted, each with a word of its own.
///
/// A closed set: a metric labelled by whatever number turns up would be unbounded. Cases are named by their number.
@frozen public enum StatusCode: UInt8, CaseIterable, Sendable {
    case s200, s202, s204
    case s400, s401, s403, s404, s405, s408, s409, s411, s412, s413, s414, s415, s417, s421, s429, s431
    /// The client went away before its answer; never on the wire. 499 is nginx's number for it.
    case s499
    case s500, s501, s503, s504, s505
    /// Any number that is not in this set; labelled `other`.
    case other

    /// The case for a status number. Folds to a constant where the number is one.
    @inlinable public init(_ number: Int) {
        switch number {
        case 200: self = .s200
        case 202: self = .s202
        case 204: self = .s204
        case 400: self = .s400
        case 401: self = .s401
        case 403: self = .s403
        case 404: self = .s404
        case 405: self = .s405
        case 408: self = .s408
        case 409: self = .s409
        case 411: self = .s411
        case 412: self = .s412
        case 413: self = .s413
        case 414: self = .s414
        case 415: self = .s415
        case 417: self = .s417
        case 421: self = .s421
        case 429: self = .s429
        case 431: self = .s431
        case 499: self = .s499
        case 500: self = .s500
        case 501: self = .s501
        case 503: self = .s503
        case 504: self = .s504
        case 505: self = .s505
        default: self = .other
        }
    }

    /// The value of the `code` label.
    package var label: String {
        self == .other ? "other" : String(String(describing: self).dropFirst())
    }

    /// Whose doing an answer with this code is.
    package var answerClass: AnswerClass {
        switch self {
        case .s200, .s202, .s204: .ok
        case .s429, .s503: .refused
        case .s499: .cancelled
        case .s500, .s501, .s505, .other: .modelFailure
        case .s504: .timeout
        default: .callerFault
        }
    }
}

/// Whose doing an answer is. It follows from the code, so it costs no word and no instruction on the data path.
package enum AnswerClass: String, CaseIterable, Sendable {
    /// A prediction was given.
    case ok
    /// The request was wrong or not allowed.
    case callerFault
    /// The variant failed (500).
    case modelFailure
    /// The deadline passed (504).
    case timeout
    /// Turned away for load or rate (429, 503).
    case refused
    /// The client went away first.
    case cancelled
}
