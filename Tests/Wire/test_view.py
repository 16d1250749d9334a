"""What is seen of a variant that fails: the same in metrics, report, command and control plane, with every number as clients saw it."""

import json

import pytest

import troubles
from conftest import new_client
from gateway import Gateway, eventually, parse_metrics
from steps import FAILS, HALVES, ask, ask_all, open_breaker, units_of
from test_report import control
from troubles import NOT_A_NUMBER, steady, troubled

STAYS = "breaker: { open: 60s, calls: 100000 }"


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("view-routes")
    halves = {"champion": (steady, 50), "challenger": (troubled, 50)}
    for name in ("failing", "spoiled", "drilled"):
        troubles.add_route(folder, name, STAYS, **halves)
    troubles.add_route(folder, "observed", "breaker: { mode: observe, calls: 100000 }", **halves)
    troubles.add_route(folder, "quiet", STAYS, **halves)
    troubles.add_route(folder, "slow", "deadline: 10s", only=(troubled, 1, "run: workers"))
    troubles.add_route(folder, "ended", "deadline: 60ms", only=(troubled, 1, "run: inline"))
    server = Gateway(tmp_path_factory.mktemp("view"), certs, folder, arguments=["--metrics-open"])
    server.token = server.make_token("predict", "override", "view")
    yield server.start()
    assert server.discard() == 0


def metrics(server):
    """Value by name and labels."""
    return {(name, *sorted(labels.items())): value for name, labels, value in parse_metrics(server.get("/metrics", control=True)[2])}


def metric(server, name, **labels):
    return metrics(server).get((name, *sorted(labels.items())))


def breaker_of(server, route, variant="challenger"):
    """One variant's breaker as the control plane shows it."""
    answer = control(server, f"/api/v1/routes/{route}/breakers")
    assert answer.status_code == 200, answer.text
    return next(entry for entry in answer.json()["breakers"] if entry["variant"] == variant)


def serving(server, route, variant):
    """One variant as the report shows it while the server runs."""
    report = control(server, f"/api/v1/routes/{route}/report").json()
    return next(entry for entry in report["serving"]["variants"] if entry["name"] == variant)


def calls(breaker):
    """The calls of a breaker, without results that never were."""
    return {result: count for result, count in breaker["calls"].items() if count}


def test_a_trip_is_the_same_everywhere(server):
    other = open_breaker(server, "failing")
    with new_client(server) as client:
        assert ask(client, "failing", other, FAILS) == (200, "champion", "breaker")
    said = breaker_of(server, "failing")
    assert (said["mode"], said["state"], said["last_trip"], said["share"]) == ("enforce", "open", "in_a_row", 0)
    assert said["trips"] == 1 and said["trips_by_reason"] == {"in_a_row": 1} and calls(said) == {"failed": 5} and said["observed_trips"] == 0
    assert [(move["from"], move["to"], move["reason"]) for move in said["transitions"]] == [("closed", "open", "in_a_row")]
    assert said["since"] == said["transitions"][0]["at"] < said["next_probe"] and said["held"] == []

    labels = {"route": "failing", "variant": "challenger"}
    assert [metric(server, "weir_breaker_state", state=state, **labels) for state in ("closed", "open", "probing", "held")] == [0, 1, 0, 0]
    assert metric(server, "weir_breaker_trips_total", reason="in_a_row", **labels) == 1
    assert metric(server, "weir_breaker_trips_total", reason="probe_failed", **labels) == 0
    assert metric(server, "weir_breaker_observed_trips_total", **labels) == 0
    assert metric(server, "weir_breaker_calls_total", result="failed", **labels) == 5
    assert metric(server, "weir_breaker_served_ratio", **labels) == 0
    assert metric(server, "weir_served_elsewhere_total") >= 1

    report = control(server, "/api/v1/routes/failing/report").json()
    challenger = serving(server, "failing", "challenger")
    assert challenger["breaker"]["state"] == "open" and challenger["model"]["runs"] == "inline"
    figures = {variant["name"]: variant for variant in report["variants"]}
    assert figures["challenger"]["observed_share"] == 1 and figures["challenger"]["served"] == {"assigned": 5}
    assert figures["champion"]["served"] == {"breaker": 1}
    assert figures["champion"]["served_share"] == pytest.approx(1 / 6)


