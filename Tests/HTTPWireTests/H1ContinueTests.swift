import Testing

@testable import HTTPWire

/// `Expect: 100-continue`, and answers that come before the body did.
@Suite struct H1ContinueTests {
    private static let expecting = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n"
    private static let sized = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
    private static let chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static let chunkedExpecting = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"

    @Test("a client that holds its body back is known until the body begins")
    func expects() {
        let rig = Rig()
        #expect(rig.receive(Self.expecting).progress == .more)
        #expect(rig.expectsContinue)
        #expect(rig.isMidBody)
        #expect(rig.receive("a").progress == .more)
        #expect(!rig.expectsContinue)
        #expect(rig.receive("bcde").progress == .requestComplete)
    }

    @Test("a body that came along needs no invitation", arguments: [expecting + "a", chunkedExpecting + "5"])
    func bodyCameAlong(_ text: String) {
        let rig = Rig()
        #expect(rig.receive(text).progress == .more)
        #expect(!rig.expectsContinue)
    }

    @Test("an expectation without a body is none", arguments: ["", "Content-Length: 0\r\n"])
    func noBody(_ length: String) {
        let rig = Rig()
        #expect(rig.receive("POST / HTTP/1.1\r\nHost: h\r\n\(length)Expect: 100-continue\r\n\r\n").progress == .requestComplete)
        #expect(!rig.expectsContinue)
    }

    @Test("an early answer to a client that still waits for 100 closes: its body may never come")
    func earlyAnswerWhileExpecting() {
        let rig = Rig()
        #expect(rig.receive(Self.expecting).progress == .more)
        #expect(!rig.discardBody(1_000))
        rig.parser.didSendContinue()
        #expect(rig.discardBody(1_000))
    }

    @Test("after an early answer the body is dropped, the exchange left alone and the next request read")
    func dropsSized() {
        let rig = Rig()
        #expect(rig.receive(Self.sized + "ab").progress == .more)
        #expect(rig.discardBody(3))
        #expect(rig.exchange == nil)
        let heard = rig.recorder.lines.count
        let (progress, consumed) = rig.receive("cdeGET")
        #expect(progress == .requestComplete)
        #expect(consumed == 3)
        #expect(rig.recorder.lines.count == heard)
        rig.parser.reset()
        #expect(rig.receive(Self.sized + "abcde").progress == .requestComplete)
        #expect(rig.recorder.lines.suffix(2) == ["body|abcde", "end"])
    }

    @Test("a body that is known to be too long to drop closes at once")
    func refusesToDropSized() {
        let rig = Rig()
        #expect(rig.receive(Self.sized + "a").progress == .more)
        #expect(!rig.discardBody(3))
    }

    @Test("a chunked body is dropped up to the bound and not a byte further")
    func dropsChunked() {
        for (text, expected) in [
            ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", H1Progress.requestComplete),
            ("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", .refused(.bodyTooLongToDrop)),
        ] {
            let rig = Rig()
            #expect(rig.receive(Self.chunked).progress == .more)
            #expect(rig.discardBody(5))
            #expect(rig.receive(text).progress == expected)
        }
    }

    @Test("a connection that closes anyway drops nothing")
    func closesAnyway() {
        let rig = Rig()
        #expect(rig.receive("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n").progress == .more)
        #expect(!rig.discardBody(1_000))
    }
}
