"""Shadows: who gets a copy of what, and that nobody notices."""

import collections
import json
import os
import re
from pathlib import Path

import pytest

import models
import shadows
import troubles
from books import key_of
from conftest import new_client
from gateway import Gateway, eventually, parse_metrics
from models import CHALLENGER, CHAMPION
from peers import H2Peer
from shadows import counted, identity, is_picked, name_hash, predict, settled, total
from steps import row
from test_faults import sigmas
from test_hostile import complaint_about
from test_supervisor import report
from troubles import FAILS, NOT_A_NUMBER, steady, troubled

CLASSES = "labels: [low, high]\ndeadline: 10s"
VARIANTS = {"champion": (lambda path: models.classifier(path, CHAMPION), 50), "challenger": (lambda path: models.classifier(path, CHALLENGER), 50)}
OTHER = [[0.25, -0.5], [-0.25, 0.5], [0.0, 0.0]]

SHARES = {"all": 100, "half": 50, "third": 35, "fifth": 20, "few": 1, "single": 50, "listed": 20}
"""Percent of each shadow of the route `shares`; all of them on the same predictions."""
FOLLOWED = {"single": ["challenger"], "listed": ["champion", "challenger"]}


def other(path):
    models.classifier(path, OTHER)


def share_keys(name):
    follow = FOLLOWED.get(name)
    return [f"percent: {SHARES[name]}"] + ([f"follow: {follow[0] if len(follow) == 1 else json.dumps(follow)}"] if follow else [])


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("shadowed")
    shadows.add_route(folder, "shares", VARIANTS, {name: (other, *share_keys(name)) for name in SHARES}, CLASSES)
    shadows.add_route(folder, "asked", VARIANTS, {"all": (other,)}, CLASSES)
    add_twin_routes(folder)
    server = Gateway(tmp_path_factory.mktemp("shadows"), certs, folder, arguments=["--metrics-open"])
    server.token = server.make_token("predict", "override")
    server.start()
    yield server
    assert server.discard() == 0


def add_twin_routes(folder):
    """watched and plain: the same route, with shadows and without. One of the shadows differs, one fails when a row says so."""
    more = "labels: [low, high]\ndeadline: 10s\nsalt: twins\nbreaker: off"
    twins = {"champion": (lambda path: steady(path, CHAMPION), 50), "challenger": (lambda path: steady(path, CHALLENGER), 50)}
    observers = {"different": (lambda path: steady(path, CHALLENGER),), "failing": (lambda path: troubled(path, CHAMPION),)}
    samples = [row(a=-1)]
    shadows.add_route(folder, "watched", twins, observers, more, troubles.CONTRACT, samples)
    shadows.add_route(folder, "plain", twins, {}, more, troubles.CONTRACT, samples)


@pytest.fixture(scope="module")
def shared(server):
    """2560 predictions of `shares`, alone and in bodies of 32, and what was counted about them."""
    rows = [{"a": number % 37 - 18.5, "b": number % 11} for number in range(2_560)]
    predictions = predict(server, "shares", rows[:1_024]) + predict(server, "shares", rows[1_024:], together=32)
    expected = sum(is_due(one, shadow) for one in predictions for shadow in SHARES)
    return predictions, settled(server, "shares", expected)


def is_due(prediction, shadow):
    """Whether the published rule picks a prediction for a shadow."""
    return prediction.served in FOLLOWED.get(shadow, VARIANTS) and is_picked(prediction.id, SHARES[shadow])


def test_answers_name_who_was_assigned(shared):
    """What the tests below take for granted."""
    predictions, _ = shared
    assert {(name_hash(one.served), one.reason) == (identity(one.id).assigned, "assigned") for one in predictions} == {True}


@pytest.mark.parametrize("shadow", SHARES)
def test_a_shadow_gets_the_predictions_that_the_rule_picks(shared, shadow):
    """Exactly as many of each variant and reactor as anybody counts who has the ids; and all of them are compared."""
    predictions, found = shared
    for variant in VARIANTS:
        expected = collections.Counter(identity(one.id).reactor for one in predictions if one.served == variant and is_due(one, shadow))
        figures = total(found, shadow, variant)
        assert +figures.by_reactor == expected
        assert (figures.sampled, figures.compared, +figures.dropped) == (sum(expected.values()), sum(expected.values()), {})


@pytest.mark.parametrize("shadow", [name for name in SHARES if SHARES[name] < 100])
def test_the_share_is_that_of_the_route_file(shared, shadow):
    """Of each variant alike, for it has nothing to do with the assignment. (Four sigma: chance alone fails one of 16 000.)"""
    predictions, found = shared
    for variant in FOLLOWED.get(shadow, VARIANTS):
        followed = sum(one.served == variant for one in predictions)
        assert sigmas(total(found, shadow, variant).sampled, followed, SHARES[shadow] / 100) < 4


def test_rows_of_one_body_are_picked_one_by_one(shared):
    """Of bodies of 32 at 50 %, none is picked as a whole. (Chance: one in 10^8.)"""
    predictions, _ = shared
    bodies = [predictions[start:start + 32] for start in range(1_024, 2_560, 32)]
    picked = [sum(is_picked(one.id, SHARES["half"]) for one in body) for body in bodies]
    assert len({one.id for one in predictions}) == 2_560 and 0 < min(picked) and max(picked) < 32


def test_copies_are_of_the_very_predictions_that_the_rule_picks(server, shared):
    """The examples name their predictions, and this shadow differs on every row."""
    predictions, _ = shared
    due = {key_of(one.id) for one in predictions if is_due(one, "few")}
    kept = lambda: {example["key"] for example in shadows.examples(server, "shares", "few")}
    eventually(lambda: len(kept()) == min(32, len(due)), within=10, what="all examples")
    assert kept() <= due


