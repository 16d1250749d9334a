"""The report of a route: what each variant did, by the numbers that clients saw."""

import json
from collections import Counter

import httpx
import pytest

import models
from conftest import new_client
from gateway import eventually, run_weir
from peers import tls_context

ROW = {"a": 1, "b": 2}
PATH = "/api/v1/routes/scored/report"


@pytest.fixture(scope="session")
def scored_routes(tmp_path_factory):
    return models.write_scored_routes(tmp_path_factory.mktemp("report-routes"))


@pytest.fixture
def server(launch, scored_routes):
    server = launch(routes=scored_routes)
    server.token = server.new_token("predict", "outcome", "override", "view")
    return server


def control(server, path=PATH, token=None):
    with httpx.Client(base_url=f"https://localhost:{server.control_port}", verify=tls_context(server.certs, alpn=()), timeout=10) as client:
        return client.get(path, headers={"authorization": f"Bearer {token or server.token}"})


def from_server(server):
    answer = control(server)
    assert answer.status_code == 200, answer.text
    return answer.json()


def from_files(server):
    return json.loads(server.weir("report", "scored", "--state", server.state, "--json"))


def variants(report):
    return {variant["name"]: variant for variant in report["variants"]}


def counters(report):
    """The part that does not change with time while nobody asks for anything."""
    kept = {key: value for key, value in report.items() if key not in ("as_of", "outcomes_as_of", "notes", "serving")}
    kept["variants"] = [{key: value for key, value in variant.items() if key != "outcomes"} for variant in report["variants"]]
    return kept


class Seen:
    """What a client saw, by variant, and under which revision."""

    def __init__(self):
        self.exposures, self.rows, self.revisions, self.overrides, self.refused = Counter(), Counter(), Counter(), Counter(), 0
        self.ids = {}

    def ask(self, server, count):
        with new_client(server) as client:
            for number in range(count):
                rows = 1 + number % 3
                body = {"instances": [ROW if number % 7 else {"a": 1}] * rows}
                choice = {"x_weir_variant": "challenger"} if number % 10 == 9 else {}
                answer = client.predict(body, route="scored", x_user_id=f"user-{len(self.ids)}-{number}", **choice)
                if answer.status_code == 400:
                    self.refused += 1
                    continue
                assert answer.status_code == 200, answer.text
                variant, revision = answer.headers["x-weir-variant"], int(answer.headers["x-weir-revision"])
                if choice:
                    assert answer.headers["x-weir-reason"] == "override"
                    self.overrides[variant] += 1
                else:
                    self.exposures[variant] += 1
                    self.rows[variant] += rows
                    self.revisions[revision, variant] += 1
                    self.ids[answer.json()["ids"][0]] = variant

    def report(self, server):
        """The server's report, compared in every counter that a client can know."""
        total = sum(self.exposures.values())
        report = eventually(lambda: is_complete(from_server(server), total), within=5, what="the last answer's counters")
        assert {name: figures["exposures"] for name, figures in variants(report).items()} == dict(self.exposures)
        for name, figures in variants(report).items():
            assert figures["classes"]["ok"] == figures["served"]["assigned"] == figures["latency"]["count"] == self.exposures[name]
            assert (figures["rows"], figures["overrides"]) == (self.rows[name], self.overrides[name])
        assert report["exposures"] == sum(self.exposures.values())
        assert report["refused_before_assignment"] == {"400": self.refused}
        assert {(revision["number"], part["name"]): part["exposures"] for revision in report["revisions"] for part in revision["variants"]
                if part["exposures"]} == dict(self.revisions)
        return report


def is_complete(report, exposures):
    """The report, once an answer that a client has is timed too."""
    return report if sum(figures["latency"]["count"] for figures in report["variants"]) >= exposures else None


def test_a_report_is_what_clients_saw_before_and_after_a_kill_and_a_move(server):
    seen = Seen()
    seen.ask(server, 60)
    assert counters(from_files(server)) == counters(seen.report(server))

    server.split("champion=10", "challenger=90", route="scored")
    eventually(lambda: control(server, "/api/v1/routes/scored").json()["revision"] == 2, within=5, what="revision 2")
    seen.ask(server, 60)
    first, second = (sum(number for (revision, _), number in seen.revisions.items() if revision == wanted) for wanted in (1, 2))
    report = seen.report(server)
    assert [revision["number"] for revision in report["revisions"]] == [2, 1]
    assert variants(report)["champion"]["expected_exposures"] == pytest.approx(first / 2 + second / 10)
    assert variants(report)["champion"]["share"] == 0.1
    # Revision 1 is over: its counters go from their file to the ledger, and stay the same.
    last = counters(report)

    server.process.kill()
    server.process.wait()
    assert counters(from_files(server)) == last
    server.restart()
    assert counters(from_server(server)) == last
    seen.ask(server, 40)
    last = counters(seen.report(server))
    assert server.stop() == 0
    assert counters(from_files(server)) == last


def test_outcomes_wait_until_their_window_is_over(server):
    """Clicks count an hour after their prediction: until then they are there, and in no mean."""
    seen = Seen()
    seen.ask(server, 30)
    items = [{"prediction": id, "name": "clicked", "value": place % 2} for place, id in enumerate(seen.ids)]
    with new_client(server) as client:
        assert client.post("/v1/outcomes", json=items).status_code == 200

    def clicks():
        found = {name: next(o for o in figures["outcomes"] if o["name"] == "clicked") for name, figures in variants(from_server(server)).items()}
        return found if sum(outcome["maturing"] for outcome in found.values()) == len(items) else None

    found = eventually(clicks, within=10, what="outcomes in the sums")
    for name, outcome in found.items():
        assert outcome["maturing"] == sum(variant == name for variant in seen.ids.values())
        assert outcome["n"] == 0 and "mean" not in outcome and outcome["window_s"] == 3600
    assert from_server(server)["outcomes_as_of"]


def test_who_may_read_reports(server):
    assert control(server, token=server.new_token("predict")).json()["code"] == "scope-missing"
    other = server.new_token("view", more=("--route", "plain"))
    assert (control(server, token=other).status_code, control(server, token=other).json()["code"]) == (403, "route-forbidden")
    assert control(server, "/api/v1/routes/plain/report", token=other).status_code == 200
    assert (control(server, "/api/v1/routes/nothing/report").status_code, control(server, PATH + "?deep=1").status_code) == (404, 400)


def test_the_command_prints_a_table_and_names_the_routes_it_knows(server):
    seen = Seen()
    seen.ask(server, 20)
    lines = server.weir("report", "scored", "--state", server.state).splitlines()
    cells = [line.split() for line in lines]
    exposures = next(words for words in cells if words[:1] == ["exposures"])
    assert exposures[1:] == [str(seen.exposures[name]) for name in ("champion", "challenger")]
    assert any(words[:2] == ["p99"] + words[1:2] for words in cells) and all(len(line) <= 120 for line in lines)
    unknown = run_weir("report", "scores", "--state", server.state)
    assert unknown.returncode == 1 and "plain, scored" in unknown.stderr
