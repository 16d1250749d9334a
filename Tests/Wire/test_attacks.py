"""Attacks that once did harm, each as small as it can be. The attacker may fare as it likes; everybody else is served, each their own answer."""

import contextlib
import json
import os
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest
from hyperframe.frame import DataFrame, WindowUpdateFrame

import models
from peers import Closed, H1Peer, H2Peer, request
from test_http2 import raw_frame, wire
from test_refusals import check_error

ONE_REACTOR = ["--reactors", "1"]
"""Attacker and victims share everything that connections can share."""

ALL_CREDIT = WindowUpdateFrame(0, window_increment=2**31 - 1 - 65_535)


@pytest.fixture(scope="session")
def odd_routes(tmp_path_factory):
    return models.write_odd_routes(tmp_path_factory.mktemp("odd"))


def serves_everybody(server, count=20):
    """Predictions on as many connections, all half sent before any is completed: each must be answered by its own value."""
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(H1Peer(server)) for _ in range(count)]
        wholes = [request(path="/v1/linear", token=server.token, body=b'{"a":%d,"b":0}' % i) for i in range(count)]
        for peer, whole in zip(peers, wholes):
            peer.send(whole[:-5])
        for peer, whole in zip(peers, wholes):
            peer.send(whole[-5:])
        answers = [peer.answer() for peer in peers]
        assert {answer.status for answer in answers} == {200}
        assert [json.loads(answer.body)["value"] for answer in answers] == pytest.approx([0.1 + 2 * i for i in range(count)], abs=1e-4)
    assert server.process.poll() is None, server.log()


def is_healthy(peer):
    peer.send(request("GET", "/healthz"))
    return peer.answer().status == 200


def with_close_notify(peer, data):
    """The ciphertext of `data` and, right behind it, of close_notify."""
    ciphertext = peer.records(data)
    with contextlib.suppress(ssl.SSLError):  # the server's own end is not there yet
        peer.tls.unwrap()
    return ciphertext + peer._out.read()


def refused_streams(peer, count):
    """Heads of requests to nowhere, far more than may be open at once. All but the first share a block of a few bytes.

    They are refused one by one as long as the peer has not acknowledged the limit, so its SETTINGS are taken by `receive`, not by `ping`."""
    first = peer.head_frame(peer.new_stream(), path="/x").serialize()
    block = peer.encoder.encode(peer.fields(path="/x"))
    return first + b"".join(raw_frame(1, 5, peer.new_stream(), block) for _ in range(count - 1))


def resident(server):
    """Memory of the server in bytes."""
    lines = Path(f"/proc/{server.worker_pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def test_a_wrong_length_and_a_goodbye_in_one_segment(launch):
    """Each of these requests was released twice, and then belonged to two others at once."""
    server = launch(arguments=ONE_REACTOR)
    for _ in range(3):
        with H2Peer(server) as peer:
            peer.ping()
            streams = [peer.new_stream() for _ in range(3)]
            heads = [peer.head_frame(stream, end=False, extra=[("content-length", "5")]) for stream in streams]
            ends = [DataFrame(stream, data=b"abc", flags=["END_STREAM"]) for stream in streams]
            peer.send_raw(with_close_notify(peer, wire(*heads, *ends)))
            peer.rest()
    serves_everybody(server)


def test_refused_streams_and_a_reset(launch):
    """The connection broke in the middle of being flushed, and was released twice."""
    server = launch(arguments=ONE_REACTOR)
    for _ in range(5):
        peer = H2Peer(server)
        peer.frames(ALL_CREDIT)
        peer.receive()
        peer.send(refused_streams(peer, 3_500))
        peer.reset()
        time.sleep(0.2)  # a reset is not answered
    serves_everybody(server)


def test_refused_streams_and_a_goodbye(launch):
    """What could not be written any more left an error behind, and it ended the next connection that was looked at."""
    server = launch(arguments=ONE_REACTOR)
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(H1Peer(server)) for _ in range(6)]
        assert all(is_healthy(other) for other in others)
        peer = stack.enter_context(H2Peer(server, buffers=4_096))
        peer.frames(ALL_CREDIT)
        peer.receive()
        flood = with_close_notify(peer, refused_streams(peer, 300_000))
        sender = threading.Thread(target=sends, args=(peer.sock, flood))
        sender.start()
        time.sleep(0.7)  # not reading has no event to wait for
        with contextlib.suppress(OSError):
            while peer.sock.recv(65_536):
                pass
        sender.join()
        assert all(is_healthy(other) for other in others)


def sends(sock, data):
    with contextlib.suppress(OSError):
        sock.sendall(data)


