import Testing

@testable import HTTPWire

@Suite struct WireFaultTests {
    @Test("every fault has a code of its own and a sentence", arguments: WireFault.allCases)
    func answers(_ fault: WireFault) {
        let code = fault.code.description
        #expect(code.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
        #expect(WireFault.allCases.filter { $0.code.description == code } == [fault])
        let sentence = fault.sentence.description
        #expect(sentence.first?.isUppercase == true && sentence.hasSuffix("."))
        #expect([400, 413, 414, 417, 431, 501, 503, 505].contains(fault.status))
    }

    @Test("the statuses that the RFCs name")
    func statuses() {
        #expect(WireFault.requestLineTooLong.status == 414)
        #expect(WireFault.headTooLarge.status == 431)
        #expect(WireFault.tooManyFields.status == 431)
        #expect(WireFault.methodUnknown.status == 501)
        #expect(WireFault.transferEncodingUnknown.status == 501)
        #expect(WireFault.versionUnsupported.status == 505)
        #expect(WireFault.expectationUnknown.status == 417)
        #expect(WireFault.lengthAmbiguous.status == 400)
    }
}
