import Testing

@testable import HTTPWire

/// Every limit at its exact boundary: the last size that is served and the first that is not, whole and byte by byte.
@Suite struct H1LimitsTests {
    private func expect(_ served: String, _ refused: String, _ fault: WireFault, _ limits: WireLimits) {
        let good = transcript(served, limits)
        #expect(!good.contains { $0.hasPrefix("refused") }, "\(good.last ?? "")")
        #expect(good.last == "then")
        #expect(dripped(Array(served.utf8), limits) == good)
        #expect(HTTPWireTests.fault(of: refused, limits) == fault)
        #expect(dripped(Array(refused.utf8), limits) == transcript(refused, limits))
        #expect(cutsThatMatter(Array(served.utf8), limits) == [])
        #expect(cutsThatMatter(Array(refused.utf8), limits) == [])
    }

    @Test("the request line")
    func requestLine() {
        var limits = WireLimits()
        limits.requestLineBytes = 40
        func request(_ bytes: Int) -> String {
            "GET /" + String(repeating: "a", count: bytes - 14) + " HTTP/1.1\r\nHost: h\r\n\r\n"
        }
        expect(request(40), request(41), .requestLineTooLong, limits)
        #expect(fault(of: String(repeating: "a", count: 41), limits) == nil, "its CR may be the next byte")
        #expect(fault(of: String(repeating: "a", count: 42), limits) == .requestLineTooLong)
        #expect(fault(of: "GET /" + String(repeating: "\u{1}", count: 60) + "\r\n", limits) == .requestLineTooLong)
    }

    @Test("the head")
    func head() {
        var limits = WireLimits()
        limits.headBytes = 100
        func request(_ bytes: Int) -> String {
            "GET / HTTP/1.1\r\nHost: h\r\nA: " + String(repeating: "a", count: bytes - 32) + "\r\n\r\n"
        }
        #expect(request(100).utf8.count == 100)
        expect(request(100), request(101), .headTooLarge, limits)
        expect(request(100) + request(100), request(100) + request(105), .headTooLarge, limits)
        #expect(fault(of: request(200) + "\0", limits) == .headTooLarge)
    }

    @Test("a head within the standard limits is served, a cookie of 16 KiB is not")
    func standardHead() {
        func request(_ cookie: Int) -> String {
            "GET / HTTP/1.1\r\nHost: h\r\nCookie: \(String(repeating: "c", count: cookie))\r\n\r\n"
        }
        #expect(fault(of: request(16_000)) == nil)
        #expect(fault(of: request(16_384)) == .headTooLarge)
    }

    @Test("the number of fields")
    func fieldCount() {
        func request(_ fields: Int) -> String {
            "GET / HTTP/1.1\r\nHost: h\r\n" + (1..<fields).map { "A\($0): b\r\n" }.joined() + "\r\n"
        }
        var limits = WireLimits()
        limits.headerCount = 4
        expect(request(4), request(5), .tooManyFields, limits)
        #expect(fault(of: request(100)) == nil)
        #expect(fault(of: request(101)) == .tooManyFields)
    }

    private func chunked(_ body: String) -> String { "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body }

    @Test("a chunk's line")
    func chunkLine() {
        var limits = WireLimits()
        limits.chunkLineBytes = 12
        expect(chunked("1;2345678a\r\nx\r\n0\r\n\r\n"), chunked("1;2345678ab\r\nx\r\n0\r\n\r\n"), .chunkLineTooLong, limits)
        expect(chunked("0000000001\r\nx\r\n0\r\n\r\n"), chunked("00000000001\r\nx\r\n0\r\n\r\n"), .chunkLineTooLong, limits)
    }

    @Test("all chunk extensions together")
    func chunkExtensions() {
        var limits = WireLimits()
        limits.chunkExtensionBytes = 6
        expect(
            chunked("1;ab\r\nx\r\n1;ab\r\nx\r\n0\r\n\r\n"), chunked("1;ab\r\nx\r\n1;abc\r\nx\r\n0\r\n\r\n"), .chunkExtensionsTooLarge,
            limits)
    }

    @Test("the trailers")
    func trailers() {
        var limits = WireLimits()
        limits.trailerBytes = 9
        expect(chunked("0\r\na: bcd\r\n\r\n"), chunked("0\r\na: bcdef\r\n\r\n"), .trailersTooLarge, limits)
    }

    @Test("the largest lengths do not overflow")
    func largestLengths() {
        #expect(fault(of: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\nabc") == nil)
        #expect(fault(of: chunked("7fffffffffffffff\r\nabc")) == nil)
    }
}
