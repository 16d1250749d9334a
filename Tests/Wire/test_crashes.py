"""Models that take the process down: those in flight are lost once, everybody else waits a moment, and the culprit is named and kept away."""

import json
import threading
import time

import pytest

import troubles
from conftest import new_client
from gateway import eventually
from peers import Closed, H2Peer
from steps import HALVES, ask, ask_all, post, row, told, units_of
from test_answers import assigned
from troubles import STUCK, steady, troubled

AGAIN = 5.0
"""Seconds until a worker that died is replaced, on a busy machine. What it takes on a quiet one is measured elsewhere."""


@pytest.fixture
def crashing(launch, tmp_path):
    """A server that crashes on demand, and a token that may demand it."""
    folder = troubles.add_route(tmp_path / "routes", "duo", "breaker: { open: 100ms, ramp: 0s }", champion=(steady, 50), challenger=(steady, 50))
    troubles.add_route(folder, "other", "breaker: { open: 100ms, ramp: 0s }", only=(steady, 1))
    return launch(routes=folder, arguments=["--allow-crash-faults", "--metrics-open"], scopes=("predict", "override", "view"))


@pytest.fixture
def hanging(launch, tmp_path):
    """A server with a variant that hangs for ten seconds when a row says so."""
    folder = troubles.add_route(
        tmp_path / "routes", "duo", "deadline: 300ms\nbreaker: { open: 100ms, ramp: 0s }", champion=(steady, 50),
        challenger=(troubled, 50, "run: workers"))
    return launch(routes=folder, arguments=["--metrics-open"], scopes=("predict", "view"))


def crash(server, unit="anybody"):
    """Asks for a crash of the variant that is this unit's; returns once the connection died of it."""
    with H2Peer(server) as peer, pytest.raises(Closed):
        peer.answer(post(peer, "duo", unit, more=[("x-weir-fault", "crash")]), timeout=10)


def replaced(server, before):
    """True once none of the server's processes of before is left but the first one, and it serves."""
    return not (server.processes() - {server.process.pid}) & before and server.is_well()


def served(server, unit):
    with new_client(server) as client:
        return ask(client, "duo", unit)


def asked(server, route):
    with new_client(server) as client:
        return ask(client, route, "anybody")


def log_lines(server):
    return [json.loads(line) for line in server.lines if line.startswith("{")]


def test_connections_meanwhile_wait_and_are_answered(crashing):
    """Nobody who connects is refused: the listening sockets are not the worker's."""
    [unit] = units_of("challenger", 1, "duo")
    over, failures, answers = threading.Event(), [], []

    def keep_asking():
        while not over.is_set():
            try:
                with new_client(crashing) as client:
                    answers.append(ask(client, "other", "anybody").status)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: len(answers) > 20, within=10, what="the first answers")
        before = crashing.processes() - {crashing.process.pid}
        crash(crashing, unit)
        eventually(lambda: replaced(crashing, before), within=AGAIN, what="another worker")
        count = len(answers)
        eventually(lambda: len(answers) > count + 20, within=10, what="further answers")
    finally:
        over.set()
        for thread in threads:
            thread.join(15)
    assert set(answers) == {200}
    assert len(failures) <= len(threads), f"a request in flight is lost once, at most: {failures}"
    assert all("refused" not in str(error).lower() for error in failures), failures


def test_the_variant_and_the_signal_are_named(crashing):
    [unit] = units_of("challenger", 1, "duo")
    crash(crashing, unit)

    def line():
        return next((said for said in log_lines(crashing) if said["log.level"] in ("warning", "error", "critical")
                     and "challenger" in json.dumps(said) and "SIG" in json.dumps(said)), None)

    said = json.dumps(eventually(line, within=AGAIN, what="a line about it"))
    assert "duo" in said and "champion" not in said
    eventually(crashing.is_well, within=AGAIN, what="another worker")
    text = eventually(lambda: crashing.get("/metrics", control=True)[2], within=AGAIN)
    assert any(line.startswith("weir_worker_restarts_total{") and not line.endswith(" 0") for line in text.splitlines()), text
    report = json.loads(crashing.weir("report", "duo", "--state", crashing.state, "--json"))
    assert "SIG" in json.dumps(report), "the report tells of it"


