"""Running it: state, tokens, splits, health, metrics and logs."""

import datetime
import json
import os
import threading
import time
from pathlib import Path

import pytest

from conftest import new_client
from gateway import eventually, parse_metrics, run_weir
from test_answers import assigned

ROW = {"a": 1, "b": 2}
SOON = 1.0
"""Seconds within which a running server follows a change."""


@pytest.fixture
def own(launch):
    return launch()


def test_it_prints_its_addresses_before_it_is_ready(gateway):
    printed = [line for line in gateway.lines if line.startswith("weir: ")]
    data = printed.index(f"weir: data plane  https://127.0.0.1:{gateway.port}")
    control = printed.index(f"weir: control plane https://127.0.0.1:{gateway.control_port}")
    assert max(data, control) < next(i for i, line in enumerate(printed) if line.startswith("weir: ready"))


def test_a_second_server_on_the_same_state_refuses(gateway):
    result = run_weir("serve", "--state", gateway.state, "--routes", gateway.routes, "--certs", gateway.certs,
                      "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
    assert result.returncode != 0 and str(gateway.state) in result.stderr, result
    assert gateway.is_well()


def test_a_port_that_is_taken_is_named(gateway, tmp_path):
    result = run_weir("serve", "--state", tmp_path / "state", "--routes", gateway.routes, "--certs", gateway.certs,
                      "--listen", f"127.0.0.1:{gateway.port}", "--control", "127.0.0.1:0")
    assert result.returncode != 0 and str(gateway.port) in result.stderr, result


def test_missing_certificates_are_named(gateway, tmp_path):
    result = run_weir("serve", "--state", tmp_path / "state", "--routes", gateway.routes, "--certs", tmp_path, "--listen", "127.0.0.1:0")
    assert result.returncode != 0 and "server.pem" in result.stderr, result


def test_flags_can_be_set_by_the_environment(gateway, monkeypatch, tmp_path):
    """A value that is none is complained about by the flag's name."""
    monkeypatch.setenv("WEIR_REACTORS", "nonsense")
    result = run_weir("serve", "--state", tmp_path / "state", "--routes", gateway.routes, "--certs", gateway.certs, "--listen", "127.0.0.1:0")
    assert result.returncode != 0 and "reactors" in result.stderr.lower(), result


@pytest.mark.parametrize("count", [0, 255])
def test_more_reactors_than_ids_can_name_are_refused(gateway, tmp_path, count):
    result = run_weir("serve", "--state", tmp_path / "state", "--routes", gateway.routes, "--certs", gateway.certs, "--reactors", count)
    assert result.returncode != 0 and "between 1 and 254" in result.stderr, result


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["token", "create", "--help"], ["check", "--help"], ["split", "--help"]])
def test_help(words):
    result = run_weir(*words)
    assert result.returncode == 0 and "USAGE" in result.stdout.upper()


def test_version():
    result = run_weir("--version")
    assert result.returncode == 0 and result.stdout.strip()[0].isdigit()


def test_state_is_private(gateway):
    for path in [gateway.state, *gateway.state.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"


# Tokens


def test_a_token_is_printed_alone_and_stored_nowhere(own):
    token = own.weir("token", "create", "--state", own.state, "--name", "once", "--scope", "predict")
    assert len(token.split()) == 1 and len(token) >= 32
    for path in own.state.rglob("*"):
        assert not path.is_file() or token.encode() not in path.read_bytes(), f"{path} holds the token itself"
    assert "once" in own.weir("token", "list", "--state", own.state) and token not in own.weir("token", "list", "--state", own.state)


def status(server, token):
    with new_client(server, token=token) as client:
        return client.predict(ROW).status_code


def test_a_new_token_is_known_soon(own):
    token = own.make_token()
    eventually(lambda: status(own, token) == 200, within=SOON, what="the new token")


def test_a_revoked_token_is_refused_soon(own):
    """On a connection that had been let in with it, too."""
    token = own.new_token(name="leaver")
    with new_client(own, token=token) as client:
        assert client.predict(ROW).status_code == 200
        own.weir("token", "revoke", "leaver", "--state", own.state)
        eventually(lambda: client.predict(ROW).status_code == 401, within=SOON, what="the refusal")
    assert status(own, own.token) == 200, "the other token is still good"


def test_an_expired_token_is_refused(own):
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3)
    token = own.new_token(more=("--expires", end.strftime("%Y-%m-%dT%H:%M:%SZ")))
    eventually(lambda: status(own, token) == 401, within=5, what="its end")


