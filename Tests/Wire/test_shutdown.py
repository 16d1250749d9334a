"""SIGTERM: say goodbye, finish what is in flight, exit 0; and not a second later than promised."""

import contextlib
import signal
import threading
import time

import pytest
from hyperframe.frame import DataFrame, GoAwayFrame

from conftest import SHORT, new_client
from gateway import eventually
from peers import Closed, H1Peer, H2Peer, is_readable, request

BODY = b'{"a":1,"b":2}'
LONG = b'{"a":1,"b":2,"spin":1000000}'
"""About a second of model time."""


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_at_once(launch, sig):
    server = launch()
    start = time.monotonic()
    server.terminate(sig)
    assert server.exit_code() == 0
    assert time.monotonic() - start < 3


def test_a_request_in_flight_is_answered_over_http_1(launch):
    """One whose model runs is answered before the connection is closed."""
    server = launch()
    with H1Peer(server) as peer:
        peer.send(request(token=server.token, body=LONG))
        assert peer.is_open(within=0.2)
        server.terminate()
        assert peer.last_answer().status == 200
    assert server.exit_code() == 0


def test_a_request_on_its_way_is_answered_over_http_1(launch):
    """One whose body is still coming is answered too, and told that the connection closes."""
    server = launch()
    with H1Peer(server) as peer:
        peer.send(request(token=server.token, fields=["Content-Length: 13"], length=False) + BODY[:5])
        assert peer.is_open()
        server.terminate()
        eventually(lambda: '"stopping"' in server.log(), within=2, what="the order to stop")
        peer.send(BODY[5:])
        answer = peer.last_answer()
        assert answer.status == 200 and answer.headers["connection"] == "close"
    assert server.exit_code() == 0


def test_requests_in_flight_are_answered_over_h2(launch):
    """GOAWAY comes first, the answers after it, then the end."""
    server = launch()
    with H2Peer(server) as peer:
        peer.ping()
        streams = [peer.ask(body=LONG) for _ in range(3)]
        assert not is_readable(peer.sock, 0.2), "the model runs"
        server.terminate()
        answers = peer.answers(*streams)
        assert [answers[stream].status for stream in streams] == [200, 200, 200]
        assert peer.goaway() == 0
    assert server.exit_code() == 0


def test_goaway_warns_before_it_counts(launch):
    """RFC 9113 section 6.8: the first names no stream as the last, so that a request on its way is not lost."""
    server = launch()
    with H2Peer(server) as peer:
        stream = peer.new_stream()
        peer.frames(peer.head_frame(stream, end=False))
        peer.ping()
        server.terminate()
        while not isinstance(frame := peer.next_frame(), GoAwayFrame):
            pass
        assert (frame.last_stream_id, frame.error_code) == (2**31 - 1, 0)
        peer.frames(DataFrame(stream, data=BODY, flags=["END_STREAM"]))
        assert peer.answer(stream).status == 200
        while not isinstance(frame := peer.next_frame(), GoAwayFrame):
            pass
        assert (frame.last_stream_id, frame.error_code) == (stream, 0)
    assert server.exit_code() == 0


def test_idle_connections_do_not_delay_the_end(launch):
    server = launch()
    with H1Peer(server) as one, H2Peer(server) as two:
        one.send(request("GET", "/healthz"))
        assert one.answer().status == 200
        two.ping()
        start = time.monotonic()
        server.terminate()
        assert one.rest() == b"" and two.goaway() == 0
        assert server.exit_code() == 0
        assert time.monotonic() - start < 3


def test_readyz_says_503_while_draining(launch):
    """On the control port, and on the data port to a connection that was open. What is in flight is finished all the same."""
    server = launch(limits={"drain-ms": 5_000})
    with H1Peer(server) as busy, H1Peer(server) as asking:
        busy.send(request(token=server.token, fields=["Content-Length: 13"], length=False))
        asking.send(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n")
        assert asking.is_open()
        server.terminate()
        eventually(lambda: server.get("/readyz", control=True)[0] == 503, within=2, what="503 on the control port")
        asking.send(b"\r\n")
        answer = asking.last_answer()
        assert answer.status == 503 and answer.headers["connection"] == "close"
        busy.send(BODY)
        assert busy.last_answer().status == 200
    assert server.exit_code() == 0


def test_the_hard_deadline(launch):
    """A body that never comes holds the server no longer than drain-ms."""
    server = launch(limits={"drain-ms": SHORT["drain-ms"]})
    with H1Peer(server) as peer:
        peer.send(request(token=server.token, fields=["Content-Length: 1000"], length=False))
        start = time.monotonic()
        server.terminate()
        assert server.exit_code() == 0
        assert SHORT["drain-ms"] / 1000 * 0.8 < time.monotonic() - start < SHORT["drain-ms"] / 1000 + 3
        with contextlib.suppress(Closed):
            assert b"200" not in peer.rest()


def test_nobody_loses_a_request_under_load(launch):
    """Four clients ask without pause; whatever they got before the end is an answer, and the end is an orderly one."""
    server = launch()
    failures, answers, stopping = [], [], threading.Event()

    def ask():
        with H1Peer(server) as peer:
            try:
                while True:
                    peer.send(request(token=server.token, body=BODY))
                    answer = peer.answer()
                    answers.append(answer.status)
                    if answer.headers.get("connection") == "close":
                        return
            except Closed:
                if not stopping.is_set():
                    failures.append("closed before the order to stop")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answers) > 100, within=10, what="a hundred answers")
    stopping.set()
    server.terminate()
    for thread in threads:
        thread.join(10)
    assert server.exit_code() == 0 and not failures and set(answers) == {200}


def test_a_server_that_stopped_can_start_again(launch):
    """The same state folder, twice; the token is still known."""
    server = launch()
    with new_client(server) as client:
        assert client.predict({"a": 1, "b": 2}).status_code == 200
    assert server.stop() == 0
    server.restart()
    with new_client(server) as client:
        assert client.predict({"a": 1, "b": 2}).status_code == 200
