"""HTTP/2 frame by frame: floods, bombs and peers that do not read. A misbehaving connection ends; the server does not notice."""

import json
import time

import hpack
import pytest
from hyperframe.frame import (
    ContinuationFrame, DataFrame, HeadersFrame, PingFrame, PriorityFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame,
)

from peers import Closed, H2Peer, is_readable, split_block
from test_refusals import check_error

BODY = b'{"a":1,"b":2}'
NO_ERROR, PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, REFUSED_STREAM, COMPRESSION_ERROR = 0, 1, 3, 6, 7, 9


@pytest.fixture(autouse=True)
def server_stays_well(gateway):
    yield
    assert gateway.is_well()


def wire(*frames):
    return b"".join(frame.serialize() for frame in frames)


def raw_frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def hangs_up(peer, burst, times, in_step=True):
    """Sends `burst()` over and over; True as soon as the server ended the connection, False if it took everything.

    `in_step`: waits for a PING's answer after each burst, so that neither side runs ahead of the other."""
    try:
        for _ in range(times):
            peer.send(burst())
            if in_step:
                peer.ping()
        return not in_step and peer.goaway(timeout=5) is not NO_ERROR
    except Closed:
        return True
    except TimeoutError:
        return False


def test_settings_announce_the_limits(h2):
    h2.ping()
    assert h2.settings[SettingsFrame.MAX_CONCURRENT_STREAMS] == 128
    assert h2.settings[SettingsFrame.MAX_HEADER_LIST_SIZE] == 16 * 1024
    assert h2.settings.get(SettingsFrame.ENABLE_CONNECT_PROTOCOL, 0) == 0


def test_many_streams_at_once(h2):
    streams = [h2.ask(body=b'{"a":%d,"b":0}' % i, path="/v1/linear") for i in range(100)]
    answers = h2.answers(*streams)
    values = [json.loads(answers[stream].body)["value"] for stream in streams]
    assert values == pytest.approx([0.1 + 2 * i for i in range(100)], abs=1e-4)


def test_a_body_in_single_bytes(h2):
    stream = h2.new_stream()
    h2.frames(h2.head_frame(stream, end=False))
    for i in range(len(BODY)):
        h2.frames(DataFrame(stream, data=BODY[i:i + 1], flags=["END_STREAM"] if i == len(BODY) - 1 else []))
    assert h2.answer(stream).status == 200


def test_frames_in_single_bytes(h2):
    stream = h2.new_stream()
    for byte in h2.head_frame(stream, end=False).serialize() + DataFrame(stream, data=BODY, flags=["END_STREAM"]).serialize():
        h2.send(bytes([byte]))
    assert h2.answer(stream).status == 200


def test_a_large_body_gets_its_credit(h2):
    """262 144 bytes is four times the first window: the server must hand out credit as it takes the body, and take it whole."""
    stream = h2.new_stream()
    h2.frames(h2.head_frame(stream, end=False))
    text = BODY + b" " * (262_144 - len(BODY))
    assert h2.upload(stream, text) == len(text)
    assert h2.answer(stream).status == 200


def test_bodies_side_by_side_share_the_credit(h2):
    """Three bodies that together are far more than the connection's first window."""
    for _ in range(3):
        stream = h2.new_stream()
        h2.frames(h2.head_frame(stream, end=False))
        h2.upload(stream, BODY + b" " * 200_000)
        assert h2.answer(stream).status == 200


def test_an_abandoned_body_gives_its_credit_back(h2):
    """Half of a body, then a reset, ten times: without the credit back the connection would starve."""
    for _ in range(10):
        stream = h2.new_stream()
        h2.frames(h2.head_frame(stream, end=False))
        assert h2.upload(stream, b" " * 60_000, end=False) == 60_000
        h2.frames(RstStreamFrame(stream, error_code=8))
    stream = h2.new_stream()
    h2.frames(h2.head_frame(stream, end=False))
    h2.upload(stream, BODY + b" " * 100_000)
    assert h2.answer(stream).status == 200


def test_no_answer_without_credit(gateway):
    """A stream window of zero: the fields come, the body waits for credit, then comes whole."""
    with H2Peer(gateway, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0}) as peer:
        stream = peer.ask(body=BODY)
        while not isinstance(peer.next_frame(), HeadersFrame):
            pass
        assert not is_readable(peer.sock, 0.1)
        peer.frames(WindowUpdateFrame(stream, window_increment=10))
        frame = peer.next_frame()
        assert isinstance(frame, DataFrame) and len(frame.data) == 10
        peer.frames(WindowUpdateFrame(stream, window_increment=10_000))
        rest = peer.next_frame()
        assert json.loads(frame.data + rest.data)["route"] == "probe"


def test_a_wrong_content_length_is_a_stream_error(h2):
    stream = h2.ask(body=BODY, extra=[("content-length", "99")])
    assert h2.answer(stream).reset == PROTOCOL_ERROR
    assert h2.answer(h2.ask(body=BODY)).status == 200


