"""Deadlines, and models that take long: who waits for them, who does not, and what a client that leaves takes along.

Slow models turn in a loop, so that their rows cost what the tests ask for. Most tests compare the order of answers; where one compares
times, what is right and what is wrong lie seconds apart.
"""

import json
import time

import pytest
from hyperframe.frame import RstStreamFrame

import troubles
from conftest import new_client
from gateway import Gateway, eventually
from peers import H2Peer
from steps import ask, post, row, together, units_of
from test_refusals import check_error
from troubles import ENDLESS, FAILS, NOT_A_NUMBER, STEADY, TURNS_A_MILLISECOND, steady, troubled

THREADS = 2
"""Workers of a model, on a server with two reactors."""


def costly(milliseconds):
    """A maker of models whose rows take so long each."""
    return lambda path, weights: troubled(path, weights, turns=milliseconds * TURNS_A_MILLISECOND)


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("deadline-routes")
    patient, quick, off = "deadline: 10s", "deadline: 300ms", "breaker: off"
    troubles.add_route(folder, "inline", f"{quick}\n{off}", only=(troubled, 1, "run: inline"))
    troubles.add_route(folder, "moved", f"{quick}\n{off}", only=(troubled, 1))
    troubles.add_route(folder, "workers", f"{quick}\n{off}", only=(troubled, 1, "run: workers"))
    troubles.add_route(folder, "patient", f"{patient}\n{off}", only=(troubled, 1, "run: workers"))
    troubles.add_route(folder, "same", f"{patient}\n{off}", champion=(steady, 50), challenger=(troubled, 50, "run: workers"))
    troubles.add_route(folder, "turn", f"{patient}\n{off}", champion=(steady, 50, "run: inline"), challenger=(costly(2), 50, "run: inline"))
    troubles.add_route(folder, "full", f"deadline: 500ms\n{off}", only=(costly(50), 1))
    server = Gateway(tmp_path_factory.mktemp("deadlines"), certs, folder, arguments=["--metrics-open"]).start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def client(server):
    with new_client(server) as opened:
        yield opened


@pytest.fixture
def peer(server):
    with H2Peer(server) as opened:
        yield opened


def timeout(milliseconds):
    return {"more": [("x-weir-timeout-ms", str(milliseconds))]}


# The header


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1e3", "soon", "50ms", "0x10", "1 2", "1,2", "+5", "\u0665"], ids=repr)
def test_a_timeout_that_is_none(client, value):
    check_error(client.predict(row(), route="inline", x_weir_timeout_ms=value.encode()), 400, "timeout-malformed")


@pytest.mark.parametrize("value", ["5000", "300", "86400000", "4294967296"])
def test_a_timeout_that_is_one(client, value):
    assert ask(client, "inline", "anybody", x_weir_timeout_ms=value).status == 200


@pytest.mark.parametrize("route", ["inline", "workers"])
@pytest.mark.parametrize("fields", [{}, {"x_weir_timeout_ms": "60000"}], ids=["the route's", "never longer"])
def test_the_route_s_deadline_ends_an_endless_call(client, route, fields):
    """300 ms, whatever the header says. The server is well afterwards."""
    start = time.monotonic()
    check_error(client.predict(row(spin=ENDLESS), route=route, **fields), 504, "deadline")
    assert 0.29 < time.monotonic() - start < 8
    assert ask(client, route, "anybody").status == 200


@pytest.mark.parametrize("route", ["patient", "turn"])
def test_a_client_may_have_less_patience(client, route):
    [unit] = units_of("challenger", 1, route) if route == "turn" else ["anybody"]
    start = time.monotonic()
    answer = client.predict(row(spin=ENDLESS), route=route, x_user_id=unit, x_weir_timeout_ms="100")
    check_error(answer, 504, "deadline")
    assert 0.09 < time.monotonic() - start < 8, "the route would give it ten seconds"


def test_one_client_s_haste_is_its_own(peer):
    """Two requests in one turn, for one model: the one without a timeout of its own is answered."""
    hasty, other = together(peer, ("patient", dict(spin=400 * TURNS_A_MILLISECOND, **timeout(50))), ("patient", dict(spin=0)))
    found = peer.answers(hasty, other, timeout=15)
    assert (found[hasty].status, found[other].status) == (504, 200)