# Splits


def test_a_split_is_followed_soon_and_nobody_fails(own):
    """Clients ask without pause while the weights go back and forth."""
    failures, seen, over = [], {}, threading.Event()

    def ask(http2):
        with new_client(own, http2=http2) as client:
            while not over.is_set():
                answer = client.predict(ROW, x_user_id="u-1")
                if answer.status_code == 200:
                    seen.setdefault(int(answer.headers["x-weir-revision"]), set()).add(answer.headers["x-weir-variant"])
                else:
                    failures.append(answer.text)

    threads = [threading.Thread(target=ask, args=(http2,)) for http2 in (False, True)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: seen, within=5, what="an answer")
        expected = dict(seen)
        for number, (champion, challenger) in enumerate([(0, 100), (100, 0)] * 2, start=max(seen) + 1):
            own.split(f"champion={champion}", f"challenger={challenger}")
            eventually(lambda: number in seen, within=SOON, what=f"revision {number}")
            expected[number] = {"champion" if champion else "challenger"}
    finally:
        over.set()
        for thread in threads:
            thread.join(10)
    assert not failures
    assert seen == expected, "a revision is one split, and there are no others"


def test_a_split_moves_only_what_it_must(own):
    units = [f"m-{i}" for i in range(200)]
    with new_client(own) as client:
        first = int(client.predict(ROW).headers["x-weir-revision"])
        own.split("champion=50", "challenger=50")
        eventually(lambda: int(client.predict(ROW).headers["x-weir-revision"]) > first, within=SOON, what="the revision")
        found = {unit: client.predict(ROW, x_user_id=unit).headers["x-weir-variant"] for unit in units}
    assert found == {unit: assigned(unit, weights={"champion": 50, "challenger": 50}) for unit in units}
    before = {unit: assigned(unit) for unit in units}
    assert all(found[unit] == "challenger" for unit in units if before[unit] == "challenger"), "nobody leaves the variant that grew"


def test_history_tells_who_and_why(own):
    own.split("champion=70", "challenger=30", why="more evidence")
    history = own.weir("history", "probe", "--state", own.state)
    assert "more evidence" in history and "70" in history and "30" in history


@pytest.mark.parametrize("weights", [["champion=-1"], ["champion=x"], ["nobody=1"], ["champion=0", "challenger=0"], ["champion=nan"]])
def test_an_impossible_split_is_refused(own, weights):
    result = run_weir("split", "probe", *weights, "--why", "a test", "--state", own.state)
    assert result.returncode != 0 and result.stderr.strip(), result
    with new_client(own) as client:
        assert client.predict(ROW).status_code == 200


def test_a_split_outlives_the_server(own):
    own.split("champion=0", "challenger=1")
    with new_client(own) as client:
        eventually(lambda: client.predict(ROW).headers["x-weir-variant"] == "challenger", within=SOON, what="the split")
    assert own.stop() == 0
    own.restart()
    with new_client(own) as client:
        assert {client.predict(ROW).headers["x-weir-variant"] for _ in range(20)} == {"challenger"}


# Health, metrics, logs


@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_on_both_ports(gateway, path, control):
    assert gateway.get(path, control=control)[0] == 200