def test_refused_streams_of_a_deaf_peer(launch):
    """Whoever does not read is not read either: the refusals would be queued without end."""
    server = launch(arguments=ONE_REACTOR)
    with H2Peer(server) as peer:
        peer.receive()
        before, end = resident(server), time.monotonic() + 3
        peer.sock.settimeout(0.5)
        with contextlib.suppress(Closed, TimeoutError):
            while time.monotonic() < end:
                peer.send(refused_streams(peer, 4_000))
        assert resident(server) - before < 50 << 20
        serves_everybody(server)


def test_a_flood_of_key_updates(launch):
    """The last of the answers to them was sent to somebody else. A pipe of packets keeps `openssl` from reading two commands as one."""
    server = launch(arguments=ONE_REACTOR)
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(H1Peer(server)) for _ in range(3)]
        assert all(is_healthy(other) for other in others)
        commands, keys = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
        flood = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-alpn", "http/1.1", "-tls1_3"],
            stdin=commands, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        end = time.monotonic() + 6
        with contextlib.suppress(BrokenPipeError):
            while time.monotonic() < end:
                os.write(keys, b"K\n")
        os.close(keys)
        if time.monotonic() >= end:
            flood.kill()
        flood.wait()
        if time.monotonic() >= end:
            pytest.skip("this machine's openssl floods too slowly")
        assert all(is_healthy(other) for other in others)
        serves_everybody(server)


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_part_of_a_second_request(launch, part):
    """A kept connection's later requests have the deadlines of its first, however long it may be idle."""
    server = launch(limits={"idle-ms": 20_000, "head-ms": 500, "body-ms": 500})
    whole = request(token=server.token, body=b'{"a":1,"b":2}')
    with H1Peer(server) as peer:
        assert is_healthy(peer)
        time.sleep(0.2)  # the deadline of an idle connection is set
        start = time.monotonic()
        peer.send(whole[:20] if part == "head" else whole[:-5])
        check_error(peer.last_answer(), 408)
        assert 0.4 < time.monotonic() - start < 2.5


def test_pipelined_requests_and_a_fin(gateway):
    """The end of our direction is no reason to drop what was asked before it."""
    for _ in range(5):
        with H1Peer(gateway) as peer:
            ciphertext = peer.records(request("GET", "/healthz") * 3)
            peer.send_raw(ciphertext)
            peer.fin()
            assert peer.rest().count(b"HTTP/1.1 200") == 3


def test_slow_readers_beyond_their_idle_limit(launch, odd_routes):
    """Answers larger than the kernel buffers: whoever has something to read is not idle, and a past deadline is nothing to be woken for."""
    server = launch(routes=odd_routes, limits={"idle-ms": 300}, arguments=ONE_REACTOR)
    rows = json.dumps({"instances": [{"a": 1, "b": 2, "c": 3}] * 48}).encode()
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(H1Peer(server, buffers=4_096)) for _ in range(16)]
        for peer in peers:
            peer.send(request(path="/v1/wordy", token=server.token, body=rows))
        time.sleep(1)  # idleness has no event to wait for
        before = server.cpu_seconds()
        time.sleep(2)
        assert server.cpu_seconds() - before < 0.4
        assert all(peer.receive().startswith(b"HTTP/1.1 200") for peer in peers)


@pytest.mark.parametrize("rows", [1, 2])
def test_a_classifier_without_scores(launch, odd_routes, rows):
    server = launch(routes=odd_routes)
    instances = [{"a": 1, "b": 2}, {"a": 2, "b": 1}][:rows]
    with H1Peer(server) as peer:
        for body, label in ((instances[0], "yes"), ({"instances": instances}, None)):
            peer.send(request(path="/v1/verdict", token=server.token, body=json.dumps(body).encode()))
            answer = peer.answer()
            assert answer.status == 200
            found = json.loads(answer.body)
            assert b"probabilities" not in answer.body
            if label:
                assert found["label"] == label
            else:
                assert [prediction["label"] for prediction in found["predictions"]] == ["yes", "no"][:rows]


def test_long_texts_in_one_turn(launch, odd_routes):
    """Together they are more than a call of the model takes; each alone is not, so none may be refused for the others."""
    server = launch(routes=odd_routes, arguments=ONE_REACTOR)
    body = json.dumps({"t": "x" * 60_000}).encode()
    with H2Peer(server) as peer:
        streams = [peer.new_stream() for _ in range(20)]
        for stream in streams:
            peer.frames(peer.head_frame(stream, end=False, path="/v1/texts"))
            peer.upload(stream, body[:-1], end=False)
        peer.ping()
        peer.frames(*(DataFrame(stream, data=body[-1:], flags=["END_STREAM"]) for stream in streams))
        assert [answer.status for answer in peer.answers(*streams).values()] == [200] * 20
