"""Peers that are slow, idle, deaf or too many. Each limit has its answer, and the server is well afterwards."""

import contextlib
import json
import time

import pytest
from hyperframe.frame import DataFrame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame

from conftest import SHORT
from gateway import eventually, run_weir
from peers import Closed, H1Peer, H2Peer, TLSPeer, is_readable, request, tcp
from test_refusals import check_error

BODY = b'{"a":1,"b":2}'
SLACK = 3.0
"""Seconds that a limit of 0.3 to 0.5 s may take to show on a busy machine."""


@contextlib.contextmanager
def patience(lowest):
    """What happens inside must take as long as the limit, in milliseconds, and not much longer."""
    start = time.monotonic()
    yield
    spent = time.monotonic() - start
    assert lowest / 1000 * 0.8 <= spent <= lowest / 1000 + SLACK, f"{spent:.2f} s"


def drip(peer, data, step=0.05):
    """Sends a byte each step, until the server stops listening."""
    with contextlib.suppress(Closed):
        for byte in data:
            peer.send(bytes([byte]))
            if not quiet(peer, step):
                return


def quiet(peer, seconds):
    """Waits; False as soon as there is something to read."""
    return not is_readable(peer.sock, seconds)


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], ids=["nothing", "a byte", "half a hello"])
def test_slow_handshake(hurried, said):
    sock = tcp(hurried.port)
    with patience(SHORT["handshake-ms"]):
        sock.sendall(said)
        with contextlib.suppress(ConnectionError):
            assert sock.recv(100)[:1] in (b"", b"\x15")
    sock.close()


def test_dripping_handshake(hurried):
    """A byte now and then does not buy more time."""
    sock = tcp(hurried.port)
    with patience(SHORT["handshake-ms"]), contextlib.suppress(ConnectionError):
        sock.settimeout(0.05)
        for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100):
            sock.sendall(bytes([byte]))
            with contextlib.suppress(TimeoutError):
                if not sock.recv(100):
                    break
    sock.close()


def test_slow_head(hurried):
    with H1Peer(hurried) as peer, patience(SHORT["head-ms"]):
        drip(peer, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1000)
        check_error(peer.last_answer(), 408)


def test_slow_second_head(hurried):
    with H1Peer(hurried) as peer:
        peer.send(request("GET", "/healthz"))
        assert peer.answer().status == 200
        with patience(SHORT["head-ms"]):
            drip(peer, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1000)
            check_error(peer.last_answer(), 408)


@pytest.mark.parametrize("fields", [["Content-Length: 1000"], ["Transfer-Encoding: chunked"]], ids=["length", "chunks"])
def test_slow_body(hurried, fields):
    with H1Peer(hurried) as peer:
        peer.send(request(token=hurried.token, fields=fields, length=False) + (b"3e8\r\n" if "chunked" in fields[0] else b""))
        with patience(SHORT["body-ms"]):
            drip(peer, b" " * 1000)
            check_error(peer.last_answer(), 408)


def test_slow_body_over_h2(hurried):
    """Only the slow stream ends; a quick one beside it is served."""
    with H2Peer(hurried) as peer:
        slow = peer.new_stream()
        peer.frames(peer.head_frame(slow, end=False), DataFrame(slow, data=b" "))
        with patience(SHORT["body-ms"]):
            assert peer.answer(peer.ask(body=BODY)).status == 200
            answer = peer.answer(slow)
        assert answer.status == 408 or answer.reset is not None


def test_slow_head_over_h2(hurried):
    with H2Peer(hurried) as peer:
        peer.ping()  # the settings are acknowledged: nothing may come between the parts of a head
        with patience(SHORT["head-ms"]):
            peer.frames(HeadersFrame(1, data=peer.encoder.encode(peer.fields()), flags=["END_STREAM"]))
            peer.goaway(timeout=SLACK + 1)


def test_slow_preface(hurried):
    """TLS is up and h2 agreed, but not a byte of HTTP/2 comes."""
    with TLSPeer(hurried, alpn=("h2",)) as peer, patience(min(SHORT["head-ms"], SHORT["idle-ms"])):
        peer.rest()


def test_idle_connection(hurried):
    with H1Peer(hurried) as peer:
        peer.send(request("GET", "/healthz"))
        assert peer.answer().status == 200
        with patience(SHORT["idle-ms"]):
            assert peer.rest() == b"", "an idle connection is closed without a word"


def test_idle_connection_over_h2(hurried):
    with H2Peer(hurried) as peer:
        assert peer.answer(peer.ask(body=BODY)).status == 200
        with patience(SHORT["idle-ms"]):
            assert peer.goaway() == 0, "GOAWAY without an error, then the end"


