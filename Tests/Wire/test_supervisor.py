"""One process keeps the sockets, another does the work: what happens when the worker dies, and when it is replaced by new code."""

import contextlib
import json
import os
import shutil
import signal
import ssl
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

import gateway as gateway_module
from conftest import new_client
from gateway import eventually, parse_metrics
from peers import H1Peer, H2Peer, request, tls_context

BODY = b'{"a":1,"b":2}'
ROW = {"a": 1, "b": 2}


def events(server, message):
    """The log lines with this message, in order."""
    lines = [json.loads(line) for line in server.lines if line.startswith("{")]
    return [line for line in lines if line["message"] == message]


def descriptors(pid):
    """How many descriptors of each kind a process has, but for files: of those the counters have one more after a while."""
    kinds = Counter()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            target = os.readlink(entry)
            kinds[target if target.startswith("anon_inode") else target.split(":")[0]] += not target.startswith(("/dev", "/tmp"))
    return +kinds


def threads(pid):
    return sorted(path.read_text().strip() for path in Path(f"/proc/{pid}/task").glob("*/comm"))


def new_worker(server, old, within=10):
    """Waits until another worker than the old one answers, and returns its process id."""
    return eventually(lambda: old not in server.workers() and server.workers() and is_ready(server) and server.worker_pid, within, "a new worker")


def is_ready(server):
    with contextlib.suppress(OSError, ssl.SSLError):
        return server.get("/readyz")[0] == 200


def report(server, route="probe"):
    """What the program's own report says of a route."""
    return json.loads(server.weir("report", route, "--state", server.state, "--json"))


def counted(server, route="probe"):
    """Rows that a route has served, in all workers' counters and the ledger."""
    return sum(variant["rows"] for variant in report(server, route)["variants"])


class Crowd:
    """Clients that ask without pause, and make a new connection when theirs is closed. An answer is 200, and nothing else will do."""

    def __init__(self, server, http2):
        self.server, self.http2 = server, http2
        self.answers, self.failures, self.closed, self.stopped = 0, [], 0, threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work) for _ in range(3)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        eventually(lambda: self.answers > 30, within=10, what="answers")
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(15)

    def _note(self, answers=0, closed=0, failure=None):
        with self.lock:
            self.answers += answers
            self.closed += closed
            if failure:
                self.failures.append(failure)

    def _work(self):
        while not self.stopped.is_set():
            try:
                (self._ask_h2 if self.http2 else self._ask_h1)()
            except Exception as error:  # whatever it is, a request was lost by it
                self._note(failure=repr(error))

    def _ask_h1(self):
        with H1Peer(self.server) as peer:
            while not self.stopped.is_set():
                peer.send(request(token=self.server.token, body=BODY))
                answer = peer.answer()
                assert answer.status == 200, answer
                self._note(answers=1)
                if answer.headers.get("connection") == "close":
                    return self._note(closed=1)

    def _ask_h2(self):
        """As RFC 9113 section 6.8 says: after GOAWAY no new stream; those that were opened are answered."""
        with H2Peer(self.server) as peer:
            while not self.stopped.is_set():
                streams = [peer.ask(body=BODY) for _ in range(2)]
                found = peer.answers(*streams)
                assert {answer.status for answer in found.values()} == {200}, found
                self._note(answers=len(found))
                if peer.is_dismissed:
                    return self._note(closed=1)


# The worker dies


