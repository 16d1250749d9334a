import Foundation
import HTTPWire
import Metrics
import Testing

@testable import Gateway

@Suite("answers to faults") struct RequestFaultTests {
    /// RFC 9110 section 15 and RFC 6585; who is to blame follows from these.
    static let statuses: [RequestFault: Int] = [
        .none: 200, .tokenMissing: 401, .tokenUnknown: 401, .scopeMissing: 403, .routeForbidden: 403, .overrideForbidden: 403,
        .variantUnknown: 400, .routeUnknown: 404, .methodNotAllowed: 405, .methodUnknown: 501, .requestSlow: 408, .lengthRequired: 411,
        .bodyTooLarge: 413, .mediaTypeUnknown: 415, .encodingUnknown: 415, .expectationUnknown: 417, .unitTooLong: 400, .modelFailed: 500,
        .timeoutMalformed: 400, .faultMalformed: 400, .faultForbidden: 403, .rateExceeded: 429, .contended: 429,
        .overloaded: 503, .outcomesBusy: 503, .noVariant: 503, .draining: 503, .deadline: 504,
    ]

    @Test("each fault has its status, and that status is counted under its own name", arguments: RequestFault.allCases)
    func status(fault: RequestFault) {
        #expect(fault.status == Self.statuses[fault])
        #expect(StatusCode(fault.status).label == "\(fault.status)")
    }

    @Test("each fault's body is JSON with its sentence and its code")
    func bodies() throws {
        let answers = FaultAnswers()
        defer { answers.free() }
        for fault in RequestFault.allCases where fault != .none {
            let body = try #require(try Rig.json(answers[fault]) as? [String: String])
            #expect(body == ["error": "\(fault.sentence)", "code": "\(fault.code)"])
        }
    }

    @Test("codes are kebab-case and each fault's own; sentences end")
    func words() {
        let faults = RequestFault.allCases.filter { $0 != .none }
        #expect(Set(faults.map { "\($0.code)" }).count == faults.count)
        for fault in faults {
            #expect("\(fault.code)".wholeMatch(of: #/[a-z]+(-[a-z]+)*/#) != nil, "\(fault.code)")
            #expect("\(fault.sentence)".hasSuffix("."), "\(fault.sentence)")
        }
    }

    @Test("what the wire refuses is told in the same form", arguments: WireFault.allCases)
    func wire(fault: WireFault) throws {
        let text = ErrorText.json(sentence: "\(fault.sentence)", code: "\(fault.code)")
        let body = try #require(try Rig.json(text.utf8) as? [String: String])
        #expect(body == ["error": "\(fault.sentence)", "code": "\(fault.code)"])
    }

    @Test("any text becomes a JSON string and back", arguments: [
        "", "plain", "\"", "\\", "\\\"", "a\nb\tc\r", "\u{0}\u{1F}\u{7F}", "weiße Weide 🌳", "\u{2028}\u{FFFD}", "e\u{301}", "</script>",
        String(String.UnicodeScalarView((0..<0x80).compactMap(Unicode.Scalar.init))),
    ])
    func quoted(text: String) throws {
        let value = try JSONSerialization.jsonObject(with: Data(ErrorText.quoted(text).utf8), options: .fragmentsAllowed)
        #expect((value as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }

    @Test("field and row are told when they are known, in this order")
    func places() {
        #expect(ErrorText.json(sentence: "S.", code: "c") == #"{"error":"S.","code":"c"}"#)
        #expect(ErrorText.json(sentence: "S.", code: "c", field: "y\"") == #"{"error":"S.","code":"c","field":"y\""}"#)
        #expect(ErrorText.json(sentence: "S.", code: "c", field: "y", row: 0) == #"{"error":"S.","code":"c","field":"y","row":0}"#)
        #expect(ErrorText.json(sentence: "S.", code: "c", row: 12) == #"{"error":"S.","code":"c","row":12}"#)
    }
}