def test_who_names_the_variant_is_not_copied(server):
    """Such answers are in no comparison. What comes after them on the same connection is."""
    with H2Peer(server) as peer:
        for more in [[("x-weir-variant", "challenger")]] * 8 + [[]]:
            [told] = shadows.told(peer.answer(shadows.ask(peer, "asked", [{"a": 1, "b": 2}], "anybody", more)), [{}])
            assert told.reason == ("override" if more else "assigned")
    assert counted(server, "asked", 1).compared == 1


# Nobody notices


@pytest.fixture(scope="module")
def twins(server):
    """The same 160 rows asked of both routes, alone and in bodies of 8; a quarter of them makes one of the shadows fail."""
    rows = [row([0, 0, FAILS, NOT_A_NUMBER][number % 4], a=number - 80) for number in range(160)]
    found = [predict(server, route, rows[:80]) + predict(server, route, rows[80:], together=8) for route in ("watched", "plain")]
    settled(server, "watched", 320)
    return found


def test_answers_are_the_same(twins):
    watched, plain = ([(one.row, one.served, one.reason, said(one)) for one in found] for found in twins)
    assert watched == plain


def said(prediction):
    return {name: value for name, value in prediction.said.items() if name not in ("id", "route")}


@pytest.mark.parametrize("rows", [1, 8])
def test_headers_are_the_same(server, rows):
    with new_client(server) as client:
        body = row() if rows == 1 else {"instances": [row()] * rows}
        heads = [client.predict(body, route=route, x_user_id="u-1").headers for route in ("watched", "plain")]
    differ = {name for name in heads[0].keys() | heads[1].keys() if heads[0].get(name) != heads[1].get(name)}
    assert differ <= {"x-weir-prediction", "date", "content-length"}, heads


def live_samples(server, route):
    """What the metrics say of a route, but for times and shadows."""
    samples = parse_metrics(server.get("/metrics", control=True)[2])
    found = [(name, labels, value) for name, labels, value in samples if labels.get("route") == route and not re.search("seconds|shadow", name)]
    return sorted((name, sorted((labels | {"route": ""}).items()), value) for name, labels, value in found)


def test_live_metrics_are_the_same(server, twins):
    watched, plain = (live_samples(server, route) for route in ("watched", "plain"))
    assert watched == plain
    assert {"weir_requests_total", "weir_exposures_total", "weir_breaker_calls_total"} <= {name for name, *_ in watched}


def test_the_report_of_the_variants_is_the_same(server, twins):
    """But for times."""
    def figures(route):
        told = report(server, route)
        return [{name: value for name, value in variant.items() if not isinstance(value, (dict, list))} for variant in told["variants"]]

    assert [one["name"] for one in figures("watched")] == list(VARIANTS)
    assert figures("watched") == figures("plain")


def test_a_shadow_s_failures_are_counted_row_by_row(server, twins):
    """A row that fails takes no other row along."""
    found = settled(server, "watched")
    failing, different = total(found, "failing"), total(found, "different")
    assert (failing.sampled - different.sampled, different.compared) == (0, different.sampled)
    assert (+failing.dropped, failing.compared, failing.counts["non_finite"]) == ({"shadow-failed": 40}, failing.sampled - 40, 40)


# Processes and files


@pytest.fixture
def own(launch, tmp_path):
    """A server of a test's own with one shadow."""
    shadows.add_route(tmp_path / "routes", "duo", VARIANTS, {"candidate": (other,)}, CLASSES)
    return launch(routes=tmp_path / "routes", limits={"quarantine-ms": 3_000})


def test_a_shadow_is_a_process_that_takes_what_nobody_wants(own):
    """At idle priority, without a socket, and it ends with its server."""
    [pid] = eventually(lambda: shadows.processes(own), within=10, what="the shadow's process")
    eventually(lambda: shadows.log_lines(own, "a shadow is ready"), within=30, what="the model")
    assert {os.sched_getscheduler(int(task.name)) for task in Path(f"/proc/{pid}/task").iterdir()} == {os.SCHED_IDLE}
    targets = {os.readlink(path).split(":")[0] for path in Path(f"/proc/{pid}/fd").iterdir()}
    assert targets == {"/memfd", "anon_inode", "pipe", "/dev/null"}, "memory, pollers, and a pipe for each direction"
    assert own.stop() == 0
    assert not Path(f"/proc/{pid}").exists()


def three_classes(path):
    models.many_classes(path, 3)


@pytest.mark.parametrize("make, reason", [(troubles.endless, "time"), (three_classes, "classes")], ids=["endless", "other classes"])
def test_a_shadow_that_quarantine_refuses_changes_nothing(own, make, reason):
    """The complaint says where; variants and shadow stay what they were."""
    home = own.routes / "duo"
    make(home / "intruder.onnx")
    shadows.write_route(home, VARIANTS, {"candidate": (other,), "intruder": (make,)}, CLASSES)
    line = eventually(lambda: complaint_about(own, "duo"), within=20, what="a complaint")
    place = next(number for number, text in enumerate((home / "route.yaml").read_text().splitlines(), 1) if "intruder" in text)
    assert f"duo/route.yaml:{place}" in line and reason in line, line
    predict(own, "duo", [{"a": 1, "b": 2}] * 20)
    found = settled(own, "duo", 20)
    assert {place.shadow for place in found} == {"candidate"} and total(found).compared == 20
