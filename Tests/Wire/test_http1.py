"""HTTP/1.1 by hand: what a strict server accepts, and every request that two readers could understand differently."""

import json

import pytest

from peers import H1Peer, request
from test_refusals import check_error

BODY = b'{"a":1,"b":2}'
TRAP = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
"""A second request behind a doubtful one. A server that answers it can be used to smuggle requests past a proxy."""


def head(*lines, first="POST /v1/probe HTTP/1.1", host="Host: localhost"):
    return "\r\n".join([first, *([host] if host else []), *lines]).encode("latin-1") + b"\r\n\r\n"


def chunked(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


TE = "Transfer-Encoding: chunked"

SMUGGLING = {
    "both lengths": (head("Content-Length: 3", TE) + b"0\r\n\r\n", 400, "length-ambiguous"),
    "both lengths, the other way round": (head(TE, "Content-Length: 3") + b"0\r\n\r\n", 400, "length-ambiguous"),
    "two lengths": (head("Content-Length: 3", "Content-Length: 5") + b"abc", 400, "content-length-repeated"),
    "the same length twice": (head("Content-Length: 3", "Content-Length: 3") + b"abc", 400, "content-length-repeated"),
    "a list of lengths": (head("Content-Length: 3, 3") + b"abc", 400, "content-length-malformed"),
    "a signed length": (head("Content-Length: +3") + b"abc", 400, "content-length-malformed"),
    "a negative length": (head("Content-Length: -1"), 400, "content-length-malformed"),
    "a length in hexadecimal": (head("Content-Length: 0x3") + b"abc", 400, "content-length-malformed"),
    "an empty length": (head("Content-Length:"), 400, "content-length-malformed"),
    "a length beyond 64 bits": (head("Content-Length: 18446744073709551619") + b"abc", 400, "content-length-malformed"),
    "a length with a space inside": (head("Content-Length: 1 3") + b"abc", 400, "content-length-malformed"),
    "another coding": (head("Transfer-Encoding: gzip"), 400, None),
    "chunked, then another coding": (head("Transfer-Encoding: chunked, gzip"), 400, None),
    "another coding, then chunked": (head("Transfer-Encoding: gzip, chunked"), 501, "transfer-encoding-unknown"),
    "chunked twice": (head("Transfer-Encoding: chunked, chunked"), 400, "transfer-encoding-malformed"),
    "two codings in two fields": (head(TE, TE), 400, "transfer-encoding-malformed"),
    "identity": (head("Transfer-Encoding: identity"), 400, None),
    "a coding with a tab": (head("Transfer-Encoding:\tchunked\x0b"), 400, None),
    "a coding in quotes": (head('Transfer-Encoding: "chunked"'), 400, None),
    "chunks in HTTP/1.0": (head(TE, first="POST /v1/probe HTTP/1.0") + chunked(BODY), 400, "transfer-encoding-too-old"),
    "a space before the colon": (head("Content-Length : 3") + b"abc", 400, "space-before-colon"),
    "a tab before the colon": (head("Transfer-Encoding\t: chunked"), 400, "space-before-colon"),
    "a folded line": (head("X-A: 1", " Content-Length: 3"), 400, "line-folded"),
    "a line folded by a tab": (head("X-A: 1", "\tb"), 400, "line-folded"),
    "white space before the first field": (b"GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n", 400, "blank-before-fields"),
    "a bare line feed": (b"POST /v1/probe HTTP/1.1\r\nHost: localhost\nContent-Length: 3\r\n\r\nabc", 400, "line-end-malformed"),
    "bare line feeds only": (b"GET /healthz HTTP/1.1\nHost: localhost\n\n", 400, None),
    "a bare carriage return": (head("X-A: 1\rContent-Length: 3"), 400, None),
}

SYNTAX = {
    "no Host": (head(host=None), 400, "host-missing"),
    "two Hosts": (head("Host: localhost"), 400, "host-repeated"),
    "a Host that is none": (head(host="Host: local host"), 400, "host-malformed"),
    "a Host with user information": (head(host="Host: me@localhost"), 400, "host-malformed"),
    "a zero byte in a value": (head("X-A: 1\x002"), 400, "field-value-malformed"),
    "a control character in a value": (head("X-A: 1\x082"), 400, "field-value-malformed"),
    "a delete character in a value": (head("X-A: 1\x7f"), 400, "field-value-malformed"),
    "an empty field name": (head(": 1"), 400, "field-name-malformed"),
    "a field name with a bracket": (head("X(A): 1"), 400, "field-name-malformed"),
    "a field name beyond ASCII": (head("Xé: 1"), 400, "field-name-malformed"),
    "a line without a colon": (head("nonsense"), 400, None),
    "a method in lower case": (head(first="get /healthz HTTP/1.1"), 501, "method-unknown"),
    "an unknown method": (head(first="BREW /healthz HTTP/1.1"), 501, "method-unknown"),
    "CONNECT": (head(first="CONNECT localhost:443 HTTP/1.1"), 501, "connect-unsupported"),
    "no version": (b"GET /healthz\r\n\r\n", 400, "version-missing"),
    "HTTP/2 in words": (head(first="GET /healthz HTTP/2.0"), 505, "version-unsupported"),
    "HTTP/1.2": (head(first="GET /healthz HTTP/1.2"), 505, "version-unsupported"),
    "a version in lower case": (head(first="GET /healthz http/1.1"), 400, None),
    "two spaces": (head(first="GET  /healthz HTTP/1.1"), 400, None),
    "a tab for a space": (head(first="GET\t/healthz HTTP/1.1"), 400, None),
    "a space at the end": (head(first="GET /healthz HTTP/1.1 "), 400, None),
    "a space in the target": (head(first="GET /health z HTTP/1.1"), 400, None),
    "a fragment": (head(first="GET /healthz#top HTTP/1.1"), 400, "target-malformed"),
    "a target without a slash": (head(first="GET healthz HTTP/1.1"), 400, "target-malformed"),
    "a target beyond ASCII": (head(first="GET /healthz\xe9 HTTP/1.1"), 400, None),
    "a zero byte in the target": (head(first="GET /health\x00z HTTP/1.1"), 400, None),
    "another scheme": (head(first="GET ftp://localhost/healthz HTTP/1.1"), 400, "target-malformed"),
    "a request line of 20 kB": (head(first=f"GET /{'x' * 20_000} HTTP/1.1"), 414, "request-line-too-long"),
    "a field of 20 kB": (head("X-A: " + "x" * 20_000), 431, "head-too-large"),
    "fields of 20 kB": (head(*(f"X-{i}: {'x' * 250}" for i in range(80))), 431, "head-too-large"),
    "120 fields": (head(*(f"X-{i}: 1" for i in range(120))), 431, "too-many-fields"),
    "binary": (bytes(range(256)) + b"\r\n\r\n", 400, None),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, None),
}