def test_others_keep_their_variant(crashing):
    """Units of the one that crashed are served by the other; nobody else moves."""
    units = [f"unit-{number}" for number in range(40)]
    before = crashing.processes() - {crashing.process.pid}
    crash(crashing, units_of("challenger", 1, "duo")[0])
    eventually(lambda: replaced(crashing, before), within=AGAIN, what="another worker")
    with new_client(crashing) as client:
        for unit in units:
            answer = ask(client, "duo", unit)
            assert answer.status == 200
            assert assigned(unit, "duo", HALVES) == "challenger" or answer == (200, "champion", "assigned")


def test_what_passes_quarantine_comes_back(crashing):
    """The model itself is sound; rerun on its samples and on the rows that were inside, it may be probed, and serves again."""
    [unit] = units_of("challenger", 1, "duo")
    crash(crashing, unit)
    eventually(lambda: served(crashing, unit) == (200, "challenger", "assigned"), within=20, what="its return")


def hang(server):
    """Sends a row that no terminate flag ends; returns once it is told."""
    [unit] = units_of("challenger", 1, "duo")
    with H2Peer(server) as peer:
        try:
            answer = peer.answer(post(peer, "duo", unit, trouble=STUCK), timeout=10)
            assert answer.status == 504
            peer.rest(timeout=10)
        except Closed:
            pass
    return unit


def test_a_hang_is_a_crash_and_never_happens_to_live_traffic_twice(hanging):
    """The rows that were inside hang in quarantine, too: the variant stays out, however many rows it is asked for, until a person acts."""
    before = hanging.processes() - {hanging.process.pid}
    unit = hang(hanging)
    eventually(lambda: replaced(hanging, before), within=10, what="another worker")
    workers = hanging.processes() - {hanging.process.pid}
    with new_client(hanging) as client:
        for other in units_of("challenger", 60, "duo"):
            assert told(client.predict(row(STUCK), route="duo", x_user_id=other)) == (200, "champion", "breaker")
        eventually(lambda: "only" if any("quarantine" in json.dumps(line) for line in log_lines(hanging)) else None, within=30, what="the verdict")
        time.sleep(0.5)  # five times as long as a breaker stays open before it probes
        assert set(ask_all(client, "duo", units_of("challenger", 60, "duo"))) == {(200, "champion", "breaker")}
    assert workers <= hanging.processes(), "the worker is still the same"
    hanging.weir("breaker", "duo", "challenger", "--release", "--why", "the rows were changed", "--state", hanging.state)
    eventually(lambda: served(hanging, unit) == (200, "challenger", "assigned"), within=10, what="its release")


def test_a_hold_outlives_the_server(hanging):
    unit = hang(hanging)
    eventually(lambda: served(hanging, unit) == (200, "champion", "breaker"), within=10, what="the hold")
    assert hanging.stop() == 0
    hanging.restart()
    assert served(hanging, unit) == (200, "champion", "breaker")


def test_crash_after_crash(crashing):
    """Each is answered by a new worker; nothing is left behind."""
    def resources():
        return len(crashing.processes())

    eventually(lambda: resources(), within=1)
    before = resources()
    for _ in range(3):
        workers = crashing.processes() - {crashing.process.pid}
        eventually(lambda: asked(crashing, "other") == (200, "only", "assigned"), within=20, what="its return")
        with H2Peer(crashing) as peer, pytest.raises(Closed):
            peer.answer(post(peer, "other", more=[("x-weir-fault", "crash")]), timeout=10)
        eventually(lambda: replaced(crashing, workers), within=3 * AGAIN, what="another worker")
    eventually(lambda: resources() == before, within=30, what="the end of every other process")