def test_a_command_shows_what_the_server_says(server):
    open_breaker(server, "spoiled", trouble=NOT_A_NUMBER)

    def said():
        answer = json.loads(server.weir("breaker", "spoiled", "--state", server.state, "--json"))
        return next((entry for entry in answer["breakers"] if entry.get("state") == "open"), None)

    entry = eventually(said, within=10, what="the breaker in the state folder")
    now = breaker_of(server, "spoiled")
    assert entry["variant"] == "challenger" and calls(entry) == calls(now) == {"invalid": 5}
    text = server.weir("breaker", "spoiled", "--state", server.state)
    assert "challenger may be probed from" in text and "in a row" in text
    report = server.weir("report", "spoiled", "--state", server.state)
    assert "Serving as of" in report and "served share" in report
    assert max(len(line) for line in text.splitlines()) <= 110, text


def test_a_fault_for_practice_counts_as_one(server):
    server.weir("fault", "drilled", "challenger", "--abort", "--share", "100", "--for", "10m", "--why", "drill", "--state", server.state)
    units = units_of("challenger", 8, "drilled")
    with new_client(server) as client:
        eventually(lambda: ask(client, "drilled", units[0]).status == 500, within=5, what="the fault")
        answers = ask_all(client, "drilled", units[1:])
    assert {answer.status for answer in answers} == {500, 200}
    faulted = breaker_of(server, "drilled")["calls"]["faulted"]
    assert faulted >= 5 and metric(server, "weir_faults_injected_total") >= faulted
    [fault] = control(server, "/api/v1/routes/drilled/report").json()["faults"]
    assert (fault["variant"], fault["kind"], fault["percent"]) == ("challenger", "abort", 100)


def test_a_breaker_that_observes_says_what_it_would_have_done(server):
    with new_client(server) as client:
        ask_all(client, "observed", units_of("challenger", 6, "observed"), FAILS)
    said = breaker_of(server, "observed")
    assert (said["mode"], said["state"], said["observed_trips"], said["trips"], said["last_trip"]) == ("observe", "closed", 1, 0, "in_a_row")
    assert metric(server, "weir_breaker_observed_trips_total", route="observed", variant="challenger") == 1


def test_who_was_never_asked_has_no_series(server):
    names = {labels.get("variant"): name for name, labels, _ in parse_metrics(server.get("/metrics", control=True)[2])
             if labels.get("route") == "quiet" and name.startswith(("weir_breaker", "weir_variant_held"))}
    assert names == {}
    assert breaker_of(server, "quiet")["state"] == "closed"


def test_workers_are_shown_where_a_model_has_them(server):
    model = serving(server, "slow", "only")["model"]
    assert (model["runs"], model["runs_because"], model["waiting_rows"]) == ("workers", "pinned", 0) and model["workers"] >= 1
    assert model["row_us"] > 0
    assert metric(server, "weir_worker_threads", route="slow", variant="only") == model["workers"]
    assert metric(server, "weir_worker_queue_rows", route="slow", variant="only") == 0
    assert metric(server, "weir_worker_threads", route="failing", variant="champion") is None


def test_a_call_that_had_to_be_ended_is_counted_told_and_moves_the_model(server):
    with new_client(server) as client:
        assert ask(client, "ended", "unit", spin=troubles.ENDLESS).status == 504
    assert serving(server, "ended", "only")["model"]["ended_calls"] == 1 and calls(breaker_of(server, "ended", "only")) == {"late": 1}
    assert metric(server, "weir_model_calls_terminated_total") >= 1

    def line():
        lines = [json.loads(text) for text in server.lines if text.startswith("{")]
        return next((said for said in lines if said["message"] == "calls of a model were ended at their deadline"), None)

    told = eventually(line, within=5, what="the line")
    assert (told["event.action"], told["weir.route"], told["weir.variant"], told["weir.calls"]) == ("terminate", "ended", "only", "1"), told
    model = eventually(lambda: (model := serving(server, "ended", "only")["model"])["runs"] == "workers" and model, within=5, what="the move")
    assert model["runs_because"] == "moved"
