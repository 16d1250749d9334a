"""Outcomes: what turned out, reported against prediction ids."""

import contextlib
import json
import random
import shutil
import socket
import sqlite3
import string
import struct
import time

import httpx
import pytest

from conftest import new_client
from gateway import Gateway, eventually, parse_metrics
from peers import H1Peer, request

ROW = {"a": 1, "b": 2}


@pytest.fixture(scope="session")
def scored(tmp_path_factory, certs, scored_routes):
    server = Gateway(tmp_path_factory.mktemp("scored-gateway"), certs, scored_routes)
    server.token = server.make_token("predict", "outcome")
    server.start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def reporter(scored):
    with new_client(scored) as client:
        yield client


def predict(client, rows=1, route="scored", **headers):
    """As many prediction ids."""
    if rows == 1:
        answer = client.predict(ROW, route=route, **headers)
        assert answer.status_code == 200, answer.text
        return [answer.json()["id"]]
    answer = client.predict({"instances": [ROW] * rows}, route=route, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["ids"]


def report(client, body, **options):
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    return client.post("/v1/outcomes", content=body, **options)


def results(client, body, **options):
    answer = report(client, body, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


def outcome(prediction, name="clicked", value=1, **more):
    return {"prediction": prediction, "name": name, "value": value, **more}


def rows_of(server, route="scored"):
    """What `weir export` knows, as dictionaries."""
    text = server.weir("export", "outcomes", "--route", route, "--state", server.state, "--format", "ndjson")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("http2", [True, False])
def test_one_outcome(scored, http2):
    with new_client(scored, http2=http2) as client:
        [id] = predict(client)
        answer = report(client, outcome(id))
        assert (answer.status_code, answer.json()) == (200, {"outcome": "recorded"})
        assert report(client, outcome(id)).json() == {"outcome": "duplicate"}


@pytest.mark.parametrize("form", ["array", "lines"])
def test_many_outcomes_are_answered_in_order(reporter, form):
    ids = predict(reporter, rows=4)
    items = [outcome(ids[0]), outcome(ids[1], value=0), outcome(ids[0], value=0), outcome(ids[2], "spent", 12.5), outcome(ids[3], "nonsense"),
             outcome(ids[3], value=0.5)]
    body = json.dumps(items) if form == "array" else "\n".join(map(json.dumps, items)) + "\n"
    kind = "application/json" if form == "array" else "application/x-ndjson"
    assert results(reporter, body, headers={"content-type": kind}) == [
        "recorded", "recorded", "duplicate", "recorded", "unknown-name", "bad-value"]


def test_the_first_value_is_kept_unless_replaced(scored, reporter):
    [id] = predict(reporter)
    assert results(reporter, [outcome(id, "spent", 1), outcome(id, "spent", 2)]) == ["recorded", "duplicate"]
    assert results(reporter, [outcome(id, "spent", 3, replace=True)]) == ["replaced"]
    assert [row["value"] for row in rows_of(scored) if row["prediction"] and row["name"] == "spent"][-1] == 3


@pytest.mark.parametrize("spoil", ["first", "middle", "last", "cut", "longer", "other alphabet"])
def test_a_forged_id_is_refused(reporter, spoil):
    [id] = predict(reporter)
    place = {"first": 0, "middle": 40, "last": 86}.get(spoil)
    if place is not None:
        forged = id[:place] + random.Random(1).choice([letter for letter in string.ascii_letters if letter != id[place]]) + id[place + 1:]
    else:
        forged = {"cut": id[:-1], "longer": id + "A", "other alphabet": "+" + id[1:]}[spoil]
    assert results(reporter, [outcome(forged), outcome(id)]) == ["forged", "recorded"]


def test_an_id_of_another_server_is_forged(reporter, launch, scored_routes):
    other = launch(routes=scored_routes)
    with new_client(other) as client:
        [id] = predict(client)
    assert results(reporter, [outcome(id)]) == ["forged"]


def test_a_late_outcome_is_kept_apart(scored, reporter):
    """The window of `quick` is a second."""
    ids = predict(reporter, rows=30)
    spare = iter(ids)
    eventually(lambda: results(reporter, [outcome(next(spare), "quick")]) == ["late"] or time.sleep(0.1), within=5, what="a late outcome")


@pytest.mark.parametrize("name, value, result", [
    ("clicked", True, "recorded"), ("clicked", 2, "bad-value"), ("clicked", -1, "bad-value"), ("clicked", "yes", "bad-value"),
    ("spent", -3.25, "recorded"), ("spent", 1e6, "recorded"), ("spent", 1e7, "bad-value"), ("spent", 1e300, "bad-value"), ("spent", "1", "bad-value"),
    ("truth", "low", "recorded"), ("truth", "high", "recorded"), ("truth", "other", "bad-value"), ("truth", 1, "bad-value"),
])
def test_values_fit_their_kind(reporter, name, value, result):
    [id] = predict(reporter)
    assert results(reporter, [outcome(id, name, value)]) == [result]


@pytest.mark.parametrize("body", [
    "", "[", "{}", "7", "null", '"text"', "[1]", '{"prediction":"x"}', '{"prediction":1,"name":"clicked","value":1}',
    '{"prediction":"x","name":"clicked","value":{}}', '{"prediction":"x","name":"clicked","value":1,"extra":1}',
    '{"prediction":"x","name":"clicked","value":1} trailing', '[{"prediction":"x","name":"clicked","value":1},]',
    '{"prediction":"x","name":"clicked","name":"clicked","value":1}', "[" * 5_000, b"\xff\xfe",
])
def test_rubbish_is_a_400_that_says_where(scored, reporter, body):
    answer = report(reporter, body)
    assert answer.status_code == 400, (body, answer.text)
    assert {"error", "code"} <= answer.json().keys()
    assert scored.is_well()


def test_nothing_of_a_malformed_body_is_recorded(reporter):
    [id] = predict(reporter)
    assert report(reporter, [outcome(id), {"prediction": id}]).status_code == 400
    assert results(reporter, [outcome(id)]) == ["recorded"]


def test_an_empty_list_is_refused(reporter):
    assert report(reporter, []).json()["code"] == "no-rows"


def test_too_many_and_too_large(scored, reporter):
    assert report(reporter, [outcome("x")] * 10_001).json()["code"] == "too-many-rows"
    with H1Peer(scored) as peer:
        peer.send(request(path="/v1/outcomes", token=scored.token, fields=["Content-Length: 2000000"], length=False))
        assert peer.answer().status == 413


def test_other_methods_are_refused(reporter):
    answer = reporter.get("/v1/outcomes")
    assert answer.status_code == 405 and answer.headers["allow"] == "POST"


def test_who_may_report(scored):
    anonymous = httpx.Client(base_url=scored.url, verify=False)
    assert report(anonymous, outcome("x")).status_code == 401
    with new_client(scored, token=scored.new_token("predict")) as client:
        assert report(client, outcome("x")).json()["code"] == "scope-missing"


def test_a_token_for_one_route_reports_for_that_one(scored, reporter):
    [id] = predict(reporter)
    [other] = predict(reporter, route="plain")
    token = scored.new_token("outcome", "predict", more=("--route", "plain"))
    with new_client(scored, token=token) as client:
        assert results(client, [outcome(id), outcome(other)]) == ["forbidden", "unknown-name"]


def test_clients_that_go_away_leave_nothing_open(scored, reporter):
    ids = predict(reporter, rows=20)
    for id in ids:
        with H1Peer(scored) as peer:
            peer.send(request(path="/v1/outcomes", token=scored.token, body=json.dumps(outcome(id)).encode()))
    stored = eventually(lambda: all(result == "duplicate" for result in results(reporter, [outcome(id) for id in ids])) or True, within=5)
    assert stored and scored.is_well()


def test_a_locked_ledger_stops_outcomes_alone(launch, scored_routes):
    server = launch(routes=scored_routes)
    token = server.new_token("predict", "outcome")
    with new_client(server, token=token) as client:
        [id] = predict(client)
        with contextlib.closing(sqlite3.connect(server.state / "ledger.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = report(client, outcome(id))
            assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1, answer.text
            assert answer.json()["code"] == "ledger-locked"
            predict(client)
            other.execute("ROLLBACK")
        assert report(client, outcome(id)).json() == {"outcome": "recorded"}
    assert "locked" in server.log()


def test_outcomes_outlive_a_kill(launch, scored_routes):
    server = launch(routes=scored_routes)
    server.token = server.new_token("predict", "outcome")
    with new_client(server) as client:
        ids = predict(client, rows=10)
        assert set(results(client, [outcome(id) for id in ids])) == {"recorded"}
    server.process.kill()
    server.process.wait()
    server.restart()
    with new_client(server) as client:
        assert set(results(client, [outcome(id) for id in ids])) == {"duplicate"}


def test_an_orderly_end_leaves_nothing_in_shared_memory(launch, scored_routes):
    server = launch(routes=scored_routes)
    assert list(server.shared_memory.glob("*.cells"))
    assert server.stop() == 0
    assert not server.shared_memory.exists()


def test_outcomes_are_counted_by_route_and_name(launch, scored_routes):
    server = launch(routes=scored_routes)
    token = server.new_token("predict", "outcome", "view")
    with new_client(server, token=token) as client:
        ids = predict(client, rows=2)
        results(client, [outcome(ids[0]), outcome(ids[0]), outcome(ids[1], "nonsense"), outcome("x")])
    with httpx.Client(verify=False, headers={"authorization": f"Bearer {token}"}) as viewer:
        text = viewer.get(f"https://localhost:{server.control_port}/metrics").text
    counted = {tuple(labels.values()): value for name, labels, value in parse_metrics(text) if name == "weir_outcomes_total"}
    assert counted == {
        ("scored", "clicked", "recorded"): 1, ("scored", "clicked", "duplicate"): 1, ("scored", "", "unknown-name"): 1, ("", "", "forged"): 1}


def test_counters_of_a_deleted_ledger_do_not_stop_a_start(launch, scored_routes):
    """What a killed server counted lies in shared memory, which outlives the state folder."""
    server = launch(routes=scored_routes)
    with new_client(server) as client:
        predict(client, rows=10, route="scored")
    server.process.kill()
    server.process.wait()
    shutil.rmtree(server.state)
    server.token = None
    server.restart()
    assert "is not counted (counters of another ledger)" in server.log()
    assert len(list((server.state / "recorder/archive").iterdir())) >= 1


@pytest.mark.parametrize("other", ["none", "a new one"])
def test_nothing_is_acknowledged_into_a_ledger_that_is_gone(launch, scored_routes, other):
    server = launch(routes=scored_routes)
    with new_client(server, token=server.new_token("predict", "outcome")) as client:
        [id] = predict(client)
        for file in server.state.glob("ledger.sqlite*"):
            file.unlink()
        if other == "a new one":
            server.make_token("predict", name="later")
        answer = report(client, outcome(id))
        assert answer.status_code == 503 and answer.json()["code"] == "ledger-failed"
        predict(client)
    assert "removed or replaced" in server.log()


def test_exposures_are_counted_in_rows(launch, scored_routes):
    """A body of twenty rows is twenty predictions, of which each may have an outcome."""
    server = launch(routes=scored_routes)
    token = server.new_token("predict", "view")
    with new_client(server, token=token) as client:
        predict(client, rows=20)
        predict(client)
    with httpx.Client(verify=False, headers={"authorization": f"Bearer {token}"}) as viewer:
        text = viewer.get(f"https://localhost:{server.control_port}/metrics").text
    exposures = [value for name, labels, value in parse_metrics(text) if name == "weir_exposures_total" and labels["route"] == "scored"]
    assert sum(exposures) == 21


def test_clients_that_do_not_wait_for_the_commit_are_counted(launch, scored_routes):
    """They have no answer, and what they sent is stored all the same."""
    server = launch(routes=scored_routes)
    token = server.new_token("predict", "outcome", "view")

    def gone():
        with httpx.Client(verify=False, headers={"authorization": f"Bearer {token}"}) as viewer:
            text = viewer.get(f"https://localhost:{server.control_port}/metrics").text
        return sum(value for name, labels, value in parse_metrics(text) if name == "weir_requests_total" and labels["code"] == "499")

    with new_client(server, token=token) as client:
        [id] = predict(client)
        with contextlib.closing(sqlite3.connect(server.state / "ledger.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with H1Peer(server) as peer:
                peer.send(request(path="/v1/outcomes", token=token, body=json.dumps(outcome(id)).encode()))
                eventually(lambda: server.get("/readyz")[0] == 200, within=2)
                peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes with a reset
            eventually(lambda: gone() == 1, within=5, what="a request whose client went away")
            other.execute("ROLLBACK")
        eventually(lambda: results(client, [outcome(id)]) == ["duplicate"], within=5, what="the outcome")