def test_a_busy_connection_is_not_idle(hurried):
    """Longer than any limit above, a request at a time."""
    with H1Peer(hurried) as peer:
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            peer.send(request(token=hurried.token, body=BODY))
            assert peer.answer().status == 200
            quiet(peer, 0.1)


def test_a_long_computation_is_not_idle(hurried):
    """A second of model time is longer than every limit on the peer's own slowness."""
    with H1Peer(hurried) as peer:
        peer.send(request(token=hurried.token, body=b'{"a":1,"b":2,"spin":1500000}'))
        assert peer.answer().status == 200


ROWS = json.dumps({"instances": [{"a": i, "b": -i} for i in range(32)]}).encode()
MANY = 30_000
"""Requests with ROWS that no kernel buffers: 20 MB."""


def test_a_deaf_reader(hurried):
    """Large answers are asked for without end, none is read: the server stops taking requests, then closes."""
    with H1Peer(hurried, buffers=4_096) as peer:
        peer.sock.settimeout(0.5)
        sent = 0
        with contextlib.suppress(Closed, TimeoutError):
            for sent in range(MANY):
                peer.send(request(token=hurried.token, body=ROWS))
        assert sent < MANY - 1, "the server took every request without getting rid of an answer"
        time.sleep(SHORT["write-stall-ms"] / 1000 + 0.5)  # deafness has no event to wait for
        assert peer.rest().count(b"HTTP/1.1 200") < sent
    assert hurried.is_well()


def test_a_deaf_reader_over_h2(hurried):
    """All the credit in the world, but the socket is not read: what cannot be sent is given up, and the connection ends."""
    with H2Peer(hurried, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 2**31 - 1}, buffers=4_096) as peer:
        with contextlib.suppress(Closed):
            for _ in range(2_000):
                peer.ask(body=ROWS)
        time.sleep(SHORT["write-stall-ms"] / 1000 + 0.5)  # deafness has no event to wait for
        peer.goaway()
    assert hurried.is_well()


def test_a_zero_window(hurried):
    """Credit for no byte of any answer: the streams are reset or the connection ends, within the limit."""
    with H2Peer(hurried, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0}) as peer, patience(SHORT["write-stall-ms"]):
        streams = [peer.ask(body=BODY) for _ in range(100)]
        waiting = set(streams)
        with contextlib.suppress(Closed):
            while waiting:
                frame = peer.next_frame(timeout=SLACK)
                if isinstance(frame, GoAwayFrame):
                    break
                assert not isinstance(frame, DataFrame)
                if isinstance(frame, RstStreamFrame):
                    waiting.discard(frame.stream_id)
    assert hurried.is_well()


def test_too_many_connections(launch):
    """Those beyond the limit are closed, those before are served, and room that is given back is used."""
    server = launch(limits={"connections": 20})
    peers = [H1Peer(server) for _ in range(20)]
    refused = 0
    for _ in range(10):
        try:
            with H1Peer(server) as extra:
                extra.send(request("GET", "/healthz"))
                extra.answer()
        except (Closed, ConnectionError):
            refused += 1
    assert refused == 10
    for peer in peers:
        peer.send(request(token=server.token, body=BODY))
        assert peer.answer().status == 200
    for peer in peers:
        peer.close()
    eventually(lambda: reaches(server), within=5, what="a connection after the others left")


def reaches(server):
    try:
        with H1Peer(server) as peer:
            peer.send(request("GET", "/healthz"))
            return peer.answer().status == 200
    except (Closed, ConnectionError, TimeoutError):
        return False


def test_out_of_descriptors(launch):
    """64 descriptors and 200 connections: the listener must not spin, and must come back."""
    server = launch(descriptors=64)
    with H1Peer(server) as old:
        crowd = [tcp(server.port) for _ in range(200)]
        before, start = server.cpu_seconds(), time.monotonic()
        for _ in range(10):
            old.send(request(token=server.token, body=BODY))
            assert old.answer().status == 200, "a connection from before is served"
            quiet(old, 0.1)
        share = (server.cpu_seconds() - before) / (time.monotonic() - start)
        assert share < 0.3, f"{share:.0%} of a core while nothing can be accepted"
        for sock in crowd:
            sock.close()
        eventually(lambda: reaches(server), within=10, what="a connection after the crowd left")


def test_limits_are_checked_at_the_start(tmp_path, certs, model_routes):
    for limits in ("colour=3", "idle-ms", "idle-ms=x"):
        result = run_weir("serve", "--state", tmp_path / "state", "--routes", model_routes, "--certs", certs, "--limits", limits)
        assert result.returncode != 0 and limits.split("=")[0] in result.stderr, result