MALFORMED = {
    "a name in capitals": [("X-A", "1")], "connection": [("connection", "close")], "transfer-encoding": [("transfer-encoding", "chunked")],
    "te": [("te", "gzip")], "a pseudo-field after a field": [("x-a", "1"), (":path", "/")], "an unknown pseudo-field": [(":colour", "red")],
    "two paths": [(":path", "/healthz")], "a line feed in a value": [("x-a", "1\n2")], "a zero byte in a value": [("x-a", "1\x002")],
    "two lengths": [("content-length", "13"), ("content-length", "14")],
}


@pytest.mark.parametrize("extra", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_fields_reset_the_stream(h2, extra):
    """RFC 9113 section 8.1.1: a stream error, or 400; never a prediction."""
    answer = h2.answer(h2.ask(body=BODY, extra=extra))
    assert answer.reset == PROTOCOL_ERROR or answer.status == 400
    assert h2.answer(h2.ask(body=BODY)).status == 200


@pytest.mark.parametrize("missing", [":method", ":scheme", ":path"])
def test_missing_pseudo_fields_reset_the_stream(h2, missing):
    fields = [field for field in h2.fields(extra=[]) if field[0] != missing]
    answer = h2.answer(h2.ask(body=BODY, fields=fields))
    assert answer.reset == PROTOCOL_ERROR or answer.status == 400


VIOLATIONS = {
    "DATA on stream 0": raw_frame(0, 0, 0, b"x"), "HEADERS on stream 0": raw_frame(1, 4, 0, b"\x82"), "an even stream": raw_frame(1, 5, 2, b"\x82"),
    "DATA on an idle stream": raw_frame(0, 1, 9, b"x"), "SETTINGS of odd length": raw_frame(4, 0, 0, b"12345"),
    "a PING of 7 bytes": raw_frame(6, 0, 0, b"1234567"), "a frame beyond 16 KiB": raw_frame(0, 0, 1, bytes(20_000)),
    "PUSH_PROMISE from a client": raw_frame(5, 4, 1, b"\0\0\0\2\x82"), "no credit at all": raw_frame(8, 0, 0, b"\0\0\0\0"),
    "too much credit": raw_frame(8, 0, 0, b"\x7f\xff\xff\xff"), "CONTINUATION from nowhere": raw_frame(9, 4, 1, b"\x82"),
    "a header block that is none": raw_frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff"),
    "a table beyond bounds": raw_frame(1, 5, 1, b"\x3f\xff\xff\xff\x07"),
    "an index beyond the table": raw_frame(1, 5, 1, b"\xff\x80\x01"),
    "HEADERS cut by another frame": raw_frame(1, 0, 1, b"\x82") + raw_frame(6, 0, 0, bytes(8)),
}


@pytest.mark.parametrize("sent", VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_violations_end_the_connection(h2, sent):
    h2.ping()
    h2.send(sent)
    assert h2.goaway() not in (None, NO_ERROR), "the server must say why"


def test_a_wrong_preface_ends_the_connection(gateway):
    peer = H2Peer.__new__(H2Peer)
    super(H2Peer, peer).__init__(gateway, alpn=("h2",))
    with peer:
        peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP/1.1" not in peer.rest()


def test_unknown_frames_and_priorities_are_ignored(h2):
    h2.send(raw_frame(0xEE, 0xFF, 0, b"who knows"))
    h2.frames(PriorityFrame(1, depends_on=0, stream_weight=15))
    assert h2.answer(h2.ask(body=BODY)).status == 200


# Hazards, each by the client that causes it


def opened(peer, spoil):
    """One hundred requests whose body is awaited, each spoilt at once."""
    streams = [peer.new_stream() for _ in range(100)]
    return b"".join(peer.head_frame(stream, end=False).serialize() + spoil(stream) for stream in streams)


def test_rapid_reset(h2):
    """CVE-2023-44487: streams opened and reset in one breath. 200 are forgiven, 2 000 are not."""
    assert hangs_up(h2, lambda: opened(h2, lambda stream: wire(RstStreamFrame(stream, error_code=8))), times=20)


def test_a_few_resets_are_nothing(h2):
    h2.send(opened(h2, lambda stream: wire(RstStreamFrame(stream, error_code=8))))
    assert h2.answer(h2.ask(body=BODY)).status == 200


CHEAP = {
    "streams that the server must reset": lambda peer: opened(peer, lambda stream: raw_frame(8, 0, stream, b"\0\0\0\0")),
    "DATA without a byte": lambda peer: wire(*[DataFrame(1, data=b"")] * 500),
    "PRIORITY": lambda peer: wire(*[PriorityFrame(1, depends_on=0, stream_weight=15)] * 500),
    "unknown frames": lambda peer: raw_frame(0xEE, 0, 0, b"") * 500,
}


@pytest.mark.parametrize("burst", CHEAP.values(), ids=CHEAP.keys())
def test_floods_of_what_costs_little(gateway, h2, burst):
    """CVE-2019-9513, -9518, CVE-2025-8671: the server may bear with them or hang up, but it answers others meanwhile."""
    h2.frames(h2.head_frame(h2.new_stream(), end=False))
    for _ in range(10):
        if hangs_up(h2, lambda: burst(h2), times=1):
            break
        with H2Peer(gateway) as other:
            assert other.answer(other.ask(body=BODY), timeout=2).status == 200


@pytest.mark.parametrize("piece", [b"", b"\x00\x01x\x01y"], ids=["empty", "a field each"])
def test_continuation_flood(h2, piece):
    """CVE-2024-28182: a head that never ends, in small pieces."""
    h2.ping()
    h2.frames(HeadersFrame(h2.new_stream(), data=h2.encoder.encode(h2.fields())))
    assert hangs_up(h2, lambda: wire(*[ContinuationFrame(1, data=piece)] * 100), times=10, in_step=False)


def test_a_head_in_a_few_pieces(h2):
    stream = h2.new_stream()
    block = h2.encoder.encode(h2.fields(extra=[("x-padding", "~" * 5_000)]))
    h2.frames(*split_block(stream, block, pieces=4, end=False), DataFrame(stream, data=BODY, flags=["END_STREAM"]))
    assert h2.answer(stream).status == 200


FLOODS = {
    "PING": lambda count: [PingFrame(0, opaque_data=b"12345678")] * count,
    "SETTINGS": lambda count: [SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 65_535})] * count,
}


