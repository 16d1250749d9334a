import Testing

@testable import HTTPWire

@Suite struct H1ParserTests {
    @Test("serves", arguments: servedCases)
    func serves(_ served: ServedCase) {
        #expect(transcript(served.text) == served.lines)
    }

    @Test("refuses", arguments: refusedRequestLines + refusedFields + refusedFraming)
    func refuses(_ refused: RefusedCase) {
        #expect(fault(of: refused.bytes) == refused.fault)
    }

    @Test("a head that is refused opens no exchange", arguments: refusedRequestLines + refusedFields)
    func refusedHeadsStaySilent(_ refused: RefusedCase) {
        let lines = transcript([refused.bytes[...]])
        #expect(lines == ["refused \(refused.fault.status) \(refused.fault.code)"])
    }

    @Test("a served request means the same wherever its bytes are cut", arguments: servedCases)
    func servedCuts(_ served: ServedCase) {
        let bytes = Array(served.text.utf8)
        #expect(dripped(bytes) == served.lines)
        #expect(cutsThatMatter(bytes) == [])
    }

    @Test("a refused request is refused alike wherever its bytes are cut", arguments: refusedRequestLines + refusedFields + refusedFraming)
    func refusedCuts(_ refused: RefusedCase) {
        #expect(dripped(refused.bytes) == transcript([refused.bytes[...]]))
        #expect(cutsThatMatter(refused.bytes) == [])
    }

    @Test("stops behind one request, so that it can be answered before the next")
    func stopsBehindOne() {
        let first = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
        let rig = Rig()
        let (progress, consumed) = rig.receive(first + first)
        #expect(progress == .requestComplete)
        #expect(consumed == first.utf8.count)
        #expect(rig.receive("more").consumed == 0, "nothing is taken before reset")
        rig.parser.reset()
        #expect(rig.exchange == nil)
        #expect(rig.receive(first).progress == .requestComplete)
    }

    @Test("once refused, a connection stays refused")
    func staysRefused() {
        let rig = Rig()
        #expect(rig.receive("GET /\r\n").progress == .refused(.versionMissing))
        #expect(!rig.keepAlive)
        let (progress, consumed) = rig.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(progress == .refused(.versionMissing))
        #expect(consumed == 0)
        #expect(rig.recorder.lines == [])
    }

    @Test("a fault in the body leaves the exchange to be told")
    func bodyFaultKeepsExchange() {
        let rig = Rig()
        let (progress, _) = rig.receive("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz")
        #expect(progress == .refused(.chunkLineMalformed))
        #expect(rig.exchange != nil)
    }

    @Test("an owner without room refuses before it hears a field")
    func noRoom() {
        let rig = Rig()
        rig.recorder.hasRoom = false
        #expect(rig.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n").progress == .refused(.exchangeRefused))
        #expect(rig.recorder.lines == ["open"])
        #expect(rig.exchange == nil)
    }

    @Test("an idle connection costs less than 200 bytes, a scratch of the reactor's aside")
    func idleCost() {
        #expect(MemoryLayout<H1Parser>.size < 200)
        let rig = Rig()
        #expect(rig.receive("GET / HTT").progress == .more)
        #expect(rig.hasPartialHead)
        #expect(rig.receive("P/1.1\r\nHost: h\r\n\r\n").progress == .requestComplete)
        #expect(!rig.hasPartialHead, "the partial head's memory went back")
    }

    @Test("an empty line between requests starts no head deadline")
    func emptyLineIsIdle() {
        let rig = Rig()
        for piece in ["\r", "\n"] {
            #expect(rig.receive(piece).progress == .more)
            #expect(!rig.hasPartialHead)
        }
    }
}
