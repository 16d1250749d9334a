import HTTPWire
import Testing

/// A request that is served, and what the sink must hear.
struct ServedCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let lines: [String]

    init(_ description: String, _ text: String, _ lines: [String]) {
        testDescription = description
        self.text = text
        self.lines = lines
    }
}

/// A request that is refused, and why.
struct RefusedCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let fault: WireFault

    init(_ description: String, _ text: String, _ fault: WireFault) {
        testDescription = description
        bytes = Array(text.utf8)
        self.fault = fault
    }
}

private let get = [":method|GET", ":path|/", ":authority|h"]

let servedCases: [ServedCase] = [
    ServedCase("a plain GET", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", ["open"] + get + ["head, no body", "end", "complete", "then"]),
    ServedCase(
        "the typical POST",
        "POST /v1/x?a=b HTTP/1.1\r\nhost: localhost:8443\r\nUser-Agent: curl/8\r\nAuthorization: Bearer t\r\n"
            + "content-type: application/json\r\nContent-Length: 3\r\nX-User-Id: u\r\n\r\nabc",
        [
            "open", ":method|POST", ":path|/v1/x?a=b", ":authority|localhost:8443", "user-agent|curl/8", "authorization|Bearer t",
            "content-type|application/json", "content-length|3", "x-user-id|u", "head", "body|abc", "end", "complete", "then",
        ]),
    ServedCase(
        "a chunked body with extensions and trailers",
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=\"b c\"\r\nabc\r\n00A ; x\r\n0123456789\r\n0\r\nX-Sum: 1\r\ny:\r\n\r\n",
        ["open", ":method|PUT", ":path|/", ":authority|h", "head", "body|abc0123456789", "end", "complete", "then"]),
    ServedCase(
        "an empty chunked body", "POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding:\tchunked \r\n\r\n0\r\n\r\n",
        ["open", ":method|POST", ":path|/", ":authority|h", "head", "end", "complete", "then"]),
    ServedCase(
        "a POST without a length has no body", "POST / HTTP/1.1\r\nHost: h\r\n\r\n",
        ["open", ":method|POST", ":path|/", ":authority|h", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "a length of zero is no body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 00\r\n\r\n",
        ["open", ":method|POST", ":path|/", ":authority|h", "content-length|00", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "a pipeline of three",
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nokHEAD /3 HTTP/1.1\r\nHost: h\r\n\r\n",
        [
            "open", ":method|GET", ":path|/1", ":authority|h", "head, no body", "end", "complete",
            "open", ":method|POST", ":path|/2", ":authority|h", "content-length|2", "head", "body|ok", "end", "complete",
            "open", ":method|HEAD", ":path|/3", ":authority|h", "head, no body", "end", "complete, head", "then",
        ]),
    ServedCase(
        "absolute-form: its authority wins over Host", "GET HTTPS://a.example:8443/p?q HTTP/1.1\r\nHost: b\r\n\r\n",
        ["open", ":method|GET", ":path|/p?q", ":scheme|https", ":authority|a.example:8443", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "absolute-form without a path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n",
        ["open", ":method|GET", ":path|/", ":scheme|http", ":authority|a", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "absolute-form without a path for the whole server", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
        ["open", ":method|OPTIONS", ":path|*", ":scheme|http", ":authority|a", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        ["open", ":method|OPTIONS", ":path|*", ":authority|h", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "one empty line before each request", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\n",
        ["open"] + get + ["head, no body", "end", "complete", "open"] + get + ["head, no body", "end", "complete", "then"]),
    ServedCase(
        "HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n",
        ["open", ":method|GET", ":path|/", "head, no body", "end", "complete, close, 1.0", "then"]),
    ServedCase(
        "HTTP/1.0 stays when asked", "GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n",
        ["open"] + get + ["head, no body", "end", "complete, 1.0", "then"]),
    ServedCase(
        "Connection: close among others", "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, , foo ,\tCLOSE\r\n\r\n",
        ["open"] + get + ["head, no body", "end", "complete, close", "then"]),
    ServedCase(
        "an offer to upgrade is ignored",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        ["open"] + get + ["upgrade|h2c", "http2-settings|AAMAAABk", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "values keep inner blanks and lose outer ones", "GET / HTTP/1.1\r\nHost:h\r\nA: \t x \t y\t \r\nB:\r\nC:   \r\n\r\n",
        ["open"] + get + ["a|x \t y", "b|", "c|", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "values may hold bytes that are no ASCII", "GET / HTTP/1.1\r\nHost: h\r\nX-Name: Zoë Ångström\r\n\r\n",
        ["open"] + get + ["x-name|Zoë Ångström", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "every character of a token is good in a name", "GET / HTTP/1.1\r\nHost: h\r\n!#$%&'*+-.^_`|~09AZaz: 1\r\n\r\n",
        ["open"] + get + ["!#$%&'*+-.^_`|~09azaz|1", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "targets of all visible characters", "GET /a!\"$%&'()*+,-./0:;<=>?@[\\]^_`{|}~ HTTP/1.1\r\nHost: h\r\n\r\n",
        ["open", ":method|GET", ":path|/a!\"$%&'()*+,-./0:;<=>?@[\\]^_`{|}~", ":authority|h", "head, no body", "end", "complete", "then"]),
    ServedCase(
        "hosts of every form are delivered as they came",
        ["[::1]:8443", "[2001:db8::192.0.2.1]", "a_b.example.", "EXAMPLE:", "a%2Db!$&'()*+,;=~:1"]
            .map { "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n" }.joined(),
        ["[::1]:8443", "[2001:db8::192.0.2.1]", "a_b.example.", "EXAMPLE:", "a%2Db!$&'()*+,;=~:1"]
            .flatMap { ["open", ":method|GET", ":path|/", ":authority|\($0)", "head, no body", "end", "complete"] } + ["then"]),
    ServedCase(
        "the other methods", ["DELETE", "PATCH", "TRACE", "OPTIONS"].map { "\($0) / HTTP/1.1\r\nHost: h\r\n\r\n" }.joined(),
        ["DELETE", "PATCH", "TRACE", "OPTIONS"]
            .flatMap { ["open", ":method|\($0)", ":path|/", ":authority|h", "head, no body", "end", "complete"] } + ["then"]),
    ServedCase(
        "HTTP/1.0 clients' expectations are ignored", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        [
            "open", ":method|POST", ":path|/", "expect|100-continue", "content-length|1", "head", "body|x", "end", "complete, close, 1.0",
            "then",
        ]),
    ServedCase("half a head", "GET / HTTP/1.1\r\nHost: h\r\nAcc", ["then partial head"]),
    ServedCase("a bad line that is not complete yet", "GET / HTTP/1.1\r\nHost : h", ["then partial head"]),
    ServedCase(
        "half a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc",
        ["open", ":method|POST", ":path|/", ":authority|h", "content-length|5", "head", "body|abc", "then mid body"]),
]

private func withFields(_ fields: String) -> String { "POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\r\n" }
private func withHost(_ host: String) -> String { "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n" }
private func chunked(_ body: String) -> String { withFields("Transfer-Encoding: chunked") + body }

let refusedRequestLines: [RefusedCase] = [
    RefusedCase("no line at all, only a feed", "\n", .lineEndMalformed),
    RefusedCase("a bare LF before the line", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", .lineEndMalformed),
    RefusedCase("two empty lines before it", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", .requestLineMalformed),
    RefusedCase("CR alone before it", "\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", .lineEndMalformed),
    RefusedCase("HTTP/0.9", "GET /\r\n", .versionMissing),
    RefusedCase("HTTP/0.9 with a bare LF", "GET /\n", .lineEndMalformed),
    RefusedCase("a method alone", "GET\r\n", .requestLineMalformed),
    RefusedCase("a method and a space", "GET \r\n", .versionMissing),
    RefusedCase("a space first", " GET / HTTP/1.1\r\n", .requestLineMalformed),
    RefusedCase("two spaces before the target", "GET  / HTTP/1.1\r\n", .requestLineMalformed),
    RefusedCase("two spaces after the target", "GET /  HTTP/1.1\r\n", .requestLineMalformed),
    RefusedCase("a tab for a space", "GET\t/ HTTP/1.1\r\n", .requestLineMalformed),
    RefusedCase("a tab after the target", "GET /\tHTTP/1.1\r\n", .targetMalformed),
    RefusedCase("a space after the version", "GET / HTTP/1.1 \r\n", .requestLineMalformed),
    RefusedCase("a bare LF after the version", "GET / HTTP/1.1\nHost: h\r\n\r\n", .lineEndMalformed),
    RefusedCase("a bare CR after the version", "GET / HTTP/1.1\rHost: h\r\n\r\n", .lineEndMalformed),
    RefusedCase("CR CR LF after the version", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", .lineEndMalformed),
    RefusedCase("HTTP/2.0 prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnsupported),
    RefusedCase("HTTP/2.0", "GET / HTTP/2.0\r\n", .versionUnsupported),
    RefusedCase("HTTP/1.2", "GET / HTTP/1.2\r\n", .versionUnsupported),
    RefusedCase("HTTP/0.9 by name", "GET / HTTP/0.9\r\n", .versionUnsupported),
    RefusedCase("HTTP/1.10", "GET / HTTP/1.10\r\n", .requestLineMalformed),
    RefusedCase("HTTP/1.", "GET / HTTP/1.\r\n", .requestLineMalformed),
    RefusedCase("a version in lower case", "GET / http/1.1\r\n", .requestLineMalformed),
    RefusedCase("another protocol", "GET / RTSP/1.0\r\n", .requestLineMalformed),
    RefusedCase("a method in lower case", "get / HTTP/1.1\r\n", .methodUnknown),
    RefusedCase("an unknown method", "BREW /pot HTTP/1.1\r\n", .methodUnknown),
    RefusedCase("a method with a known beginning", "GETS / HTTP/1.1\r\n", .methodUnknown),
    RefusedCase("a method that is no token", "G@T / HTTP/1.1\r\n", .requestLineMalformed),
    RefusedCase("CONNECT", "CONNECT h:443 HTTP/1.1\r\n", .connectUnsupported),
    RefusedCase("asterisk-form for GET", "GET * HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("a fragment", "GET /a#b HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("NUL in the target", "GET /a\0b HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("DEL in the target", "GET /a\u{7F} HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("no ASCII in the target", "GET /zoë HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("a path without its slash", "GET index.html HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("authority-form for GET", "GET h:443 HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("another scheme", "GET ftp://h/ HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("a scheme with one slash", "GET http:/h/ HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("absolute-form without an authority", "GET http:///a HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("absolute-form with user information", "GET http://u:p@h/ HTTP/1.1\r\n", .targetMalformed),
    RefusedCase("absolute-form with a query for a path", "GET http://h?q HTTP/1.1\r\n", .targetMalformed),
]

let refusedFields: [RefusedCase] = [
    RefusedCase("a blank before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", .blankBeforeFields),
    RefusedCase("a folded line", withFields("A: b\r\n c"), .lineFolded),
    RefusedCase("a line folded with a tab", withFields("A: b\r\n\tc: d"), .lineFolded),
    RefusedCase("a line of one blank", withFields("A: b\r\n "), .lineFolded),
    RefusedCase("a space before the colon", withFields("A : b"), .spaceBeforeColon),
    RefusedCase("a tab before the colon", withFields("Content-Length\t: 3"), .spaceBeforeColon),
    RefusedCase("an empty name", withFields(": b"), .fieldNameMalformed),
    RefusedCase("a pseudo-field", withFields(":path: /admin"), .fieldNameMalformed),
    RefusedCase("a name that is no token", withFields("A(b): c"), .fieldNameMalformed),
    RefusedCase("a name with a space inside", withFields("A b: c"), .fieldNameMalformed),
    RefusedCase("a name with NUL", withFields("A\0: c"), .fieldNameMalformed),
    RefusedCase("a name that is no ASCII", withFields("Naïve: c"), .fieldNameMalformed),
    RefusedCase("no colon", withFields("nonsense"), .fieldNameMalformed),
    RefusedCase("a bare LF after a field", withFields("A: b\nC: d"), .lineEndMalformed),
    RefusedCase("a bare LF that is the last byte there is", "GET / HTTP/1.1\r\nHost: \n", .lineEndMalformed),
    RefusedCase("a bare LF and a bare CR", "GET / HTTP/1.1\r\nHost: h\n\r\0", .lineEndMalformed),
    RefusedCase("a bare CR in a value", withFields("A: b\rC: d"), .lineEndMalformed),
    RefusedCase("a bare LF for the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\nX", .lineEndMalformed),
    RefusedCase("a bare CR for the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\rX\n", .lineEndMalformed),
    RefusedCase("NUL in a value", withFields("A: b\0c"), .fieldValueMalformed),
    RefusedCase("a control character in a value", withFields("Long-Enough-Name: long enough value\u{B}c"), .fieldValueMalformed),
    RefusedCase("DEL in a value", withFields("A: \u{7F}"), .fieldValueMalformed),
    RefusedCase("no Host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", .hostMissing),
    RefusedCase("no Host with absolute-form", "GET http://h/ HTTP/1.1\r\n\r\n", .hostMissing),
    RefusedCase("two Hosts", withFields("hOST: h"), .hostRepeated),
    RefusedCase("an empty Host", withHost(""), .hostMalformed),
    RefusedCase("a Host with user information", withHost("u@h"), .hostMalformed),
    RefusedCase("a Host with a path", withHost("h/x"), .hostMalformed),
    RefusedCase("a Host with a space", withHost("a b"), .hostMalformed),
    RefusedCase("two hosts in one Host", withHost("a, b"), .hostMalformed),
    RefusedCase("a Host that is no ASCII", withHost("zoë"), .hostMalformed),
    RefusedCase("a Host of a port alone", withHost(":80"), .hostMalformed),
    RefusedCase("a port that is no number", withHost("h:8x"), .hostMalformed),
    RefusedCase("two ports", withHost("h:1:2"), .hostMalformed),
    RefusedCase("an address without its bracket", withHost("[::1"), .hostMalformed),
    RefusedCase("an address and more", withHost("[::1]x"), .hostMalformed),
    RefusedCase("an address with a zone", withHost("[fe80::1%25eth0]"), .hostMalformed),
    RefusedCase("a broken escape in a Host", withHost("a%2"), .hostMalformed),
    RefusedCase("another expectation", withFields("Expect: 200-ok"), .expectationUnknown),
    RefusedCase("an expectation and another", withFields("Expect: 100-continue, x"), .expectationUnknown),
]

let refusedFraming: [RefusedCase] = [
    RefusedCase("a length and chunks", withFields("Content-Length: 3\r\nTransfer-Encoding: chunked"), .lengthAmbiguous),
    RefusedCase("chunks and a length", withFields("Transfer-Encoding: chunked\r\nContent-Length: 3"), .lengthAmbiguous),
    RefusedCase("chunks and a length of zero", withFields("Transfer-Encoding: chunked\r\nContent-Length: 0"), .lengthAmbiguous),
    RefusedCase("two lengths", withFields("Content-Length: 3\r\nContent-Length: 4"), .contentLengthRepeated),
    RefusedCase("the same length twice", withFields("Content-Length: 3\r\ncontent-length: 3"), .contentLengthRepeated),
    RefusedCase("the same length in a list", withFields("Content-Length: 3, 3"), .contentLengthMalformed),
    RefusedCase("no length", withFields("Content-Length:"), .contentLengthMalformed),
    RefusedCase("a sign", withFields("Content-Length: +3"), .contentLengthMalformed),
    RefusedCase("a negative length", withFields("Content-Length: -3"), .contentLengthMalformed),
    RefusedCase("a hexadecimal length", withFields("Content-Length: 0x3"), .contentLengthMalformed),
    RefusedCase("a length with a space", withFields("Content-Length: 1 0"), .contentLengthMalformed),
    RefusedCase("a length of 2^63", withFields("Content-Length: 9223372036854775808"), .contentLengthMalformed),
    RefusedCase("a length of 30 digits", withFields("Content-Length: 100000000000000000000000000000"), .contentLengthMalformed),
    RefusedCase("gzip", withFields("Transfer-Encoding: gzip"), .transferEncodingUnknown),
    RefusedCase("gzip, chunked", withFields("Transfer-Encoding: gzip, chunked"), .transferEncodingUnknown),
    RefusedCase("identity", withFields("Transfer-Encoding: identity"), .transferEncodingUnknown),
    RefusedCase("xchunked", withFields("Transfer-Encoding: xchunked"), .transferEncodingUnknown),
    RefusedCase("chunked, gzip", withFields("Transfer-Encoding: chunked, gzip"), .transferEncodingMalformed),
    RefusedCase("chunked twice", withFields("Transfer-Encoding: chunked, chunked"), .transferEncodingMalformed),
    RefusedCase(
        "chunked in two fields", withFields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), .transferEncodingMalformed),
    RefusedCase(
        "chunked, then gzip in another", withFields("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"), .transferEncodingMalformed),
    RefusedCase("an empty coding", withFields("Transfer-Encoding:"), .transferEncodingMalformed),
    RefusedCase("an empty list member", withFields("Transfer-Encoding: ,chunked"), .transferEncodingMalformed),
    RefusedCase("quotes", withFields("Transfer-Encoding: \"chunked\""), .transferEncodingMalformed),
    RefusedCase("a parameter", withFields("Transfer-Encoding: chunked;q=1"), .transferEncodingMalformed),
    RefusedCase("chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .transferEncodingTooOld),
    RefusedCase("a chunk without a size", chunked("\r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a size that is not hexadecimal", chunked("g\r\n"), .chunkLineMalformed),
    RefusedCase("a size with 0x", chunked("0x3\r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a size with a sign", chunked("+3\r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a blank before the size", chunked(" 3\r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a blank after the size", chunked("3 \r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a bare LF after the size", chunked("3\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a bare LF in an extension", chunked("3;a\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a bare CR in an extension", chunked("3;a\rb\r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("NUL in an extension", chunked("3;\0\r\nabc\r\n"), .chunkLineMalformed),
    RefusedCase("a size of 2^63", chunked("8000000000000000\r\n"), .chunkSizeTooLarge),
    RefusedCase("a size of 2^64 and 3", chunked("10000000000000003\r\nabc\r\n"), .chunkSizeTooLarge),
    RefusedCase("data longer than its size", chunked("3\r\nabcd\r\n"), .chunkEndMissing),
    RefusedCase("data ended by a bare LF", chunked("3\r\nabc\n0\r\n\r\n"), .chunkEndMissing),
    RefusedCase("data ended by CR X", chunked("3\r\nabc\rX"), .chunkEndMissing),
    RefusedCase("a trailer that begins with a blank", chunked("0\r\n a: b\r\n\r\n"), .trailerMalformed),
    RefusedCase("a trailer without a colon", chunked("0\r\nab\r\n\r\n"), .trailerMalformed),
    RefusedCase("a trailer with a space before its colon", chunked("0\r\na : b\r\n\r\n"), .trailerMalformed),
    RefusedCase("a trailer ended by a bare LF", chunked("0\r\na: b\n\r\n"), .trailerMalformed),
    RefusedCase("a trailer with a bare CR", chunked("0\r\na: b\rc\r\n\r\n"), .trailerMalformed),
    RefusedCase("a bare LF at the end of the trailers", chunked("0\r\n\n"), .trailerMalformed),
    RefusedCase("CR X at the end of the trailers", chunked("0\r\n\rX"), .lineEndMalformed),
]