@pytest.mark.parametrize("sig", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_worker_that_dies_is_replaced(launch, sig):
    """A connection that is made right afterwards waits in the backlog, and is answered by the next worker."""
    server = launch()
    old, name = server.worker_pid, sig.name
    with new_client(server) as client:
        assert client.predict(ROW).status_code == 200
    os.kill(old, sig)
    [died] = eventually(lambda: events(server, "worker died"), within=5, what="the end of the worker")
    with H1Peer(server) as peer:
        peer.send(request(token=server.token, body=BODY))
        assert peer.answer().status == 200
    assert server.process.poll() is None and server.workers() != [old]
    assert (died["weir.end"], int(died["weir.pid"])) == (name, old)


def test_it_is_replaced_by_one_like_it(launch):
    """Descriptors, threads and children are as before."""
    server = launch()
    old = server.worker_pid
    eventually(lambda: "weir-keeper" in threads(old), within=5, what="all threads")
    before = descriptors(old), threads(old), descriptors(server.process.pid)
    os.kill(old, signal.SIGSEGV)
    new = new_worker(server, old)
    eventually(lambda: (descriptors(new), threads(new), descriptors(server.process.pid)) == before, within=5, what="the same as before")
    assert server.workers() == [new]


def test_a_crash_is_counted_by_its_reason(launch):
    server = launch(arguments=["--metrics-open"])

    def restarts():
        samples = parse_metrics(server.get("/metrics", control=True)[2])
        return {labels["reason"]: value for name, labels, value in samples if name == "weir_worker_restarts_total"}

    assert restarts() == {"crash": 0, "killed": 0, "exit": 0, "upgrade": 0}
    for sig, reason in [(signal.SIGBUS, "crash"), (signal.SIGKILL, "killed")]:
        old = server.worker_pid
        os.kill(old, sig)
        new_worker(server, old)
        assert restarts()[reason] == 1


def test_nothing_counted_is_lost_with_the_worker(launch):
    server = launch()
    with new_client(server) as client:
        for _ in range(20):
            assert client.predict(ROW).status_code == 200
    old = server.worker_pid
    os.kill(old, signal.SIGKILL)
    new_worker(server, old)
    with new_client(server) as client:
        for _ in range(20):
            assert client.predict(ROW).status_code == 200
    assert counted(server) == 40


def test_a_crash_loop_slows_down(launch):
    """The first restart is at once; then each pause is twice the last."""
    server = launch()
    pauses = []
    for _ in range(4):
        old = server.worker_pid
        os.kill(old, signal.SIGKILL)
        new_worker(server, old)
    pauses = [int(line["weir.again_ms"]) for line in events(server, "worker died")]
    assert pauses == [0, 100, 200, 400]


def test_a_worker_that_cannot_start_again_is_tried_again(launch, routes):
    """A route file that was broken meanwhile keeps the next worker from starting, until it is mended."""
    server = launch(routes=routes)
    file = routes / "probe/route.yaml"
    whole = file.read_text()
    file.write_text("nonsense: [")
    os.kill(server.worker_pid, signal.SIGKILL)
    eventually(lambda: len(events(server, "worker died")) >= 3, within=10, what="attempts")
    assert server.process.poll() is None
    file.write_text(whole)
    eventually(lambda: events(server, "worker ready"), within=15, what="a worker")
    with new_client(server) as client:
        assert client.predict(ROW).status_code == 200


def test_a_worker_that_refuses_to_start_ends_the_server(launch, routes):
    (routes / "probe/route.yaml").write_text("nonsense: [")
    server = launch(routes=routes, wait=False)
    assert server.exit_code() == 1
    assert server.log().endswith("weir: the routes cannot be served: 1 complaint\n")


@pytest.mark.parametrize("is_renewed", [False, True], ids=["first", "renewed"])
def test_the_worker_dies_with_its_supervisor(launch, is_renewed):
    server = launch()
    worker = renew(server) if is_renewed else server.worker_pid
    server.process.kill()
    server.process.wait(5)
    eventually(lambda: not Path(f"/proc/{worker}").exists() or b"" == Path(f"/proc/{worker}/cmdline").read_bytes(), within=5, what="its end")
    server.restart()
    assert server.is_well()


def test_a_worker_is_not_started_by_hand(gateway):
    result = gateway_module.run_weir("worker", "--state", gateway.state, "--routes", gateway.routes, "--certs", gateway.certs)
    assert result.returncode == 1 and "weir serve" in result.stderr


# New code


def renew(server, within=20):
    """Has new code put in place; the new worker's process id, once the old one is gone."""
    old = server.worker_pid
    done = len(events(server, "the new code answers"))
    server.process.send_signal(signal.SIGUSR2)
    eventually(lambda: len(events(server, "the new code answers")) > done, within, "new code")
    eventually(lambda: old not in server.workers(), within, "the old worker's end")
    return server.worker_pid


@pytest.mark.parametrize("http2", [False, True], ids=["h1", "h2"])
def test_new_code_takes_over_and_nobody_notices(launch, http2):
    """Under load: no request fails, and every answer is counted once."""
    server = launch()
    pid = server.process.pid
    with Crowd(server, http2) as crowd:
        for _ in range(2):
            renew(server)
            seen = crowd.answers
            eventually(lambda: crowd.answers > seen + 30, within=10, what="answers of the new code")
    assert not crowd.failures
    assert server.process.pid == pid and server.process.poll() is None and len(server.workers()) == 1
    assert counted(server) == crowd.answers
    assert server.stop() == 0


def test_new_code_has_what_the_old_had(launch):
    """The same descriptors in the supervisor, the same in the worker, and no process more."""
    server = launch()
    old = server.worker_pid
    eventually(lambda: "weir-keeper" in threads(old), within=5, what="all threads")
    before = descriptors(old), threads(old), descriptors(server.process.pid)
    new = renew(server)
    eventually(lambda: (descriptors(new), threads(new), descriptors(server.process.pid)) == before, within=5, what="the same as before")
    assert server.workers() == [new]


def test_books_are_kept_by_one_worker_at_a_time(launch, scored_routes):
    """Outcomes of predictions of the old worker reach the new one, and each is in the sums once."""
    server = launch(routes=scored_routes, scopes=("predict", "outcome"))
    with new_client(server) as client:
        ids = [client.predict(ROW, route="scored").json()["id"] for _ in range(10)]
    renew(server)
    with new_client(server) as client:
        for id in ids:
            answer = client.post("/v1/outcomes", json={"prediction": id, "name": "clicked", "value": 1})
            assert answer.json() == {"outcome": "recorded"}
    assert server.stop() == 0
    assert counted(server, "scored") == 10


@pytest.fixture
def program(tmp_path):
    """A copy of the program, to be replaced while it runs."""
    path = tmp_path / "weir"
    shutil.copy2(gateway_module.BINARY, path)
    return path


def test_a_file_that_is_no_program_is_not_taken(launch, program, monkeypatch):
    """The old code goes on, and says why."""
    monkeypatch.setattr(gateway_module, "BINARY", program)
    monkeypatch.setenv("ORT_LIBRARY", str(next((gateway_module.ROOT / ".onnxruntime").glob("libonnxruntime.so*"))))
    server = launch()
    worker = server.worker_pid
    other = program.with_name("other")
    other.write_text("#!/bin/sh\nexit 3\n")
    other.chmod(0o755)
    other.rename(program)
    server.process.send_signal(signal.SIGUSR2)
    [refused] = eventually(lambda: events(server, "the new code is not taken; the old goes on"), within=10, what="the refusal")
    assert "exit code 3" in refused["weir.reason"]
    assert server.workers() == [worker] and server.is_well()
    os.kill(worker, signal.SIGKILL)
    assert new_worker(server, worker), "the running code can be started again although its file is gone"


def test_new_code_that_does_not_become_ready_changes_nothing(launch, routes):
    server = launch(routes=routes)
    worker = server.worker_pid
    file = routes / "probe/route.yaml"
    file.write_text("nonsense: [")
    server.process.send_signal(signal.SIGUSR2)
    eventually(lambda: events(server, "the new code does not become ready; the old goes on"), within=15, what="the end of the new worker")
    assert server.workers() == [worker] and server.is_well()
    with new_client(server) as client:
        assert client.predict(ROW).status_code == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_by_whoever_answers(launch, version):
    """Tickets are sealed with keys that every worker of a server has."""
    server = launch()
    context = tls_context(server.certs, lowest=version, highest=version)

    def ask(session=None):
        with H1Peer(server, context=context, session=session) as peer:
            peer.send(request("GET", "/healthz"))
            assert peer.answer().status == 200
            return peer.tls.session_reused, peer.tls.session

    is_resumed, session = ask()
    assert not is_resumed
    old = server.worker_pid
    os.kill(old, signal.SIGKILL)
    new_worker(server, old)
    is_resumed, session = ask(session)
    assert is_resumed
    renew(server)
    assert ask(session)[0]


def test_readiness_stays_while_new_code_takes_over(launch):
    """A load balancer that asks on a connection to the old worker is not told to look elsewhere: the address is as good as before."""
    server = launch(limits={"drain-ms": 5_000})
    old = server.worker_pid
    with H1Peer(server) as peer:
        peer.send(request("GET", "/readyz"))
        assert peer.answer().status == 200
        done = len(events(server, "leaving"))
        server.process.send_signal(signal.SIGUSR2)
        eventually(lambda: len(events(server, "leaving")) > done, within=20, what="the order to leave")
        peer.send(request("GET", "/readyz"))
        answer = peer.last_answer()
        assert answer.status == 200 and answer.headers["connection"] == "close"
    eventually(lambda: old not in server.workers(), within=10, what="the old worker's end")