CHUNKS = {
    "a size with a sign": (b"+d\r\n" + BODY + b"\r\n0\r\n\r\n", 400, "chunk-line-malformed"),
    "a size with 0x": (b"0xd\r\n" + BODY + b"\r\n0\r\n\r\n", 400, "chunk-line-malformed"),
    "a size that is no number": (b"what\r\n", 400, "chunk-line-malformed"),
    "an empty size": (b"\r\n" + BODY, 400, "chunk-line-malformed"),
    "a space before the size": (b" d\r\n" + BODY + b"\r\n0\r\n\r\n", 400, "chunk-line-malformed"),
    "a size beyond 64 bits": (b"1000000000000000d\r\n" + BODY, 400, "chunk-size-too-large"),
    "a size that wraps around": (b"ffffffffffffffff\r\n" + BODY, 400, "chunk-size-too-large"),
    "many leading zeros": (b"0" * 300 + b"d\r\n" + BODY + b"\r\n0\r\n\r\n", 400, None),
    "a bare line feed after the size": (b"d\n" + BODY + b"\r\n0\r\n\r\n", 400, None),
    "too much data": (b"3\r\nabcdef\r\n0\r\n\r\n", 400, "chunk-end-missing"),
    "data that ends in a bare line feed": (b"d\r\n" + BODY + b"\n0\r\n\r\n", 400, "chunk-end-missing"),
    "an endless extension": (b"d;" + b"x" * 1000 + b"\r\n" + BODY, 400, "chunk-line-too-long"),
    "a line feed in an extension": (b"d;a\nb\r\n" + BODY, 400, None),
    "extensions without end": (b"".join(b"1;" + b"x" * 200 + b"\r\n \r\n" for _ in range(60)), 400, "chunk-extensions-too-large"),
    "trailers without end": (b"0\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"x" * 100) for i in range(80)), 431, "trailers-too-large"),
    "a trailer that is no field": (b"0\r\nnonsense\r\n\r\n", 400, "trailer-malformed"),
    "a folded trailer": (b"0\r\nX-A: 1\r\n b\r\n\r\n", 400, None),
}


def cases(table):
    return pytest.mark.parametrize("sent, status, code", table.values(), ids=table.keys())


def check_refused(peer, status, code):
    """One refusal and the end; without a code, whichever of the refusals the server sees first."""
    answer = peer.last_answer()
    assert answer.status == status or code is None and answer.status in (400, 501, 505), answer
    check_error(answer, answer.status, code)
    assert answer.headers["connection"] == "close"


@cases(SMUGGLING)
def test_smuggling(h1, sent, status, code):
    h1.send(sent + TRAP)
    check_refused(h1, status, code)


@cases(SYNTAX)
def test_syntax(h1, sent, status, code):
    h1.send(sent + TRAP)
    check_refused(h1, status, code)


@cases(CHUNKS)
def test_chunks(gateway, h1, sent, status, code):
    h1.send(request(token=gateway.token, fields=[TE], length=False) + sent + TRAP)
    check_refused(h1, status, code)


def test_a_head_that_never_ends_is_refused_while_it_comes(h1):
    h1.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"x" * 17_000)
    check_error(h1.last_answer(), 431, "head-too-large")


