"""Breakers: a variant that fails is left alone after a few answers, its units are served by others, and they come back."""

import collections
import json

import pytest

import troubles
from conftest import new_client
from gateway import Gateway, eventually
from steps import HALVES, ask, ask_all, open_breaker, probed, samples_of, told, total, units_of
from test_answers import assigned
from troubles import FAILS, NOT_A_NUMBER, STEADY, steady, troubled

THIRDS = {"big": 60, "middle": 30, "small": 10}
BY_ROW = "calls: 100000"
"""Keeps the rates out of what is to be seen."""
STAYS = f"breaker: {{ open: 60s, {BY_ROW} }}"
RETURNS = f"breaker: {{ open: 100ms, open_at_most: 100ms, ramp: 0s, {BY_ROW} }}"


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    """A server with a route for each test, since a route's breakers remember."""
    folder = tmp_path_factory.mktemp("breaker-routes")
    halves = {"champion": (steady, 50), "challenger": (troubled, 50)}
    for name in ("error", "nan", "error-h1", "nan-h1", "shared", "callers", "single", "anew", "logged", "counted"):
        troubles.add_route(folder, name, STAYS, **halves)
    troubles.add_route(folder, "rates", "breaker: { open: 60s, failures: 20 }", **halves)
    troubles.add_route(folder, "lazy", "breaker: { open: 60s }\nslow: 1ms\ndeadline: 10s", **halves)
    troubles.add_route(folder, "observed", "breaker: observe", **halves)
    troubles.add_route(folder, "watched", "breaker: observe", **halves)
    troubles.add_route(folder, "failing", RETURNS, **halves)
    troubles.add_route(folder, "off", "breaker: off", **halves)
    troubles.add_route(folder, "back", RETURNS, **halves)
    troubles.add_route(folder, "late", RETURNS.replace("ramp: 0s", "ramp: 600s"), **halves)
    troubles.add_route(folder, "ramped", RETURNS.replace("ramp: 0s", "ramp: 2s"), **halves)
    troubles.add_route(folder, "three", STAYS, big=(steady, 60), middle=(troubled, 30), small=(steady, 10))
    troubles.add_route(folder, "alone", STAYS, only=(troubled, 1))
    troubles.add_route(folder, "resting", STAYS, champion=(steady, 0), challenger=(troubled, 1))
    troubles.add_route(folder, "both", STAYS, champion=(troubled, 50), challenger=(troubled, 50))
    server = Gateway(tmp_path_factory.mktemp("breakers"), certs, folder, arguments=["--metrics-open"]).start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def client(server):
    with new_client(server) as opened:
        yield opened


@pytest.mark.parametrize("trouble, name", [(FAILS, "error"), (NOT_A_NUMBER, "nan")], ids=["errors", "no numbers"])
@pytest.mark.parametrize("http2", [True, False], ids=["h2", "h1"])
def test_five_in_a_row_are_all_that_anybody_sees(server, trouble, name, http2):
    """The sixth unit is served by the other variant; that one's own units never notice."""
    route = name if http2 else f"{name}-h1"
    with new_client(server, http2=http2) as client:
        failing, steady_ones = units_of("challenger", 30, route), units_of("champion", 30, route)
        answers = [(ask(client, route, unit, trouble), ask(client, route, other, trouble)) for unit, other in zip(failing, steady_ones)]
    assert [answer for answer, _ in answers] == [(500, "challenger", "assigned")] * 5 + [(200, "champion", "breaker")] * 25
    assert {other for _, other in answers} == {(200, "champion", "assigned")}


def test_every_connection_knows(server):
    """Connections go to different reactors; none needs to learn for itself."""
    unit = open_breaker(server, "shared")
    for _ in range(6):
        with new_client(server) as client, new_client(server, http2=False) as other:
            assert {ask(client, "shared", unit, FAILS), ask(other, "shared", unit, FAILS)} == {(200, "champion", "breaker")}


def test_a_caller_s_mistakes_are_never_the_variant_s(client):
    units = units_of("challenger", 40, "callers")
    for unit in units:
        assert client.predict({"a": "one"}, route="callers", x_user_id=unit).status_code == 400
    assert set(ask_all(client, "callers", units)) == {(200, "challenger", "assigned")}


