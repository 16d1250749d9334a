"""What one caller's short patience may do: end its own request. Not the process, not the variant's breaker, not the requests of others."""

import time

import pytest

import troubles
from conftest import new_client
from gateway import Gateway
from peers import H2Peer
from steps import ask, together, total
from troubles import ENDLESS, STUCK, TURNS_A_MILLISECOND, troubled

HASTE = {"x_weir_timeout_ms": "1"}
"""The shortest patience that can be asked for."""


@pytest.fixture
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("patience-routes")
    for place in ("inline", "workers"):
        troubles.add_route(folder, place, "deadline: 60s", champion=(troubled, 50, f"run: {place}"), challenger=(troubled, 50, f"run: {place}"))
        troubles.add_route(folder, f"{place}-quick", "deadline: 400ms", only=(troubled, 1, f"run: {place}"))
    server = Gateway(tmp_path_factory.mktemp("patience"), certs, folder, arguments=["--metrics-open"]).start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def client(server):
    with new_client(server) as opened:
        yield opened


@pytest.mark.parametrize("route", ["inline", "workers"])
def test_a_call_that_is_too_long_for_its_caller_alone_is_no_hang(server, client, route):
    """One operator of seconds, which cannot be ended, in a route that gives it a minute: it is late for who asked, and no more."""
    worker, client.timeout = server.worker_pid, 60
    assert ask(client, route, "hasty", trouble=STUCK, x_weir_timeout_ms="700").status == 504
    if route == "workers":
        time.sleep(5)
    assert server.worker_pid == worker
    assert "a model hangs" not in server.log()


@pytest.mark.parametrize("route", ["inline", "workers"])
def test_one_caller_s_haste_opens_no_breaker(server, client, route):
    """Forty calls of some milliseconds, under forty units, each given one: all late, none the variant's fault."""
    answers = [ask(client, route, f"hasty-{number}", spin=30 * TURNS_A_MILLISECOND, **HASTE) for number in range(40)]
    assert {answer.status for answer in answers} == {504}
    assert {answer.reason for answer in answers} == {"assigned"}, answers
    after = [ask(client, route, f"patient-{number}") for number in range(20)]
    assert {(answer.status, answer.reason) for answer in after} == {(200, "assigned")}


def test_the_neighbours_of_an_endless_call_are_not_held_against_the_variant(server, client):
    """Twelve requests of twelve units in one turn and one call, of which one is endless: a single failure."""
    with H2Peer(server) as peer:
        requests = [("inline-quick", dict(unit=f"unit-{number}", spin=ENDLESS if number == 6 else 0)) for number in range(12)]
        streams = together(peer, *requests)
        found = peer.answers(*streams, timeout=15)
    assert {answer.status for answer in found.values()} == {504}
    assert total(server, "weir_breaker_trips_total", route="inline-quick") == 0
