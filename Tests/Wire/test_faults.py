"""Faults for practice: each kind, by command and by header, for a share of the units, with an end, and counted like real ones."""

import math
import time

import pytest

import troubles
from conftest import new_client
from gateway import Gateway, eventually, run_weir
from peers import H2Peer
from steps import ask, ask_all, post, row, units_of
from test_refusals import check_error
from troubles import steady

SOON = 2.0
"""Seconds within which a running server follows a change."""
WHY = ("--why", "a rehearsal")


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    """A server with a route for each test, and a token that may override."""
    folder = tmp_path_factory.mktemp("fault-routes")
    halves = {"champion": (steady, 50), "challenger": (steady, 50)}
    for name in ("abort", "delay", "no-number", "crash", "ends", "header", "share"):
        troubles.add_route(folder, name, "breaker: off\ndeadline: 10s", **halves)
    troubles.add_route(folder, "again", "breaker: off\nretry: { budget: 100 }", **halves)
    troubles.add_route(folder, "guarded", "breaker: { open: 60s }", **halves)
    troubles.add_route(folder, "short", "breaker: off\ndeadline: 200ms", **halves)
    server = Gateway(tmp_path_factory.mktemp("faults"), certs, folder)
    server.token = server.make_token("predict", "override")
    server.start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def client(server):
    with new_client(server) as opened:
        yield opened


def inject(server, route, variant, *words):
    return server.weir("fault", route, variant, *words, "--for", "10m", *WHY, "--state", server.state)


def befallen(client, route, status):
    """True once a unit of the challenger gets this status."""
    return ask(client, route, units_of("challenger", 1, route)[0]).status == status


def sigmas(count, total, share):
    return abs(count - total * share) / math.sqrt(total * share * (1 - share))


def test_abort(server, client):
    inject(server, "abort", "challenger", "--abort")
    eventually(lambda: befallen(client, "abort", 500), within=SOON, what="the fault")
    [unit] = units_of("challenger", 1, "abort")
    check_error(client.predict(row(), route="abort", x_user_id=unit), 500, "model-failed")
    assert set(ask_all(client, "abort", units_of("champion", 20, "abort"))) == {(200, "champion", "assigned")}


def test_no_number(server, client):
    inject(server, "no-number", "challenger", "--non-finite")
    eventually(lambda: befallen(client, "no-number", 500), within=SOON, what="the fault")


def test_a_delay_is_felt_by_its_variant_alone(server):
    """It is a timer: an answer that was asked for later overtakes the delayed one on the same connection."""
    inject(server, "delay", "challenger", "--delay", "700ms")
    [slow_unit], fast_units = units_of("challenger", 1, "delay"), units_of("champion", 10, "delay")

    def is_felt():
        with H2Peer(server) as peer:
            start = time.monotonic()
            assert peer.answer(post(peer, "delay", slow_unit)).status == 200
            return time.monotonic() - start >= 0.7

    eventually(is_felt, within=SOON + 3, what="the delay")
    with H2Peer(server) as peer:
        slow = post(peer, "delay", slow_unit)
        fast = [post(peer, "delay", unit) for unit in fast_units]
        found = peer.answers(slow, *fast)
    assert {answer.status for answer in found.values()} == {200} and list(found)[-1] == slow


def test_a_delay_beyond_the_deadline_is_a_timeout(server, client):
    inject(server, "short", "challenger", "--delay", "5s")
    eventually(lambda: befallen(client, "short", 504), within=SOON, what="the fault")
    assert befallen(client, "short", 504)


def test_half_of_the_units_are_befallen_and_always_the_same(server, client):
    inject(server, "share", "challenger", "--abort", "--share", "50")
    units = units_of("challenger", 400, "share")
    eventually(lambda: any(answer.status == 500 for answer in ask_all(client, "share", units[:40])), within=SOON, what="the fault")
    first, second = ask_all(client, "share", units), ask_all(client, "share", units)
    assert first == second
    assert sigmas(sum(answer.status == 500 for answer in first), 400, 0.5) < 4