def test_one_unit_alone_needs_twenty(client):
    """At most two of the five may be one unit's; twenty in a row open it whoever they come from."""
    [unit] = units_of("challenger", 1, "single")
    answers = ask_all(client, "single", [unit] * 25, FAILS)
    assert [answer.status for answer in answers] == [500] * 20 + [200] * 5
    assert set(answers[20:]) == {(200, "champion", "breaker")}


def test_an_answer_starts_the_row_anew(client):
    for number, unit in enumerate(units_of("challenger", 6, "anew")):
        others = units_of("challenger", 4, "anew", first=1_000 * (number + 1))
        assert {answer.status for answer in ask_all(client, "anew", others, FAILS)} == {500}
        assert ask(client, "anew", unit) == (200, "challenger", "assigned")


def test_half_of_twenty_opens_it(client):
    """Every other call fails: never a row, but a rate."""
    units = units_of("challenger", 40, "rates")
    answers = [ask(client, "rates", unit, FAILS if number % 2 else STEADY) for number, unit in enumerate(units)]
    failed = sum(answer.status == 500 for answer in answers)
    assert 10 <= failed <= 12, answers
    assert set(answers[26:]) == {(200, "champion", "breaker")}


def test_slow_answers_open_it_and_nobody_fails(client):
    """`slow` is a millisecond, each of these takes some."""
    units = units_of("challenger", 40, "lazy")
    answers = [ask(client, "lazy", unit, spin=5 * troubles.TURNS_A_MILLISECOND) for unit in units]
    assert {answer.status for answer in answers} == {200}
    assert answers[:20] == [(200, "challenger", "assigned")] * 20
    assert set(answers[30:]) == {(200, "champion", "breaker")}


@pytest.mark.parametrize("route", ["observed", "off"])
def test_a_breaker_that_does_not_enforce_refuses_nobody(client, route):
    units = units_of("challenger", 40, route)
    assert set(ask_all(client, route, units, FAILS)) == {(500, "challenger", "assigned")}
    assert set(ask_all(client, route, units)) == {(200, "challenger", "assigned")}


def test_the_very_same_units_come_back(server, client):
    """Once it answers again. Meanwhile nobody else moves, and nobody fails."""
    units = [f"unit-{number}" for number in range(60)]
    before = [ask(client, "back", unit) for unit in units]
    assert before == [(200, assigned(unit, "back", HALVES), "assigned") for unit in units]
    open_breaker(server, "back")
    seen = collections.Counter()

    def are_back():
        answers = [ask(client, "back", unit) for unit in units]
        for unit, answer, own in zip(units, answers, before):
            assert answer == own or own.variant == "challenger" and answer == (200, "champion", "breaker"), (unit, answer)
        seen.update(answer.reason for answer in answers)
        return answers == before

    eventually(are_back, within=10, what="the units' return")
    assert seen["breaker"] > 0, "the breaker was never open"


def test_after_closing_the_share_grows_slowly(server, client):
    """Over ten minutes here: the probes close it, and most units still stay away."""
    units = units_of("challenger", 60, "late")
    open_breaker(server, "late")
    probed(client, "late", units)
    answers = collections.Counter(ask_all(client, "late", units))
    assert answers[200, "champion", "breaker"] >= 50 and answers.keys() <= {(200, "champion", "breaker"), (200, "challenger", "assigned")}


def test_who_came_back_stays(server, client):
    """While the share grows, the units that are back are always the same and more."""
    units = units_of("challenger", 40, "ramped")
    open_breaker(server, "ramped")
    probed(client, "ramped", units)
    back = set()

    def all_back():
        now = {unit for unit in units if ask(client, "ramped", unit).variant == "challenger"}
        assert back <= now, back - now
        back.update(now)
        return now == set(units)

    eventually(all_back, within=15, what="the whole share")


