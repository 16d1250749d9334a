"""Primaries that fail, and shadows that do: every copy ends in one count, and the shadow's troubles are nobody else's."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

import shadows
import troubles
from conftest import new_client
from gateway import Gateway, eventually
from models import CHALLENGER, CHAMPION
from shadows import counted, practise, predict, relent, total
from steps import ask, row, units_of
from troubles import FAILS, NOT_A_NUMBER, STEADY, TURNS_A_MILLISECOND, troubled

BOTH = {"champion": (lambda path: troubles.steady(path, CHAMPION), 50), "challenger": (lambda path: troubles.steady(path, CHALLENGER), 50)}
SHADOW = {"observer": (lambda path: troubles.steady(path, CHALLENGER),)}
CLASSES = "labels: [low, high]\n"
CALL = 64
"""Rows that a shadow is given at once."""
QUEUE = 4_096
"""Copies that wait for one shadow."""

UNANSWERED = {
    "plain": ("breaker: off", 500), "guarded": ("breaker: { open: 60s }", None), "again": ("breaker: off\nretry: { budget: 100 }", 200),
    "covered": ("breaker: off\nfallback: { body: { label: unknown } }", 200),
    "moved": ("breaker: off\nfallback: { variant: champion }", 200),
}
"""Ways in which a route goes on when its challenger fails, with the status that its units see. (Of the breaker's: 500, then 200.)"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("trouble-routes")
    add = lambda name, more, variants=BOTH: shadows.add_route(folder, name, variants, SHADOW, CLASSES + more, troubles.CONTRACT, [row(a=-1)])
    for name, (more, _) in UNANSWERED.items():
        add(name, f"deadline: 10s\n{more}")
    frail = lambda *keys: {"only": (lambda path: troubled(path, CHAMPION), 1, *keys)}
    add("rows", "deadline: 10s\nbreaker: off", frail())
    add("late", "deadline: 300ms\nbreaker: off", frail("run: workers"))
    for name, pause in (("abort", "100ms"), ("non-finite", "100ms"), ("crash", "2s")):
        # Of one that crashes longer than it takes to start it again, or every copy would be a probe.
        add(name, f"deadline: 10s\nbreaker: {{ open: {pause}, open_at_most: {pause}, ramp: 0s }}")
    add("slow", "deadline: 200ms\nbreaker: off")
    add("full", "deadline: 10s\nbreaker: off\nrows: 250")
    server = Gateway(tmp_path_factory.mktemp("troubles"), certs, folder, arguments=["--allow-crash-faults"])
    server.token = server.make_token("predict", "adjust", "view")
    server.start()
    yield server
    assert server.discard() == 0


# The primary fails


@pytest.mark.parametrize("route", UNANSWERED)
def test_there_is_nothing_to_compare_with_when_the_assigned_variant_failed(server, route):
    """Whoever answers instead. The shadow runs all the same, and other units' predictions are compared."""
    practise(server, route, "challenger", "abort")
    with new_client(server) as client:
        failing, others = units_of("challenger", 30, route), units_of("champion", 20, route)
        answers = [ask(client, route, unit) for unit in failing]
        assert {answer.status for answer in answers} <= {500, 200} and UNANSWERED[route][1] in (None, *{answer.status for answer in answers})
        assert {ask(client, route, unit)[:2] for unit in others} == {(200, "champion")}
    counted(server, route, 50)
    failed, compared = (counted(server, route, 50, variant=variant) for variant in ("challenger", "champion"))
    assert (failed.sampled, +failed.dropped, failed.compared, failed.counts["ran"]) == (30, {"primary-failed": 30}, 0, 30)
    assert (compared.sampled, +compared.dropped, compared.compared, compared.counts["ran"]) == (20, {}, 20, 20)


def test_a_row_that_fails_is_not_compared_and_those_beside_it_are(server):
    rows = [row(trouble) for trouble in (STEADY, NOT_A_NUMBER, STEADY, FAILS, STEADY)] * 4
    with new_client(server) as client:
        for start in range(0, 20, 5):
            assert client.predict({"instances": rows[start:start + 5]}, route="rows", x_user_id="u").status_code == 200
    figures = counted(server, "rows", 20)
    assert (figures.compared, +figures.dropped, figures.counts["ran"]) == (12, {"primary-failed": 8}, 20)


def test_a_model_that_is_too_slow_did_not_answer(server):
    """Its run is ended at the deadline. (The shadow takes the same rows, and does not heed what makes them slow.)"""
    with new_client(server) as client:
        for number in range(4):
            spin = 5_000 * TURNS_A_MILLISECOND if number % 2 else 0
            assert ask(client, "late", f"unit-{number}", spin=spin).status == (504 if number % 2 else 200)
    figures = counted(server, "late", 4)
    assert (figures.compared, +figures.dropped, figures.counts["ran"]) == (2, {"primary-failed": 2}, 4)


# The shadow fails


def ask_many(server, route, count):
    """So many predictions, each of a unit of its own; none of them fails."""
    return predict(server, route, [row(a=number % 50) for number in range(count)], [f"unit-{number}" for number in range(count)])


def breaker_steps(server, route):
    """The states that a shadow's breaker came to, as the log tells."""
    lines = [json.loads(text) for text in server.lines if text.startswith("{")]
    return [line["weir.to"] for line in lines if line.get("event.action") == "breaker" and "weir.shadow" in line and line["weir.route"] == route]


@pytest.mark.parametrize("kind, reason", [("abort", "shadow-failed"), ("non-finite", None), ("crash", "shadow-crash")])
def test_a_shadow_that_fails_is_left_alone(server, kind, reason):
    """Its breaker opens; what it is not asked is dropped, and nobody who asks notices. When it is well again, it is asked again."""
    worker = server.worker_pid
    practise(server, kind, "observer", kind)
    asked = 0

    def is_left_alone():
        nonlocal asked
        asked += len(ask_many(server, kind, 10))
        return counted(server, kind, asked).dropped["shadow-breaker"] > 0

    eventually(is_left_alone, within=20, what="an open breaker")
    figures = counted(server, kind, asked)
    assert {name for name, count in figures.dropped.items() if count} == {"shadow-breaker"} | ({reason} if reason else set())
    assert figures.dropped[reason] >= 5 if reason else figures.counts["non_finite"] == figures.counts["diverged"] == figures.compared >= 5
    assert breaker_steps(server, kind)[0] == "open"
    relent(server, kind, "observer")

    def is_well():
        nonlocal asked
        before = figures_of(server, kind)
        asked += len(ask_many(server, kind, 10))
        after = counted(server, kind, asked)
        return after.compared - before.compared == 10 and after.counts["non_finite"] == before.counts["non_finite"]

    eventually(is_well, within=20, what="its return")
    assert breaker_steps(server, kind)[-1] == "closed"
    assert server.worker_pid == worker and server.is_well()


def figures_of(server, route):
    """What is counted at this moment."""
    return total(shadows.figures(server, route))


def test_a_call_that_takes_too_long_is_ended(server):
    """After twenty deadlines, here four seconds; and the next process goes on."""
    practise(server, "slow", "observer", "delay", delay_ms=60_000)
    [pid] = pids_of(server, "slow")
    ask_many(server, "slow", 1)
    eventually(lambda: shadows.hurry(server) or figures_of(server, "slow").dropped["shadow-failed"] == 1, within=20, what="the end of the call")
    assert not Path(f"/proc/{pid}").exists()
    relent(server, "slow", "observer")

    def is_well():
        before = figures_of(server, "slow").sampled
        ask_many(server, "slow", 1)
        return counted(server, "slow", before + 1).compared

    eventually(is_well, within=20, what="the next process")


def pids_of(server, route):
    """The process of a route's shadow: the one that was started last, as the log says."""
    lines = eventually(lambda: shadows.hurry(server) or shadows.log_lines(server, "a shadow is ready", route), within=30, what="a shadow")
    return [int(lines[-1]["weir.pid"])]


def memory(pid):
    """Bytes that a process holds."""
    return int((Path(f"/proc/{pid}/statm").read_text().split())[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_waits_is_bounded_in_number_and_time(server):
    """A shadow that stands still: four thousand copies wait for ten seconds, the rest is dropped at once, and answers come as ever."""
    practise(server, "full", "observer", "delay", delay_ms=60_000)
    [pid] = pids_of(server, "full")
    rows = [row(a=number) for number in range(250)]
    predict(server, "full", rows, together=250)
    before = memory(server.worker_pid)
    for _ in range(5):
        start = time.monotonic()
        predict(server, "full", rows * 8, together=250, streams=4)
        assert time.monotonic() - start < 5
    assert memory(server.worker_pid) - before < 32 << 20
    eventually(lambda: figures_of(server, "full").sampled == 10_250, within=5, what="all copies")
    eventually(lambda: figures_of(server, "full").dropped["expired"] > 0, within=20, what="the end of their patience")
    eventually(lambda: figures_of(server, "full").dropped["expired"] == QUEUE, within=5, what="the end of the others'")
    os.kill(pid, signal.SIGKILL)
    dropped = counted(server, "full", 10_250).dropped
    assert dropped.keys() == {"queue-full", "expired", "shadow-crash"} and 1 <= dropped["shadow-crash"] <= CALL