def test_metrics_are_on_the_control_port_alone(gateway):
    assert gateway.get("/metrics")[0] in (401, 404)
    assert gateway.get("/metrics", control=True)[0] in (200, 401)


@pytest.fixture
def open_metrics(launch):
    return launch(arguments=["--metrics-open"])


def test_metrics_count_what_happened(open_metrics):
    server = open_metrics
    with new_client(server) as client:
        for i in range(30):
            assert client.predict(ROW, x_user_id=f"u-{i}").status_code == 200
        for _ in range(5):
            assert client.predict({"a": 1}).status_code == 400
    code, headers, text = server.get("/metrics", control=True)
    assert code == 200 and headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = parse_metrics(text)
    assert len({(name, tuple(sorted(labels.items()))) for name, labels, _ in samples}) == len(samples), "a series came twice"
    typed = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    families = {name if name in typed else name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name, _, _ in samples}
    assert families <= typed, families - typed
    requests = [(labels, value) for name, labels, value in samples if name == "weir_requests_total" and labels["route"] == "probe"]
    assert sum(value for labels, value in requests if labels["code"] == "200") == 30
    assert sum(value for labels, value in requests if labels["code"] == "400") == 5
    assert {labels["variant"] for labels, value in requests if labels["code"] == "200" and value} <= {"champion", "challenger"}
    check_histogram(samples, count=30)
    assert any(name == "weir_build_info" and value == 1 for name, _, value in samples)


def check_histogram(samples, count):
    """Buckets grow, the last one is +Inf and equals the count."""
    series = {}
    for name, labels, value in samples:
        if name.endswith("_bucket"):
            key = (name, *sorted((k, v) for k, v in labels.items() if k != "le"))
            series.setdefault(key, []).append((float(labels["le"]), value))
    assert series
    for key, buckets in series.items():
        bounds, values = zip(*buckets)
        assert list(bounds) == sorted(bounds) and list(values) == sorted(values) and bounds[-1] == float("inf"), key
    total = sum(buckets[-1][1] for key, buckets in series.items() if ("route", "probe") in key)
    assert total >= count


def test_logs_hold_no_secret_and_no_feature(launch):
    server = launch()
    with new_client(server) as client:
        assert client.predict({"a": 123.4567, "b": -765.4321}, x_user_id="unit-of-ann").status_code == 200
        assert client.predict({"a": "9731.2468", "b": 2}).status_code == 400
    with new_client(server, token="not-a-real-token-8642") as client:
        assert client.predict(ROW).status_code == 401
    assert server.stop() == 0
    log = server.log()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    answered = sorted(line["http.response.status_code"] for line in lines if line["message"] == "request")
    assert answered == [200, 400, 401], "one access line a request"
    for secret in (server.token, "not-a-real-token-8642", "123.4567", "765.4321", "9731.2468", "unit-of-ann"):
        assert secret not in log


def test_a_server_at_rest_rests(gateway):
    before = gateway.cpu_seconds()
    time.sleep(1)  # rest has no event to wait for
    assert gateway.cpu_seconds() - before < 0.1


def test_descriptors_do_not_leak(own):
    def descriptors():
        return len(os.listdir(f"/proc/{own.worker_pid}/fd"))

    def round_trip():
        with new_client(own) as client:
            assert client.predict(ROW).status_code == 200

    round_trip()
    before = descriptors()
    for _ in range(50):
        round_trip()
    eventually(lambda: descriptors() <= before + 2, within=5, what="closing")


def test_who_keeps_records_steps_back_behind_who_answers(gateway):
    nice = {}
    for task in Path(f"/proc/{gateway.worker_pid}/task").iterdir():
        nice[(task / "comm").read_text().strip()] = int((task / "stat").read_text().rsplit(")", 1)[1].split()[16])
    assert nice["weir-reactor0"] == nice["weir-outcomes"] == 0
    assert nice["weir-records"] == 10 and nice["weir-keeper"] == 5