def test_others_take_over_by_their_weights(server, client):
    """Each unit goes where it would be if the open variant did not exist; who is assigned, and so what is counted, does not change."""
    units = [f"unit-{number}" for number in range(300)]
    open_breaker(server, "three", "middle", weights=THIRDS)
    found = {unit: ask(client, "three", unit) for unit in units}
    others = {name: weight for name, weight in THIRDS.items() if name != "middle"}
    for unit, answer in found.items():
        home = assigned(unit, "three", THIRDS)
        assert answer == ((200, home, "assigned") if home != "middle" else (200, assigned(unit, "three", others), "breaker")), unit
    assert {answer.variant for answer in found.values() if answer.reason == "breaker"} == {"big", "small"}
    expected = collections.Counter(assigned(unit, "three", THIRDS) for unit in units)
    expected["middle"] += 5
    exposures = lambda: {name: total(server, "weir_exposures_total", route="three", variant=name) for name in THIRDS}
    eventually(lambda: sum(exposures().values()) >= 305, within=5, what="the count of exposures")
    assert exposures() == expected


@pytest.mark.parametrize("route, variants", [("alone", ["only"]), ("resting", ["challenger"]), ("both", ["champion", "challenger"])])
def test_the_last_one_is_never_taken_away(server, client, route, variants):
    """Without another variant that could answer, an open breaker only reports. A weight of 0 means no traffic here, too."""
    weights = dict.fromkeys(variants, 1)
    for variant in variants:
        ask_all(client, route, units_of(variant, 30, route, weights), FAILS)
    for variant in variants:
        for answer in ask_all(client, route, units_of(variant, 20, route, weights, first=5_000)):
            assert answer.status == 200 and answer.variant in variants


def test_a_trip_is_a_line_in_the_log(server, client):
    open_breaker(server, "logged")

    def lines():
        said = [json.loads(text) for text in server.lines if text.startswith("{")]
        return [line for line in said if line.get("event.action") == "breaker" and line["weir.route"] == "logged"]

    [line] = eventually(lines, within=5, what="the line")
    assert [line[f"weir.{name}"] for name in ("variant", "from", "to", "reason")] == ["challenger", "closed", "open", "in_a_row"]


def test_a_trip_is_in_the_metrics(server, client):
    """The state, what it counted, and that others served."""
    elsewhere = total(server, "weir_served_elsewhere_total")
    unit = open_breaker(server, "counted")
    assert ask(client, "counted", unit, FAILS) == (200, "champion", "breaker")
    eventually(lambda: total(server, "weir_breaker_calls_total", route="counted", variant="challenger", result="failed") == 5, within=5)
    assert total(server, "weir_served_elsewhere_total") == elsewhere + 1
    assert total(server, "weir_breaker_trips_total", route="counted", variant="challenger", reason="in_a_row") == 1
    for variant, state in (("champion", "closed"), ("challenger", "open")):
        found = {labels["state"]: value for labels, value in samples_of(server, "weir_breaker_state", route="counted", variant=variant)}
        assert found.pop(state) == 1 and set(found.values()) == {0}
        assert total(server, "weir_breaker_served_ratio", route="counted", variant=variant) == (state == "closed")


def test_what_only_observes_says_what_it_would_have_done(server, client):
    ask_all(client, "watched", units_of("challenger", 10, "watched"), FAILS)
    eventually(lambda: total(server, "weir_breaker_observed_trips_total", route="watched", variant="challenger") >= 1, within=5)
    assert total(server, "weir_breaker_trips_total", route="watched", variant="challenger") == 0


def test_while_it_is_open_only_probes_fail(server, client):
    """The first five, and one for each probe."""
    probes = total(server, "weir_probes_total")
    units = units_of("challenger", 50, "failing")
    answers = []
    eventually(lambda: answers.extend(ask_all(client, "failing", units, FAILS)) or total(server, "weir_probes_total") >= probes + 3, within=20)
    failed = [answer for answer in answers if answer.status == 500]
    assert len(failed) == 5 + total(server, "weir_probes_total") - probes
    assert set(answers) == {(500, "challenger", "assigned"), (200, "champion", "breaker")}


def test_a_poisoned_row_fails_alone(client):
    """A call for all rows fails; each is tried again alone."""
    unit = units_of("challenger", 1, "off", first=7_000)[0]
    rows = [{"a": 1, "b": number, "trouble": trouble} for number, trouble in enumerate([0, FAILS, 0, NOT_A_NUMBER, 0])]
    answer = client.predict({"instances": rows}, route="off", x_user_id=unit)
    assert told(answer) == (200, "challenger", "assigned")
    said = answer.json()["predictions"]
    assert ["label" in one for one in said] == [True, False, True, False, True]
    assert {one["code"] for one in said if "label" not in one} == {"model-failed"}
