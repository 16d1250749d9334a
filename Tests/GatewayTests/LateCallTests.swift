import Breakers
import Testing

@testable import Gateway

@Suite("a call that came too late") struct LateCallTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var isOK = false
        var isTerminated = false
        var isSlow = false
        var isPastLimit = false
        var result: CallResult?
        var testDescription: String {
            "\(isOK ? "answered" : "failed")\(isTerminated ? ", ended" : "")\(isSlow ? ", slow" : "")\(isPastLimit ? ", past the route's deadline" : "")"
        }
    }

    static let cases: [Case] = [
        Case(isOK: true, isPastLimit: true, result: .late),
        Case(isPastLimit: true, result: .late),
        Case(isTerminated: true, isPastLimit: true, result: .late),
        Case(isOK: true, result: .ok),
        Case(isOK: true, isSlow: true, result: .slow),
        Case(result: .failed),
        Case(isSlow: true, result: .failed),
        Case(isTerminated: true, result: nil),
        Case(isTerminated: true, isSlow: true, result: .slow),
    ]

    @Test("is the variant's failure only when the route's own deadline has passed", arguments: cases)
    func results(_ one: Case) {
        #expect(
            CallResult.ofLateCall(isOK: one.isOK, isTerminated: one.isTerminated, isSlow: one.isSlow, isPastLimit: one.isPastLimit) == one.result)
    }
}
