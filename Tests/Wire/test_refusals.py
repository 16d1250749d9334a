"""What is refused: with which status, code and field. A caller's mistake is never a 5xx."""

import json
import re

import pytest

from conftest import new_client
from peers import H1Peer, request, split_block

ROW = {"a": 1, "b": 2}


def check_error(answer, status, code=None, field=None, row=None):
    """The one shape of every refusal. `answer`: an httpx answer or a raw one."""
    found = getattr(answer, "status_code", None) or answer.status
    body = json.loads(answer.content if hasattr(answer, "content") else answer.body)
    assert found == status, body
    assert answer.headers["content-type"].startswith("application/json")
    assert body.keys() <= {"error", "code", "field", "row"} and {"error", "code"} <= body.keys(), body
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", body["code"]) and body["error"].strip(), body
    if code:
        assert body["code"] == code
    if field:
        assert body.get("field") == field, body
    if row is not None:
        assert body.get("row") == row, body


BODIES = {
    "empty": (b"", None), "no JSON": (b"year=1994", None), "cut off": (b'{"a":1,"b":', None), "no end": (b'{"a":1,"b":2', None),
    "an array": (b"[1,2]", None), "a number": (b"3", None), "something after": (b'{"a":1,"b":2} x', None),
    "two objects": (b'{"a":1,"b":2}{"a":1,"b":2}', None), "not UTF-8": (b'{"a":1,"b":2,"\xff":1}', None),
    "trailing comma": (b'{"a":1,"b":2,}', None), "single quotes": (b"{'a':1,'b':2}", None),
    "wrong type": (b'{"a":"1","b":2}', "a"), "a boolean": (b'{"a":true,"b":2}', "a"), "a list": (b'{"a":[1],"b":2}', "a"),
    "an object": (b'{"a":{},"b":2}', "a"), "missing": (b'{"b":2}', "a"), "null": (b'{"a":1,"b":null}', "b"),
    "NaN": (b'{"a":NaN,"b":2}', "a"), "Infinity": (b'{"a":1,"b":Infinity}', "b"), "minus Infinity": (b'{"a":1,"b":-Infinity}', "b"),
    "too great for a double": (b'{"a":1e999,"b":2}', "a"), "above the range": (b'{"a":1000.5,"b":2}', "a"),
    "below the range": (b'{"a":1,"b":-1001}', "b"), "twice": (b'{"a":1,"b":2,"a":1}', "a"),
    "twice by escape": (b'{"a":1,"b":2,"\\u0061":1}', "a"), "unknown field": (b'{"a":1,"b":2,"colour":3}', "colour"),
    "no integer": (b'{"a":1,"b":2,"spin":1.5}', "spin"), "leading zero": (b'{"a":01,"b":2}', None), "hexadecimal": (b'{"a":0x1,"b":2}', None),
}


@pytest.mark.parametrize("body, field", BODIES.values(), ids=BODIES.keys())
def test_a_wrong_body(client, body, field):
    answer = client.post("/v1/probe", content=body, headers={"content-type": "application/json"})
    check_error(answer, 400, field=field)


INSTANCES = {
    "none": ([], None, None), "no list": ({"a": 1}, None, None), "too many": ([ROW] * 33, None, None),
    "a wrong one": ([ROW, ROW, {"a": "x", "b": 2}], "a", 2), "one without a field": ([ROW, {"a": 1}], "b", 1),
    "one that is no object": ([ROW, 3], None, 1), "one with a field too many": ([{**ROW, "colour": 3}], "colour", 0),
}


@pytest.mark.parametrize("instances, field, row", INSTANCES.values(), ids=INSTANCES.keys())
def test_wrong_instances(client, instances, field, row):
    check_error(client.predict({"instances": instances}), 400, field=field, row=row)


def test_deep_nesting_is_refused_quickly(client):
    check_error(client.post("/v1/probe", content=b'{"a":' + b"[" * 100_000), 400)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer x", "Basic dTpw", "Bearer " + "a" * 300, "bearer-ish"])
def test_without_a_valid_token(client, header):
    client.headers.pop("authorization")
    answer = client.post("/v1/probe", json=ROW, headers={"authorization": header} if header is not None else {})
    check_error(answer, 401)
    assert answer.headers["www-authenticate"].lower().startswith("bearer")


def test_the_scheme_is_read_in_any_case(client, gateway):
    assert client.post("/v1/probe", json=ROW, headers={"authorization": f"bEARER {gateway.token}"}).status_code == 200


def test_a_token_without_the_scope(gateway):
    with new_client(gateway, token=gateway.new_token("view")) as client:
        check_error(client.predict(ROW), 403, "scope-missing")


def test_a_token_of_another_route(gateway):
    with new_client(gateway, token=gateway.new_token(more=("--route", "linear"))) as client:
        check_error(client.predict(ROW), 403, "route-forbidden")
        assert client.predict(ROW, route="linear").status_code == 200