def test_half_aborted_with_one_retry_leaves_a_quarter(server, client):
    """Both variants fail for half of the units: one in four fails twice. (Four sigma, so that chance alone fails once in 16 000 runs.)"""
    for variant in ("champion", "challenger"):
        inject(server, "again", variant, "--abort", "--share", "50")
    units = [f"unit-{number}" for number in range(800)]
    tried = lambda: {answer.variant for answer in ask_all(client, "again", units[:60]) if answer.reason == "retry"}
    eventually(lambda: {"champion", "challenger"} <= tried(), within=SOON, what="both faults")
    answers = ask_all(client, "again", units)
    assert {answer.status for answer in answers} == {200, 500}
    assert sigmas(sum(answer.status == 500 for answer in answers), 800, 0.25) < 4
    assert sigmas(sum(answer.reason == "retry" and answer.status == 200 for answer in answers), 800, 0.25) < 4


def test_the_breaker_counts_them_like_real_ones(server, client):
    inject(server, "guarded", "challenger", "--abort")
    units = units_of("challenger", 200, "guarded")
    early = iter(units)
    eventually(lambda: ask(client, "guarded", next(early)).status == 500, within=SOON, what="the fault")
    answers = ask_all(client, "guarded", units[-20:])
    assert answers == [(500, "challenger", "assigned")] * 4 + [(200, "champion", "breaker")] * 16


def test_a_fault_is_listed_and_can_be_ended(server, client):
    inject(server, "ends", "challenger", "--abort")
    eventually(lambda: befallen(client, "ends", 500), within=SOON, what="the fault")
    listed = next(line for line in server.weir("fault", "--list", "--state", server.state).splitlines() if "ends" in line.split())
    assert "challenger" in listed and "abort" in listed
    server.weir("fault", "ends", "challenger", "--end", "--state", server.state)
    eventually(lambda: befallen(client, "ends", 200), within=SOON, what="its end")
    assert "ends" not in server.weir("fault", "--list", "--state", server.state).split()


REFUSED = {
    "no reason": ["ends", "challenger", "--abort"], "more than an hour": ["ends", "challenger", "--abort", "--for", "61m", *WHY],
    "no time at all": ["ends", "challenger", "--abort", "--for", "0s", *WHY],
    "a share above all": ["ends", "challenger", "--abort", "--share", "101", *WHY],
    "no kind": ["ends", "challenger", *WHY], "two kinds": ["ends", "challenger", "--abort", "--crash", *WHY],
    "no variant": ["ends", "--abort", *WHY], "an endless delay": ["ends", "challenger", "--delay", "2h", *WHY],
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_fault_is_refused(server, words):
    result = run_weir("fault", *words, "--state", server.state)
    assert result.returncode != 0 and result.stderr.strip(), result


# The header


def by_header(client, value, **headers):
    return client.predict(row(), route="header", x_user_id="anybody", x_weir_fault=value, **headers)


@pytest.mark.parametrize("value", ["abort", "non-finite"])
def test_a_header_befalls_one_request(client, value):
    check_error(by_header(client, value), 500, "model-failed")
    assert ask(client, "header", "anybody").status == 200


def test_a_header_delays_one_request(client):
    start = time.monotonic()
    assert by_header(client, "delay=300").status_code == 200
    assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize("value", ["", "explode", "delay", "delay=", "delay=-1", "delay=1.5", "delay=60001", "delay=1s", "abort,abort"])
def test_a_header_that_names_no_fault(client, value):
    check_error(by_header(client, value), 400, "fault-malformed")


@pytest.mark.parametrize("value", ["abort", "delay=10", "non-finite", "crash"])
def test_a_header_needs_the_scope(server, value):
    with new_client(server, token=server.new_token("predict")) as client:
        check_error(by_header(client, value), 403, "fault-forbidden")


def test_crashes_need_the_server_s_consent(server, client):
    """Neither the header nor a fault of the ledger has an effect on a server without the flag."""
    processes = server.processes()
    check_error(by_header(client, "crash"), 403, "fault-forbidden")
    inject(server, "crash", "challenger", "--crash")
    inject(server, "crash", "champion", "--abort")
    eventually(lambda: ask(client, "crash", units_of("champion", 1, "crash")[0]).status == 500, within=SOON, what="the later fault")
    assert set(ask_all(client, "crash", units_of("challenger", 20, "crash"))) == {(200, "challenger", "assigned")}
    assert server.is_well() and server.processes() == processes