@pytest.mark.parametrize("frames", FLOODS.values(), ids=FLOODS.keys())
def test_floods_of_what_must_be_acknowledged(hurried, frames):
    """CVE-2019-9512, -9515: the client reads nothing, so the answers pile up at the server: it must stop reading, or hang up."""
    burst = wire(*frames(1_000))
    with H2Peer(hurried, buffers=4_096) as peer:
        peer.sock.settimeout(1)
        end = time.monotonic() + 5
        with pytest.raises((Closed, TimeoutError)):
            while time.monotonic() < end:
                peer.send(burst)
    assert hurried.is_well()


@pytest.mark.parametrize("heads", [1, 3], ids=["one head", "three heads in a row"])
def test_hpack_bomb(h2, heads):
    """A few kilobytes that unfold to megabytes: one large field is put into the table, then named again and again by one byte."""
    for _ in range(heads):
        stream = h2.new_stream()
        bomb = hpack.Encoder().encode(h2.fields())
        bomb += b"\x40\x06x-bomb" + b"\x7f\xa1\x1e" + b"y" * 4_000
        bomb += b"\xbe" * 10_000
        h2.encoder = hpack.Encoder()
        try:
            h2.frames(*split_block(stream, bomb, pieces=1))
            answer = h2.answer(stream)
        except Closed:
            return
        assert answer.status == 431 or answer.reset is not None, answer


def test_too_many_streams(gateway):
    """200 requests in one breath where 128 are allowed, before the client can know that: the rest is refused unseen, to be sent again."""
    with H2Peer(gateway) as peer:
        streams = [peer.new_stream() for _ in range(200)]
        heads = [peer.head_frame(stream, end=False) for stream in streams]
        peer.frames(*heads, *(DataFrame(stream, data=BODY, flags=["END_STREAM"]) for stream in streams[:128]))
        answers = peer.answers(*streams)
        assert {answers[stream].status for stream in streams[:128]} == {200}
        assert {answers[stream].reset for stream in streams[128:]} == {REFUSED_STREAM}


def test_a_client_that_ends_its_streams_may_go_on_for_long(h2):
    for _ in range(20):
        streams = [h2.ask(body=BODY) for _ in range(50)]
        assert {answer.status for answer in h2.answers(*streams).values()} == {200}


def test_errors_have_the_same_shape_as_over_http_1(h2):
    check_error(h2.answer(h2.ask(path="/nowhere")), 404, "route-unknown")
    check_error(h2.answer(h2.ask(body=b"{}")), 400)


def test_expect_is_answered_by_an_interim_answer(h2):
    stream = h2.new_stream()
    h2.frames(h2.head_frame(stream, end=False, extra=[("expect", "100-continue")]))
    h2.ping()
    h2.frames(DataFrame(stream, data=BODY, flags=["END_STREAM"]))
    assert h2.answer(stream).status == 200


def test_a_reset_in_the_middle_of_inference(h2):
    """The answer of a reset stream is thrown away; the connection goes on."""
    stream = h2.ask(body=b'{"a":1,"b":2,"spin":200000}')
    h2.frames(RstStreamFrame(stream, error_code=8))
    assert h2.answer(h2.ask(body=BODY)).status == 200


def test_closing_in_the_middle_of_inference(gateway):
    for _ in range(3):
        peer = H2Peer(gateway)
        for _ in range(5):
            peer.ask(body=b'{"a":1,"b":2,"spin":100000}')
        peer.reset()