@pytest.mark.parametrize("path", ["/v1/nothing", "/", "/v1/probe/", "/v1/probe2", "/V1/probe", "/v1/%70robe2", "/v1/../v1/nothing", "/metrics"])
def test_no_such_route(client, path):
    check_error(client.post(path, json=ROW), 404, "route-unknown")


def test_a_query_does_not_change_the_route(client):
    assert client.post("/v1/probe?x=1", json=ROW).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method(client, method):
    answer = client.request(method, "/v1/probe")
    check_error(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


def test_head_of_a_route_has_no_body(client):
    answer = client.head("/v1/probe")
    assert (answer.status_code, answer.content) == (405, b"") and "POST" in answer.headers["allow"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx", "nonsense"])
def test_another_media_type(client, content_type):
    check_error(client.post("/v1/probe", content=json.dumps(ROW), headers={"content-type": content_type}), 415)


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_content_coding(client, coding):
    check_error(client.post("/v1/probe", content=b"\x1f\x8b", headers={"content-encoding": coding}), 415)


def test_a_body_beyond_the_limit_by_its_length(gateway):
    """Refused before the body comes: the client has sent none of it, and is told that the connection ends."""
    with H1Peer(gateway) as peer:
        peer.send(request(token=gateway.token, fields=["Content-Length: 300000"], length=False))
        answer = peer.last_answer()
        check_error(answer, 413, "body-too-large")
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("control", [False, True])
def test_a_large_body_that_nobody_asked_for(gateway, control):
    """Health needs no token, so a body to it must not fill the memory."""
    with H1Peer(gateway, port=gateway.control_port if control else gateway.port) as peer:
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        check_error(peer.last_answer(), 413, "body-too-large")


def test_a_body_beyond_the_limit_in_chunks(gateway):
    with H1Peer(gateway) as peer:
        peer.send(request(token=gateway.token, fields=["Transfer-Encoding: chunked"], length=False))
        peer.send((b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 9)
        check_error(peer.answer(), 413, "body-too-large")


def test_a_body_beyond_the_limit_by_its_length_over_h2(h2):
    stream = h2.new_stream()
    h2.frames(h2.head_frame(stream, end=False, extra=[("content-length", "300000")]))
    check_error(h2.answer(stream), 413, "body-too-large")
    assert h2.answer(h2.ask(body=json.dumps(ROW).encode())).status == 200, "the connection goes on"


def test_a_body_beyond_the_limit_streamed_over_h2(h2):
    stream = h2.new_stream()
    h2.frames(h2.head_frame(stream, end=False))
    h2.upload(stream, b" " * 600_000)
    check_error(h2.answer(stream), 413, "body-too-large")
    assert h2.answer(h2.ask(body=json.dumps(ROW).encode())).status == 200, "the connection goes on"


def test_a_body_at_the_limit(client):
    text = json.dumps(ROW).encode()
    assert client.post("/v1/probe", content=text + b" " * (262_144 - len(text))).status_code == 200


def test_a_unit_that_is_too_long(client):
    check_error(client.predict(ROW, x_user_id="u" * 257), 400, "unit-too-long")
    assert client.predict(ROW, x_user_id="u" * 256).status_code == 200


MANY_FIELDS = [[("x-padding", "~" * 20_000)], [(f"x-{i}", "1") for i in range(120)]]


@pytest.mark.parametrize("extra", MANY_FIELDS, ids=["bytes", "count"])
def test_headers_beyond_a_limit(h2, extra):
    block = h2.encoder.encode(h2.fields(extra=extra))
    stream = h2.new_stream()
    h2.frames(*split_block(stream, block, pieces=len(block) // 16_000))
    check_error(h2.answer(stream), 431)
    assert h2.answer(h2.ask(body=json.dumps(ROW).encode())).status == 200, "the connection goes on"


def test_a_post_without_any_length(gateway):
    with H1Peer(gateway) as peer:
        peer.send(request(token=gateway.token, length=False))
        check_error(peer.answer(), 411, "length-required")


def test_an_unknown_expectation(gateway):
    with H1Peer(gateway) as peer:
        peer.send(request(token=gateway.token, body=b"{}", fields=["Expect: miracles"]))
        check_error(peer.last_answer(), 417, "expectation-unknown")


@pytest.mark.parametrize("method", ["post", "get", "BREW", "PROPFIND", "CONNECT"])
def test_an_unknown_method(gateway, method):
    with H1Peer(gateway) as peer:
        peer.send(request(method=method, token=gateway.token))
        check_error(peer.last_answer(), 501)


def test_a_deadline(client):
    """The route gives a model 100 ms, and this row takes a second."""
    check_error(client.predict({**ROW, "spin": 1_500_000}, route="slow"), 504, "deadline")


def test_an_answer_that_is_no_number(client):
    """The model's fault, not the caller's: 500, and the variant is named. Other rows and requests do not suffer."""
    answer = client.predict({"a": 1, "b": 2}, route="broken")
    check_error(answer, 500, "model-failed")
    assert "only" in answer.text or answer.headers.get("x-weir-variant") == "only"
    assert client.predict({"a": -1, "b": 2}, route="broken").json()["value"] == pytest.approx(0, abs=1e-6)