def predict(gateway, **options):
    return request(token=gateway.token, **{"body": BODY, **options})


def check_prediction(answer):
    assert answer.status == 200, answer
    assert json.loads(answer.body)["route"] == "probe"


ACCEPTED = {
    "an absolute target": {"path": "https://localhost/v1/probe"},
    "an absolute target and another Host": {"path": "https://localhost/v1/probe", "host": "elsewhere.example"},
    "a Host with a port": {"host": "localhost:8443"},
    "an IPv6 Host": {"host": "[::1]:8443"},
    "an unknown field": {"fields": ["X-A: b"]},
    "an empty value": {"fields": ["X-A:"]},
    "a value beyond ASCII": {"fields": ["X-A: \xe9"]},
    "white space around a value": {"fields": ["Content-Type: \t application/json \t"]},
    "names in capitals": {"fields": ["CONTENT-TYPE: application/json"]},
    "an offer to upgrade": {"fields": ["Connection: Upgrade", "Upgrade: h2c"]},
    "an unknown Connection option": {"fields": ["Connection: x-a"]},
    "leading zeros in a length": {"fields": [f"Content-Length: 000{len(BODY)}"], "length": False},
}


@pytest.mark.parametrize("options", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(gateway, h1, options):
    h1.send(predict(gateway, **options))
    check_prediction(h1.answer())
    h1.send(predict(gateway))
    check_prediction(h1.answer())


ACCEPTED_CHUNKS = {
    "one chunk": chunked(BODY), "a byte a chunk": chunked(*(BODY[i:i + 1] for i in range(len(BODY)))),
    "capitals": b"D\r\n" + BODY + b"\r\n0\r\n\r\n", "leading zeros": b"00d\r\n" + BODY + b"\r\n000\r\n\r\n",
    "an extension": b"d;a=b\r\n" + BODY + b"\r\n0;c\r\n\r\n", "a trailer": b"d\r\n" + BODY + b"\r\n0\r\nX-A: 1\r\n\r\n",
}


@pytest.mark.parametrize("sent", ACCEPTED_CHUNKS.values(), ids=ACCEPTED_CHUNKS.keys())
def test_accepted_chunks(gateway, h1, sent):
    h1.send(predict(gateway, body=b"", fields=[TE], length=False) + sent)
    check_prediction(h1.answer())
    h1.send(predict(gateway))
    check_prediction(h1.answer())


def test_a_trailer_cannot_bring_a_token(h1):
    h1.send(request(fields=[TE], length=False) + b"d\r\n" + BODY + b"\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    check_error(h1.answer(), 401)


def test_keep_alive(gateway, h1):
    for _ in range(20):
        h1.send(predict(gateway))
        answer = h1.answer()
        check_prediction(answer)
        assert answer.headers.get("connection") != "close"


def test_ten_requests_in_one_write_are_answered_in_order(gateway, h1):
    h1.send(b"".join(predict(gateway, body=b'{"a":%d,"b":0}' % i, path="/v1/linear") for i in range(10)))
    values = [json.loads(h1.answer().body)["value"] for _ in range(10)]
    assert values == pytest.approx([0.1 + 2 * i for i in range(10)], abs=1e-5)


def test_requests_of_unlike_cost_are_answered_in_order(gateway, h1):
    slow, quick = predict(gateway, body=b'{"a":1,"b":2,"spin":200000}'), request("GET", "/healthz")
    h1.send(slow + quick + request("GET", "/nothing", token=gateway.token))
    assert [h1.answer().status for _ in range(3)] == [200, 200, 404]


def test_one_byte_at_a_time(gateway, h1):
    """Each byte in a TLS record and a packet of its own."""
    for byte in predict(gateway):
        h1.send(bytes([byte]))
    check_prediction(h1.answer())


def test_one_byte_of_ciphertext_at_a_time(gateway, h1):
    for byte in h1.records(predict(gateway)):
        h1.send_raw(bytes([byte]))
    check_prediction(h1.answer())


def test_an_empty_line_before_a_request(gateway, h1):
    """RFC 9112 section 2.2: a server should ignore at least one."""
    h1.send(predict(gateway) + b"\r\n" + predict(gateway))
    check_prediction(h1.answer())
    check_prediction(h1.answer())


def test_expect_continue(gateway, h1):
    h1.send(predict(gateway, body=b"", fields=["Expect: 100-continue", f"Content-Length: {len(BODY)}"], length=False))
    assert h1.answer().status == 100
    h1.send(BODY)
    check_prediction(h1.answer())


def test_expect_continue_with_the_body_already_there(gateway, h1):
    """The interim answer may be left out then; both are right."""
    h1.send(predict(gateway, fields=["Expect: 100-continue"]))
    answer = h1.answer()
    check_prediction(h1.answer() if answer.status == 100 else answer)


def test_expect_continue_is_not_promised_to_a_refused_request(gateway, h1):
    h1.send(request(fields=["Expect: 100-continue", f"Content-Length: {len(BODY)}"], length=False))
    check_error(h1.answer(), 401)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_head(h1, path):
    h1.send(request("GET", path) + request("HEAD", path) + request("GET", path))
    first, second, third = h1.answer(), h1.answer(head=True), h1.answer()
    assert first.status == second.status == third.status == 200
    assert first.headers["content-length"] == second.headers["content-length"]


def test_connection_close_is_honoured(gateway, h1):
    h1.send(predict(gateway, fields=["Connection: close"]) + TRAP)
    answer = h1.last_answer()
    check_prediction(answer)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("keep", [False, True])
def test_http_1_0(gateway, h1, keep):
    h1.send(predict(gateway, version="HTTP/1.0", fields=["Connection: keep-alive"] if keep else []))
    answer = h1.answer() if keep else h1.last_answer()
    check_prediction(answer)
    assert answer.headers["connection"] == ("keep-alive" if keep else "close")


def test_an_early_refusal_skips_the_body_and_keeps_the_connection(gateway, h1):
    h1.send(request(body=b" " * 10_000) + predict(gateway))
    check_error(h1.answer(), 401)
    check_prediction(h1.answer())


def test_an_early_refusal_is_read_although_the_client_still_sends(gateway):
    """A megabyte to a route that takes 256 KiB: the refusal must not be lost to a TCP reset."""
    with H1Peer(gateway) as peer:
        peer.send(predict(gateway, body=b" " * 1_000_000))
        check_error(peer.last_answer(), 413, "body-too-large")
