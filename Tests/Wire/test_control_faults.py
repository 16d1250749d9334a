"""Faults for practice and held variants over the control plane: in force when it is answered, audited, over when it is said."""

import sqlite3

import pytest

from conftest import new_client
from gateway import eventually
from test_control import ROW, check, control, verify_audit

FAULTS = "/api/v1/routes/probe/faults"
BREAKERS = "/api/v1/routes/probe/breakers"
DRILL = {"variant": "champion", "kind": "abort", "reason": "drill"}


@pytest.fixture
def own(launch):
    return launch()


@pytest.fixture(params=[False, True], ids=["h1", "h2"])
def ann(own, request):
    """Somebody who may view and adjust, over either version."""
    with control(own, own.new_token("view", "adjust", name="ann"), http2=request.param) as client:
        yield client


def statuses(server, count=40):
    """How as many units are answered: by the variant that served."""
    with new_client(server) as client:
        answers = [client.predict(ROW, x_user_id=f"u-{number}") for number in range(count)]
    return {(answer.headers["x-weir-variant"], answer.status_code) for answer in answers}


def test_a_fault_is_in_force_when_it_is_answered_and_over_when_it_is_ended(own, ann):
    assert {status for _, status in statuses(own)} == {200}
    answer = check(ann.post(FAULTS, json=DRILL | {"percent": 100, "seconds": 60}), 201)
    fault = answer.json()
    assert (fault["fault"], fault["kind"], fault["percent"], fault["author"], fault["in_force"]) == (1, "abort", 100, "ann", True)
    with new_client(own) as client:
        failed = [client.predict(ROW, x_user_id=f"u-{number}").status_code for number in range(3)]
    assert 500 in failed
    assert check(ann.get(FAULTS), 200).json()["faults"] == [fault]
    assert own.weir("fault", "probe", "--list", "--state", own.state).splitlines()[1].startswith("1   probe  champion")
    ended = check(ann.delete(FAULTS, params={"variant": "champion"}), 200).json()["faults"]
    assert [(entry["fault"], entry["in_force"]) for entry in ended] == [(1, False)] and ended[0]["ended"]
    assert check(ann.get(FAULTS), 200).json()["faults"] == []
    assert check(ann.delete(FAULTS), 200).json()["faults"] == []
    actions = [action for _, _, _, action, *_ in verify_audit(own)]
    assert actions[-2:] == ["fault.create", "fault.end"]


def test_a_fault_of_the_command_line_is_followed_and_reported(own, ann):
    own.weir("fault", "probe", "champion", "--delay", "5ms", "--share", "50", "--for", "1m", "--why", "drill", "--state", own.state)
    report = eventually(lambda: check(ann.get("/api/v1/routes/probe/report"), 200).json()["faults"], within=5)
    assert [(fault["kind"], fault["delay_ms"], fault["percent"]) for fault in report] == [("delay", 5, 50)]
    assert own.weir("fault", "probe", "--end", "--state", own.state) == "probe: fault 1 on champion is over: delay 5 ms for 50 % of units"
    assert check(ann.get("/api/v1/routes/probe/report"), 200).json()["faults"] == []


def test_a_crash_does_nothing_on_a_server_that_does_not_allow_it(own, ann):
    worker = own.workers()
    answer = check(ann.post(FAULTS, json=DRILL | {"kind": "crash"}), 201)
    assert answer.json()["in_force"] is False
    assert {status for _, status in statuses(own)} == {200}
    assert own.workers() == worker
    notes = check(ann.get("/api/v1/routes/probe/report"), 200).json()["notes"]
    assert any("--allow-crash-faults" in note for note in notes)


@pytest.mark.parametrize("body, code, field", [
    ({"variant": "nobody", "kind": "abort", "reason": "r"}, "fault-malformed", "variant"),
    ({"variant": "champion", "kind": "delay", "reason": "r"}, "fault-malformed", "delay_ms"),
    ({"variant": "champion", "kind": "abort", "seconds": 3601, "reason": "r"}, "fault-malformed", "seconds"),
    ({"variant": "champion", "kind": "abort"}, "body-malformed", "reason"),
])
def test_what_makes_no_sense_changes_nothing(own, ann, body, code, field):
    assert check(ann.post(FAULTS, json=body), 400, code).json()["field"] == field
    assert check(ann.get(FAULTS), 200).json()["faults"] == []


def test_who_may_not(own):
    for scopes, method, path, status in [
        (["view"], "POST", FAULTS, 403), (["view"], "DELETE", FAULTS, 403), (["adjust"], "GET", FAULTS, 403), (["adjust"], "GET", BREAKERS, 403),
        (["view"], "POST", BREAKERS + "/champion/release", 403), (["predict"], "GET", BREAKERS, 403),
    ]:
        with control(own, own.new_token(*scopes)) as client:
            check(client.request(method, path, json=DRILL if method == "POST" else None), status, "scope-missing")
    with control(own, own.new_token("view", "adjust", more=("--route", "linear"))) as client:
        check(client.get(FAULTS), 403, "route-forbidden")
        check(client.post(FAULTS, json=DRILL), 403, "route-forbidden")


def test_breakers_say_where_they_stand_and_a_held_variant_is_released(own, ann):
    breakers = {entry["variant"]: entry for entry in check(ann.get(BREAKERS), 200).json()["breakers"]}
    assert set(breakers) == {"champion", "challenger"}
    assert all(entry["state"] == "closed" and entry["share"] == 1 and entry["held"] == [] for entry in breakers.values())
    check(ann.post(BREAKERS + "/champion/release", json={"reason": "r"}), 409, "not-held")
    check(ann.post(FAULTS, json=DRILL), 201)
    assert eventually(lambda: statuses(own) and state(ann, "champion") in ("open", "probing"), within=10, what="a trip")
    assert ("challenger", 200) in statuses(own)
    entry = next(entry for entry in ann.get(BREAKERS).json()["breakers"] if entry["variant"] == "champion")
    assert entry["trips"] >= 1 and entry["calls"]["faulted"] >= 5 and entry["transitions"][0]["to"] == "open"


def test_the_rate_of_a_token_is_kept_and_told(own):
    secret = own.make_token("predict", name="app", more=("--rate", "2.5", "--burst", "7", "--rate-mode", "observe"))
    assert secret.startswith("weir_")
    assert "2.5 requests a second, 7 at once (observed)" in own.weir("token", "list", "--state", own.state)
    with sqlite3.connect(f"file:{own.state}/ledger.sqlite?mode=ro", uri=True) as ledger:
        assert ledger.execute("SELECT rate, burst, rate_mode FROM tokens WHERE name = 'app'").fetchone() == (2.5, 7, "observe")


def state(client, variant):
    return next(entry["state"] for entry in client.get(BREAKERS).json()["breakers"] if entry["variant"] == variant)
