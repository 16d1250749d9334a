"""Models that take the process down: those in flight are lost once, everybody else waits a moment, and the culprit is named and kept away."""

import contextlib
import json
import signal
import threading
import time

import pytest

import troubles
from conftest import new_client
from gateway import eventually
from peers import Closed, H2Peer
from steps import HALVES, ask, ask_all, post, row, told, total, units_of
from test_answers import assigned
from test_supervisor import descriptors, new_worker, threads
from troubles import STUCK, steady, troubled

AGAIN = 15.0
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
    return launch(routes=folder, arguments=["--metrics-open"], limits={"quarantine-ms": 1_000}, scopes=("predict", "view"))


def crash(server, unit, route="duo"):
    """Asks for a crash of the variant that is this unit's; returns once the connection died of it, and another worker serves."""
    old = server.worker_pid
    with H2Peer(server) as peer, pytest.raises(Closed):
        peer.answer(post(peer, route, unit, more=[("x-weir-fault", "crash")]), timeout=10)
    new_worker(server, old, within=AGAIN)


def served(server, unit, route="duo"):
    with new_client(server) as client:
        return ask(client, route, unit)


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

    clients = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in clients:
        thread.start()
    try:
        eventually(lambda: len(answers) > 20, within=10, what="the first answers")
        crash(crashing, unit)
        count = len(answers)
        eventually(lambda: len(answers) > count + 20, within=10, what="further answers")
    finally:
        over.set()
        for thread in clients:
            thread.join(15)
    assert set(answers) == {200}
    assert len(failures) <= len(clients), f"a request in flight is lost once, at most: {failures}"
    assert all("refused" not in str(error).lower() for error in failures), failures


def test_the_variant_and_the_signal_are_named(hanging):
    """In the log, in the metrics and in the report. (A model that hangs is ended by SIGABRT.)"""
    hang(hanging)
    [line] = [line for line in log_lines(hanging) if "weir.signal" in line]
    assert (line["weir.route"], line["weir.variant"], line["weir.signal"]) == ("duo", "challenger", "SIGABRT")
    assert total(hanging, "weir_worker_restarts_total", reason="crash") == 1
    assert {variant: total(hanging, "weir_variant_held", route="duo", variant=variant) for variant in HALVES} == {"champion": 0, "challenger": 1}
    [held] = json.loads(hanging.weir("report", "duo", "--state", hanging.state, "--json"))["held"]
    assert (held["variant"], held["signal"]) == ("challenger", signal.SIGABRT)


def test_others_keep_their_variant(crashing):
    """Units of the one that crashed are served by the other; nobody else moves."""
    units = [f"unit-{number}" for number in range(40)]
    crash(crashing, units_of("challenger", 1, "duo")[0])
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
    steps = lambda: [(line["weir.to"], line["weir.reason"]) for line in log_lines(crashing) if line.get("event.action") == "breaker"]
    eventually(lambda: steps()[:2] == [("held", "held"), ("open", "released")], within=5, what="the log of its return")
    assert json.loads(crashing.weir("report", "duo", "--state", crashing.state, "--json"))["held"] == []


def test_a_route_s_only_variant_comes_back_too(crashing):
    """Until it passed, there is nobody to serve the route; it is never asked before."""
    crash(crashing, "anybody", route="other")
    seen = set()
    eventually(lambda: seen.add(served(crashing, "anybody", "other").status) or 200 in seen, within=30, what="its return")
    assert seen <= {200, 503}
    assert served(crashing, units_of("champion", 1, "duo")[0]) == (200, "champion", "assigned")


def test_who_crashes_for_practice_stays_out(crashing):
    """Its model is sound, so a rerun would pass; but the fault goes on, and its first probe would meet it again."""
    [unit] = units_of("challenger", 1, "duo")
    old = crashing.worker_pid
    crashing.weir("fault", "duo", "challenger", "--crash", "--for", "1m", "--why", "a drill", "--state", crashing.state)

    def has_fallen():
        with contextlib.suppress(Exception):
            served(crashing, unit)
        return old not in crashing.workers()

    eventually(has_fallen, within=AGAIN, what="the crash")
    worker = new_worker(crashing, old, within=AGAIN)
    eventually(lambda: any("practised" in json.dumps(line) for line in log_lines(crashing)), within=20, what="the verdict")
    time.sleep(0.5)  # five times as long as a breaker stays open before it probes
    assert served(crashing, unit) == (200, "champion", "breaker")
    assert crashing.worker_pid == worker, "the worker is still the same"


def hang(server):
    """Sends a row that no terminate flag ends: it is answered at its deadline, and its worker is replaced. Returns the unit that asked."""
    [unit] = units_of("challenger", 1, "duo")
    old = server.worker_pid
    with H2Peer(server) as peer:
        assert peer.answer(post(peer, "duo", unit, trouble=STUCK), timeout=10).status == 504
    new_worker(server, old, within=AGAIN)
    return unit


@pytest.mark.timeout(120)
def test_a_hang_is_a_crash_and_never_happens_to_live_traffic_twice(hanging):
    """The rows that were inside hang in quarantine, too: the variant stays out, however many rows it is asked for, until a person acts."""
    unit = hang(hanging)
    worker = hanging.worker_pid
    with new_client(hanging) as client:
        for other in units_of("challenger", 60, "duo"):
            assert told(client.predict(row(STUCK), route="duo", x_user_id=other)) == (200, "champion", "breaker")
        eventually(lambda: any("quarantine" in line["message"] for line in log_lines(hanging)), within=60, what="the verdict")
        assert set(ask_all(client, "duo", units_of("challenger", 60, "duo"))) == {(200, "champion", "breaker")}
    assert hanging.workers() == [worker]
    hanging.weir("breaker", "duo", "challenger", "--release", "--why", "the rows were changed", "--state", hanging.state)
    eventually(lambda: served(hanging, unit) == (200, "challenger", "assigned"), within=10, what="its release")


def test_a_hold_outlives_the_server(hanging):
    unit = hang(hanging)
    assert served(hanging, unit) == (200, "champion", "breaker")
    assert hanging.stop() == 0
    hanging.restart()
    assert served(hanging, unit) == (200, "champion", "breaker")


def test_nothing_is_left_of_those_that_died(crashing):
    """Each crash is answered by a new worker; in the end there are as many processes, threads and sockets as in the beginning."""
    [unit] = units_of("challenger", 1, "duo")
    eventually(lambda: served(crashing, unit).variant == "challenger", within=10)
    supervisor = crashing.process.pid
    before = descriptors(supervisor), threads(supervisor)
    for _ in range(3):
        crash(crashing, unit)
        eventually(lambda: served(crashing, unit).variant == "challenger", within=30, what="its return")
    eventually(lambda: len(crashing.processes()) == 2, within=10, what="the end of every other process")
    assert (descriptors(supervisor), threads(supervisor)) == before