def test_what_is_ended_inline_once_moves_to_workers(server, client):
    """From then on, others do not wait for it."""
    check_error(client.predict(row(spin=ENDLESS), route="moved"), 504, "deadline")

    def others_go_first():
        with H2Peer(server) as peer:
            slow, fast = post(peer, "moved", spin=ENDLESS), post(peer, "same", unit=units_of("champion", 1, "same")[0])
            found = peer.answers(slow, fast)
            assert (found[slow].status, found[fast].status) == (504, 200)
            return list(found) == [fast, slow]

    eventually(others_go_first, within=20, what="the move")


# Waiting for a worker


def test_a_fast_variant_does_not_wait_for_a_slow_one(peer):
    """One route, one connection: the slow arm's request came first, the fast arm's answers come first."""
    [slow_unit], fast_units = units_of("challenger", 1, "same"), units_of("champion", 20, "same")
    slow = post(peer, "same", slow_unit, spin=1_000 * TURNS_A_MILLISECOND)
    fast = [post(peer, "same", unit) for unit in fast_units]
    found = peer.answers(slow, *fast, timeout=15)
    assert {answer.status for answer in found.values()} == {200}
    assert list(found)[-1] == slow


def test_within_a_turn_the_cheap_variant_goes_first(peer):
    """Both run on the reactor; the dear one was asked first."""
    [slow_unit], fast_units = units_of("challenger", 1, "turn"), units_of("champion", 5, "turn")
    for _ in range(5):
        peer.ping()
        slow, *fast = together(peer, ("turn", dict(unit=slow_unit)), *(("turn", dict(unit=unit)) for unit in fast_units))
        found = peer.answers(slow, *fast)
        assert {answer.status for answer in found.values()} == {200}
        assert list(found)[-1] == slow


def test_who_waits_for_a_worker_is_refused_at_its_deadline(peer):
    """Every worker is busy for seconds; 100 ms in the queue are told while they still are."""
    busy = [post(peer, "patient", spin=ENDLESS, **timeout(4_000)) for _ in range(THREADS)]
    peer.ping()
    waiting = [post(peer, "patient", **timeout(100)) for _ in range(3)]
    found = peer.answers(*waiting, *busy, timeout=15)
    assert set(list(found)[-THREADS:]) == set(busy), "they come last, in whatever order"
    assert {answer.status for answer in found.values()} == {504}
    for stream in waiting:
        assert json.loads(found[stream].body)["code"] == "deadline"


def test_others_are_served_while_workers_hang(server, client, peer):
    busy = [post(peer, "patient", spin=ENDLESS, **timeout(3_000)) for _ in range(4 * THREADS)]
    for _ in range(20):
        assert ask(client, "inline", "anybody").status == 200
        assert server.is_well()
    assert {answer.status for answer in peer.answers(*busy, timeout=20).values()} == {504}


def test_a_full_queue_is_told_at_once(peer):
    """The queue is as long as can be worked off within the deadline; the rest may come back later."""
    streams = together(peer, *(("full", {}) for _ in range(60)))
    found = peer.answers(*streams, timeout=15)
    statuses = [answer.status for answer in found.values()]
    assert set(statuses) <= {200, 503, 504} and statuses.count(200) >= 1 and statuses.count(503) >= 20, statuses
    for answer in found.values():
        if answer.status == 503:
            assert json.loads(answer.body)["code"] == "overloaded" and int(answer.headers["retry-after"]) >= 1


# Clients that leave


LEAVING = {
    "reset streams": lambda peer, streams: peer.frames(*(RstStreamFrame(stream, error_code=8) for stream in streams)),
    "a closed connection": lambda peer, streams: peer.close(), "a reset connection": lambda peer, streams: peer.reset(),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING.keys())
def test_a_client_that_leaves_cancels_what_has_not_begun(server, client, leave):
    """Twenty calls of half a second wait; without their client the next one does not wait for them."""
    with H2Peer(server) as peer:
        streams = [post(peer, "patient", spin=500 * TURNS_A_MILLISECOND) for _ in range(20 * THREADS)]
        peer.ping()
        leave(peer, streams)
        start = time.monotonic()
        assert ask(client, "patient", "anybody").status == 200
        assert time.monotonic() - start < 7, "all of them would have taken ten seconds"


def test_poison_on_a_worker_fails_alone(peer):
    """Many requests that wait for the same model, of which some cannot be answered."""
    busy = [post(peer, "patient", spin=200 * TURNS_A_MILLISECOND) for _ in range(THREADS)]
    trouble = [STEADY, FAILS, STEADY, NOT_A_NUMBER] * 4
    streams = [post(peer, "patient", trouble=one) for one in trouble]
    found = peer.answers(*busy, *streams, timeout=15)
    assert [found[stream].status for stream in streams] == [200, 500, 200, 500] * 4
