"""One more try on another variant, and what answers when there is none: the caller sees an answer, the books see who failed."""

import pytest

import troubles
from conftest import new_client
from gateway import Gateway, eventually
from steps import ask, ask_all, total, units_of
from troubles import FAILS, NOT_A_NUMBER, steady, troubled

CONSTANT = 'fallback: { body: { label: unknown, scores: [0.5, 0.5], "why": null } }'
UNKNOWN = {"label": "unknown", "scores": [0.5, 0.5], "why": None}


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("retry-routes")
    halves = {"champion": (steady, 50), "challenger": (troubled, 50)}
    both = {"champion": (troubled, 50), "challenger": (troubled, 50)}
    spare = halves | {"spare": (steady, 0)}
    always, unguarded = "retry: { budget: 100 }", "breaker: off"
    troubles.add_route(folder, "again", f"{always}\n{unguarded}", **halves)
    troubles.add_route(folder, "guarded", f"{always}\nbreaker: {{ open: 60s }}", **halves)
    troubles.add_route(folder, "budgeted", f"retry: true\n{unguarded}", **halves)
    troubles.add_route(folder, "plenty", f"retry: true\n{unguarded}", **halves)
    troubles.add_route(folder, "twice", f"{always}\n{unguarded}", **both)
    troubles.add_route(folder, "spare", f"fallback: {{ variant: spare }}\n{unguarded}", **spare)
    troubles.add_route(folder, "constant", f"{CONSTANT}\n{unguarded}", **halves)
    troubles.add_route(folder, "status", f"fallback: {{ body: [], status: 503 }}\n{unguarded}", **halves)
    troubles.add_route(folder, "both", f"{always}\n{CONSTANT}\n{unguarded}", **both)
    troubles.add_route(folder, "last", f"{CONSTANT}\nbreaker: {{ open: 60s }}", only=(troubled, 1))
    server = Gateway(tmp_path_factory.mktemp("retry"), certs, folder, arguments=["--metrics-open"]).start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def client(server):
    with new_client(server) as opened:
        yield opened


@pytest.mark.parametrize("trouble", [FAILS, NOT_A_NUMBER], ids=["errors", "no numbers"])
def test_nobody_sees_a_failure(client, trouble):
    assert set(ask_all(client, "again", units_of("challenger", 30, "again"), trouble)) == {(200, "champion", "retry")}
    assert set(ask_all(client, "again", units_of("champion", 10, "again"), trouble)) == {(200, "champion", "assigned")}


def test_the_answer_is_the_other_variant_s(client):
    """The champion finds this row low, the challenger high."""
    [unit] = units_of("challenger", 1, "again")
    row = {"a": 10, "b": 0}
    assert client.predict(row, route="again", x_user_id=unit).json()["label"] == "high"
    answer = client.predict({**row, "trouble": FAILS}, route="again", x_user_id=unit)
    assert answer.json()["label"] == "low" and answer.headers["x-weir-prediction"] == answer.json()["id"]


def test_zero_failures_until_the_breaker_takes_over(client):
    answers = ask_all(client, "guarded", units_of("challenger", 40, "guarded"), FAILS)
    assert answers == [(200, "champion", "retry")] * 5 + [(200, "champion", "breaker")] * 35


def test_the_exposure_is_the_assigned_variant_s(server, client):
    def exposures(variant):
        return total(server, "weir_exposures_total", route="again", variant=variant)

    before = exposures("challenger"), exposures("champion")
    ask_all(client, "again", units_of("challenger", 25, "again", first=3_000), FAILS)
    eventually(lambda: exposures("challenger") == before[0] + 25, within=5, what="the count")
    assert exposures("champion") == before[1]


def test_three_in_ten_seconds_are_always_allowed(client):
    """A tenth of thirty requests is no more than that."""
    answers = ask_all(client, "budgeted", units_of("challenger", 30, "budgeted"), FAILS)
    assert answers.count((200, "champion", "retry")) == 3
    assert answers.count((500, "challenger", "assigned")) == 27


def test_a_tenth_of_the_requests_may_be_tried_again(client):
    ask_all(client, "plenty", units_of("champion", 150, "plenty"))
    answers = ask_all(client, "plenty", units_of("challenger", 50, "plenty"), FAILS)
    assert 15 <= answers.count((200, "champion", "retry")) <= 20, "a tenth of 150 to 200"


def test_there_is_no_third_try(client):
    for answer in ask_all(client, "twice", units_of("challenger", 10, "twice"), FAILS):
        assert answer.status == 500


def test_a_named_variant_answers_instead(client):
    """Only for those whose own variant failed; nobody is assigned to it."""
    assert set(ask_all(client, "spare", units_of("challenger", 20, "spare"), FAILS)) == {(200, "spare", "fallback")}
    assert set(ask_all(client, "spare", units_of("champion", 20, "spare"), FAILS)) == {(200, "champion", "assigned")}


def fallen(client, route, variant="challenger", trouble=FAILS):
    weights = {"only": 1} if variant == "only" else {"champion": 50, "challenger": 50}
    [unit] = units_of(variant, 1, route, weights)
    return client.predict({"a": 1, "b": 2, "trouble": trouble}, route=route, x_user_id=unit)


@pytest.mark.parametrize("trouble", [FAILS, NOT_A_NUMBER], ids=["errors", "no numbers"])
def test_a_constant_answers_instead(client, trouble):
    answer = fallen(client, "constant", trouble=trouble)
    assert (answer.status_code, answer.headers["x-weir-reason"]) == (200, "fallback")
    assert answer.headers["content-type"].startswith("application/json") and answer.json() == UNKNOWN


def test_a_constant_may_have_a_status_of_its_own(client):
    answer = fallen(client, "status")
    assert (answer.status_code, answer.json(), answer.headers["x-weir-reason"]) == (503, [], "fallback")


def test_the_constant_comes_after_the_second_try(client):
    answer = fallen(client, "both")
    assert (answer.status_code, answer.json(), answer.headers["x-weir-reason"]) == (200, UNKNOWN, "fallback")


def test_the_last_live_variant_falls_back_too(client):
    """Open or not: every failed answer is the constant, and every other one the model's."""
    for _ in range(30):
        assert fallen(client, "last", "only").json() == UNKNOWN
    assert ask(client, "last", "anybody")[:2] == (200, "only")


def test_a_caller_s_mistake_has_no_second_try_and_no_fallback(client):
    for route in ("again", "constant", "spare"):
        [unit] = units_of("challenger", 1, route)
        assert client.predict({"a": "one"}, route=route, x_user_id=unit).status_code == 400
